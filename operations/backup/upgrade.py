"""New code on old data: the database is saved, its tables are changed, and what fails is taken back."""

import os
from collections.abc import Callable

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.friendly import SetupError
from operations.backup.keeping import PRE_UPGRADE
from operations.backup.making import make_backup
from operations.backup.restoring import restore_backup

PATIENCE = 900.0  # seconds for a backup that is just being made

Tell = Callable[[str], object]


def upgrade(tell: Tell) -> None:
    """Brings the tables to those of this code. Raises SetupError: then they and all in them are as before.

    A database that has something in it is saved first; UPGRADE_WITHOUT_BACKUP=1 leaves that out.
    """
    executor = MigrationExecutor(connection)
    targets = executor.loader.graph.leaf_nodes()
    if not executor.migration_plan(targets):
        return
    backup = None
    if executor.loader.applied_migrations and not os.environ.get("UPGRADE_WITHOUT_BACKUP"):
        tell("升级之前先备份……")
        try:
            backup = make_backup(PRE_UPGRADE, patience=PATIENCE, tell=tell)
        except SetupError as error:
            raise SetupError(
                f"升级之前没有备份成，所以没有升级：{error}（确实要不备份就升级：UPGRADE_WITHOUT_BACKUP=1）"
            ) from error
        tell(f"已备份为 {backup.path}")
    tell("更新数据库结构……")
    before = applied()
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except Exception as error:
        reason = (str(error).strip() or repr(error)).splitlines()[0]
        if applied() == before:  # what failed first was taken back by its own transaction
            raise SetupError(f"升级没有成功，数据没有改动：{reason}") from error
        if backup is None:
            raise SetupError(f"升级没有成功，停在 {max(applied() - before)} 之后，又没有备份：{reason}") from error
        restore_backup(backup.path, migrate=False, keep_former=False, patience=PATIENCE)
        raise SetupError(f"升级没有成功，已恢复到升级之前（备份 {backup.path.name}）：{reason}") from error


def applied() -> set[tuple[str, str]]:
    """Migrations that the database has had."""
    return set(MigrationExecutor(connection).loader.applied_migrations)
