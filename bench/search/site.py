"""The site's own production server on the bench's database: python -m bench.search.site

Prints its port when it takes requests; ends on SIGTERM. `prepare` is left out, which would import the seeds.
"""

import os
import sys
import tempfile
from pathlib import Path

from serving.front import Front
from serving.ports import open_port, raise_file_limit
from serving.site import Site


def main() -> None:
    listener = open_port("127.0.0.1", 0)
    port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="bench-site-") as folder:
        Site(
            listener=listener,
            front=Front(),
            var=Path(folder),
            static=Path(folder),
            prepare=[sys.executable, "-c", ""],
            application="operations.application:load",
            files=raise_file_limit(),
            workers=int(os.environ["WEB_CONCURRENCY"]),
        ).run(hold=lambda: None, announce=lambda address: print(port, flush=True))


if __name__ == "__main__":
    main()
