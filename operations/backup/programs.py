"""PostgreSQL's own programs. pg_dump reads servers up to its own version; pg_restore reads what pg_dumps up to its own
version have made. So the oldest that is new enough is taken: what it makes most servers can read.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.friendly import SetupError
from embedded_postgres.cluster import find_programs

# Where systems put them, beside PATH: Debian, Red Hat, Homebrew on both kinds of Mac, Postgres.app.
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/opt/libpq/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/opt/libpq/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


@dataclass(frozen=True)
class Programs:
    """A folder that has both pg_dump and pg_restore, and their major version."""

    folder: Path
    major: int

    @property
    def dump(self) -> Path:
        return self.folder / "pg_dump"

    @property
    def restore(self) -> Path:
        return self.folder / "pg_restore"


def fitting_programs(major: int, *, embedded: bool) -> Programs:
    """The oldest ones of at least this major version; raises SetupError where there are none.

    For a server of one's own those of the system come first: those of the embedded server know no TLS.
    """
    own = [find_programs()]
    for folders in [own] if embedded else [_system_folders(), own]:
        found = [programs for folder in folders if (programs := _programs(folder)) and programs.major >= major]
        if found:
            return min(found, key=lambda programs: programs.major)
    raise SetupError(
        f"缺少适合 PostgreSQL {major} 的 pg_dump 与 pg_restore：请安装 PostgreSQL {major} 的客户端程序"
        f"（Debian：postgresql-client-{major}），或用环境变量 PG_PROGRAMS 指明它们所在的文件夹"
    )


def _system_folders() -> list[Path]:
    named = [Path(folder) for folder in [os.environ.get("PG_PROGRAMS", "")] if folder]
    places = [folder for place in PLACES for folder in Path("/").glob(place.lstrip("/"))]
    return [*named, *places, *map(Path, os.get_exec_path())]


def _programs(folder: Path) -> Programs | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("pg_dump", "pg_restore")):
        return None
    told = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\) (\d+)", told)
    return Programs(folder, int(version[1])) if version else None
