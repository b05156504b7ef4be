"""A backup is one file: what pg_dump has made (custom format), then a manifest, then a line of fixed length.

    <the dump><the manifest, JSON in UTF-8>anliku-backup 1 <bytes of the manifest> <SHA-256 of the manifest>\n

pg_restore reads the dump and never comes to what follows, so that a file of ours can be restored without us. The
manifest tells what has to be in the database that comes of it (see `examination`) and the dump's own SHA-256: a file
that is cut short, damaged or somebody else's is known before anything is done with it.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO

from config.friendly import SetupError, explain_os_error
from operations.backup.server import STAMP

FORMAT = 1
SUFFIX = ".backup"
BAD = ".bad"  # behind the suffix: what came of it was not what it was made of
PIECE = 1 << 20  # bytes
_END = "anliku-backup {format} {length:012d} {digest}\n"
_END_PATTERN = re.compile(rb"anliku-backup (\d+) (\d{12}) ([0-9a-f]{64})\n")
_END_LENGTH = len(_END.format(format=FORMAT, length=0, digest="0" * 64))
_LONGEST_MANIFEST = 64_000_000  # bytes
_FOREIGN = "不是案例库的备份，或者不完整"


@dataclass(frozen=True)
class Manifest:
    """What a backup has to hold.

    `label`: why it was made, "" if on demand; `made_at`: seconds since 1970; `major`: of the server; `dump_major`: of
    pg_dump; `size`: of the database, in bytes; `migrations`: applied ones, by app; `release`: of the code that made it
    (see `examination.release`); `roles`: that have rights on its tables; `contents`: see `examination.Contents`;
    `answers`: see `examination.Answers`, None where its tables were those of another release.
    """

    label: str
    made_at: float
    database: str
    major: int
    dump_major: int
    dump_bytes: int
    dump_digest: str
    size: int
    release: str
    migrations: dict[str, list[str]]
    roles: list[str]
    contents: dict[str, list]
    answers: list[list] | None = field(default=None)

    @cached_property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.made_at, UTC)

    @property
    def questions(self) -> list[str]:
        return [question for question, *_ in self.answers or []]

    @property
    def cases(self) -> int:
        return self.contents.get("table public.catalog_case", [0])[0]


@dataclass(frozen=True)
class Backup:
    """A file that ends as a backup does, with its manifest."""

    path: Path
    manifest: Manifest

    def verify(self) -> None:
        """Raises SetupError where the dump is not, byte by byte, what was written."""
        digest, left = hashlib.sha256(), self.manifest.dump_bytes
        with _opened(self.path) as file:
            while left and (piece := file.read(min(PIECE, left))):
                digest.update(piece)
                left -= len(piece)
        if left or digest.hexdigest() != self.manifest.dump_digest:
            raise SetupError(f"备份文件已损坏，没有用它：{self.path}")


def file_name(moment: datetime, label: str) -> str:
    return f"anliku-{moment.strftime(STAMP)}{f'-{label}' if label else ''}{SUFFIX}"


def write_manifest(file: IO[bytes], manifest: Manifest) -> None:
    """Behind the dump, which ends where `file` is."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, separators=(",", ":")).encode()
    end = _END.format(format=FORMAT, length=len(text), digest=hashlib.sha256(text).hexdigest())
    file.write(text + end.encode())


def read_backup(path: Path) -> Backup:
    """Raises SetupError where the file cannot be read or is none of ours; does not look at the dump."""
    with _opened(path) as file:
        size = path.stat().st_size
        file.seek(max(0, size - _END_LENGTH))
        end = _END_PATTERN.fullmatch(file.read(_END_LENGTH))
        if end is None:
            raise SetupError(f"{_FOREIGN}：{path}")
        if int(end[1]) != FORMAT:
            raise SetupError(f"备份由更新的版本做成，请用那个版本恢复：{path}")
        length = int(end[2])
        start = size - _END_LENGTH - length
        if start < 0 or length > _LONGEST_MANIFEST:
            raise SetupError(f"{_FOREIGN}：{path}")
        file.seek(start)
        text = file.read(length)
    if hashlib.sha256(text).hexdigest() != end[3].decode():
        raise SetupError(f"备份文件已损坏，没有用它：{path}")
    try:
        manifest = Manifest(**json.loads(text))
    except (TypeError, ValueError) as error:
        raise SetupError(f"{_FOREIGN}：{path}") from error
    if manifest.dump_bytes != start:
        raise SetupError(f"备份文件已损坏，没有用它：{path}")
    return Backup(path, manifest)


def _opened(path: Path) -> IO[bytes]:
    try:
        # What is no ordinary file may have no end.
        if not path.is_file():
            raise SetupError(f"没有这个备份文件：{path}")
        return open(path, "rb")
    except OSError as error:
        raise SetupError(explain_os_error(error) or f"读不了备份文件 {path}：{error.strerror}") from error
