"""Where the processes of the site put their figures together."""

import os
from pathlib import Path


def share_metrics(folder: Path) -> None:
    """Has prometheus_client, which must not be imported yet, keep its figures in files of the folder.

    Not as root: root only supervises, and files of its own would keep the site's account out.
    """
    if os.geteuid() != 0:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder))
