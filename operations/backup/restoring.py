"""Brings a backup back: beside the database that serves, checked there, then in its place at one moment.

Until that moment nothing has changed for anyone. The database that served before stays, under a name that tells when.
"""

from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config.friendly import SetupError
from config.schema import unknown_migrations
from operations.backup import keeping
from operations.backup.archive import Manifest, read_backup
from operations.backup.copying import copy_from
from operations.backup.examination import Findings, difference, examine, release
from operations.backup.server import CHECK, FORMER, PATIENCE, DatabaseServer, Steward

Tell = Callable[[str], object]


def restore_backup(
    path: Path,
    *,
    migrate: bool = True,
    keep_former: bool = True,
    patience: float = PATIENCE,
    tell: Tell = lambda line: None,
) -> Manifest:
    """Puts what `path` holds in the place of the site's database.

    `migrate`: brings it to the tables of this code; `keep_former`: the database that served before stays under another
    name, if it has any table; `patience`: seconds to wait for a backup that is being made; `tell` hears what is worth
    knowing. Raises SetupError: then everything is as before.
    """
    backup = read_backup(path)
    manifest = backup.manifest
    if newer := unknown_migrations([(app, name) for app, names in manifest.migrations.items() for name in names]):
        raise SetupError(f"备份由更新的版本做成（迁移 {newer[0]}），请用那个版本恢复：{path}")
    server = DatabaseServer.of_site()
    connection.close()
    with server.steward(patience) as steward:
        for scratch in steward.beside(CHECK):
            steward.drop(scratch)
        if server.embedded:
            keeping.refuse_lack_of_room(settings.VAR_DIR, manifest.size * 2, "恢复")
        backup.verify()
        scratch, former = steward.new_name(CHECK), steward.new_name(FORMER)
        try:
            copy_from(server, steward, backup, scratch)
            if migrate and _is_of_this_code(manifest):
                _refuse_difference(manifest, examine(scratch, ask=True, questions=manifest.questions))
            else:
                _refuse_difference(manifest, examine(scratch))
                if migrate:
                    _bring_up_to_date(scratch, manifest, tell)
            with server.connect(scratch) as copy:
                # Neither what the planner knows of the rows nor which pages all may see is a part of a dump.
                copy.execute("VACUUM ANALYZE")
            kept = keep_former and not _is_empty(server)
            steward.put_in_place(scratch, former)
        except BaseException:
            with suppress(psycopg.OperationalError):  # the server is away: the next backup or restore drops it
                steward.drop(scratch)
            raise
        if not kept:
            steward.drop(former)
        elif keep_former:
            tell(
                f"原来的数据库留作 {former}：换回去用 manage.py restore --back {former}，"
                f"确定不要了用 manage.py restore --drop {former}"
            )
    return manifest


def former_databases() -> list[str]:
    """What restores have left, oldest first."""
    server = DatabaseServer.of_site()
    with server.steward() as steward:
        return steward.beside(FORMER)


def bring_back(name: str) -> str:
    """Puts a former database in the place of the one that serves; returns the name that this one has now."""
    server = DatabaseServer.of_site()
    connection.close()
    with server.steward() as steward:
        _refuse_unknown(steward, name)
        replaced = steward.new_name(FORMER)
        steward.put_in_place(name, replaced)
    return replaced


def drop_former(name: str) -> None:
    server = DatabaseServer.of_site()
    with server.steward() as steward:
        _refuse_unknown(steward, name)
        steward.drop(name)


def _is_of_this_code(manifest: Manifest) -> bool:
    """Whether its tables and its index need no change."""
    return manifest.answers is not None and manifest.release == release()


def _refuse_difference(manifest: Manifest, findings: Findings) -> None:
    if problem := difference(Findings(manifest.contents, findings.answers and manifest.answers), findings):
        raise SetupError(f"恢复出来的与备份时不符（{problem}），没有换上")


def _bring_up_to_date(scratch: str, manifest: Manifest, tell: Tell) -> None:
    """Tables and index become those of this code, whose answers may be others."""
    with _site_on(scratch):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("rebuild_index", if_stale=True, verbosity=0)
    before, after = manifest.answers or [], examine(scratch, ask=True, questions=manifest.questions).answers
    if changed := sum(expected != given for expected, given in zip(before, after, strict=True)):
        tell(f"备份由另一个版本做成：{len(before)} 次检索中有 {changed} 次的结果与当时不同")


@contextmanager
def _site_on(name: str):
    """In the block Django's own connection is one to another database of the server."""
    connection.close()
    own = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


def _is_empty(server: DatabaseServer) -> bool:
    with server.connect(server.database) as database:
        statement = "SELECT NOT EXISTS (SELECT FROM pg_tables WHERE schemaname !~ '^pg_' AND schemaname <> %s)"
        return database.execute(statement, ["information_schema"]).fetchone()[0]


def _refuse_unknown(steward: Steward, name: str) -> None:
    former = steward.beside(FORMER)
    if name not in former:
        raise SetupError(f"没有留下的数据库 {name}；有：{'、'.join(former) or '无'}")
