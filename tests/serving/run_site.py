"""python -m tests.serving.run_site FOLDER: a site for the tests to break. Its workers run tests.serving.application."""

import os
import sys
from pathlib import Path

from serving.front import Front
from serving.ports import open_port, raise_file_limit
from serving.site import Failed, Site


def main() -> None:
    folder = Path(sys.argv[1])
    site = Site(
        listener=open_port(os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "0"))),
        front=Front.of(os.environ),
        var=folder / "var",
        static=folder / "static",
        prepare=[sys.executable, "-c", os.environ.get("PREPARE", "")],
        application="tests.serving.application:load",
        files=raise_file_limit(),
        worker_memory=int(os.environ.get("WORKER_MEMORY", "600")),
        background=[sys.executable, "-c", os.environ["BACKGROUND"]] if "BACKGROUND" in os.environ else None,
        background_memory=int(os.environ.get("BACKGROUND_MEMORY", "600")),
    )
    try:
        site.run(hold=lambda: None, announce=lambda address: print(address, flush=True))
    except Failed as failure:
        sys.exit(failure.code)


if __name__ == "__main__":
    main()
