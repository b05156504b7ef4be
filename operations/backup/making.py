"""Makes a backup while the site is in use, and calls it good only when a copy made of it is what it was made of.

One transaction sees the database at one moment (`pg_export_snapshot`); pg_dump and the examination of the original look
through it, so that what editors write meanwhile is in neither.
"""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psycopg
from django.db.migrations.recorder import MigrationRecorder
from psycopg import errors

from config.friendly import SetupError, explain_os_error
from config.schema import explain_other_tables
from operations.backup import keeping
from operations.backup.archive import BAD, PIECE, Backup, Manifest, file_name, write_manifest
from operations.backup.copying import UselessDump, copy_from
from operations.backup.examination import TABLES, Findings, difference, examine, release
from operations.backup.keeping import PART
from operations.backup.server import CHECK, PATIENCE, DatabaseServer, Steward

Tell = Callable[[str], object]

TRIES = 3  # a table may change places with another (a rebuild of the index) while a dump begins
# Whoever has rights on the tables, the owner too where there are any.
_ROLES = """
    SELECT DISTINCT pg_get_userbyid(role) FROM pg_class, aclexplode(relacl), unnest(ARRAY[grantee, relowner]) AS role
    WHERE relnamespace::regnamespace::text !~ '^pg_' AND relnamespace::regnamespace::text <> 'information_schema'
    AND role <> 0
"""


def make_backup(
    label: str = "", *, ask: bool = True, patience: float = PATIENCE, tell: Tell = lambda line: None
) -> Backup:
    """A backup in the folder of backups, checked; those that need not be kept are removed.

    `label`: why, a part of the name; `ask`: whether to search as well, if the tables are those of this code;
    `patience`: seconds to wait for another backup; `tell` hears what is worth knowing. Raises SetupError: then nothing
    new stays but, with an end of its own, what has failed the check.
    """
    server = DatabaseServer.of_site()
    ask = ask and explain_other_tables() is None
    folder = keeping.prepare_folder()
    with server.steward(patience) as steward:
        for scratch in steward.beside(CHECK):
            steward.drop(scratch)
        size = steward.size()
        # The dump, and where the data lie on the same disk the copy that it is checked by, beside its own log.
        keeping.refuse_lack_of_room(folder, size * (3 if server.embedded else 1), "备份")
        moment = datetime.now(UTC)
        path = folder / file_name(moment, label)
        part = path.with_name(path.name + PART)
        try:
            manifest, original = _dump(server, part, label, moment, size, ask)
            try:
                copy = _examine_copy(server, steward, manifest, part, ask)
                problem = difference(original, copy)
            except UselessDump as error:
                problem = str(error)
            if problem:
                part.rename(path.with_name(path.name + BAD))
                raise SetupError(f"备份核对不过（{problem}），不能用，留作 {path.name}{BAD}")
            part.rename(path)
            _sync(folder)
        except OSError as error:
            raise SetupError(explain_os_error(error) or f"备份没有写成：{error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)
    if copy.is_indexed is False:
        tell("备份完好；但检索索引与案例不一致，请运行 manage.py check_index --repair")
    for gone in keeping.thin_out():
        tell(f"已删除过期的备份 {gone.name}")
    return Backup(path, manifest)


def _dump(
    server: DatabaseServer, part: Path, label: str, moment: datetime, size: int, ask: bool
) -> tuple[Manifest, Findings]:
    """Writes the dump with its manifest to `part`; also what the original holds and answers at the same moment."""
    programs = server.programs()
    for left in reversed(range(TRIES)):
        with _one_moment(server) as (snapshot, roles, migrations), open(part, "wb", opener=_private) as file:
            keeping.hand_over_to_site(part)
            with ThreadPoolExecutor(1) as beside:
                original = beside.submit(examine, server.database, snapshot=snapshot, ask=ask)
                digest, problem = _run_dump(server, programs.dump, snapshot, file)
                findings = original.result()
            if problem and left:
                continue
            if problem:
                raise SetupError(f"pg_dump 没有完成：{problem}")
            manifest = Manifest(
                label=label,
                made_at=moment.timestamp(),
                database=server.database,
                major=server.major,
                dump_major=programs.major,
                dump_bytes=file.tell(),
                dump_digest=digest,
                size=size,
                release=release(),
                migrations=migrations,
                roles=roles,
                contents=findings.contents,
                answers=findings.answers,
            )
            write_manifest(file, manifest)
            file.flush()
            os.fsync(file.fileno())
            return manifest, findings
    raise AssertionError("the last try either returns or raises")


@contextmanager
def _one_moment(server: DatabaseServer) -> Iterator[tuple[str, list[str], dict[str, list[str]]]]:
    """The name of a snapshot that lasts as long as the block, the roles that it has and the migrations applied.

    No table is dropped meanwhile: a rebuild of the index waits to put its own in the place of the old ones.
    """
    with server.connect(server.database) as moment:
        for left in reversed(range(TRIES)):
            tables = ", ".join(table for (table,) in moment.execute(TABLES).fetchall())
            moment.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            try:
                if tables:
                    moment.execute(f"LOCK TABLE {tables} IN ACCESS SHARE MODE")
                break
            except errors.UndefinedTable:
                moment.execute("ROLLBACK")
                if not left:
                    raise
        (snapshot,) = moment.execute("SELECT pg_export_snapshot()").fetchone()
        roles = sorted(role for (role,) in moment.execute(_ROLES).fetchall())
        migrations: dict[str, list[str]] = {}
        for app, name in _applied(moment):
            migrations.setdefault(app, []).append(name)
        yield snapshot, roles, migrations
        moment.execute("ROLLBACK")


def _applied(moment: psycopg.Connection) -> list[tuple[str, str]]:
    table = MigrationRecorder.Migration._meta.db_table
    if moment.execute("SELECT to_regclass(%s)", [table]).fetchone()[0] is None:
        return []
    return moment.execute(f"SELECT app, name FROM {table} ORDER BY app, name").fetchall()


def _run_dump(server: DatabaseServer, program: Path, snapshot: str, file: IO[bytes]) -> tuple[str, str | None]:
    """The SHA-256 of what was dumped into `file`, and a line that says what went wrong.

    Through a pipe of ours: should this process be killed, the program ends as well.
    """
    command = [program, "--format=custom", f"--snapshot={snapshot}", f"--dbname={server.address(server.database)}"]
    digest = hashlib.sha256()
    with (
        subprocess.Popen(
            [*command, "--no-password"],
            env=server.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        ThreadPoolExecutor(1) as beside,
    ):
        told = beside.submit(process.stderr.read)
        try:
            while piece := process.stdout.read(PIECE):
                digest.update(piece)
                file.write(piece)
        except BaseException:
            process.kill()
            raise
        code = process.wait()
        lines = told.result().decode("utf-8", "replace").strip().splitlines()
    return digest.hexdigest(), (lines[-1] if lines else f"退出码 {code}") if code else None


def _examine_copy(server: DatabaseServer, steward: Steward, manifest: Manifest, part: Path, ask: bool) -> Findings:
    """What a copy made of the dump holds and answers; the copy is gone again."""
    scratch = steward.new_name(CHECK)
    try:
        copy_from(server, steward, Backup(part, manifest), scratch)
        return examine(scratch, ask=ask, questions=manifest.questions, index=ask)
    finally:
        with suppress(psycopg.OperationalError):  # the server is away: the next backup drops it
            steward.drop(scratch)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    """A file's new name outlives a power cut only when its folder is written too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
