"""Whether the tables of the database are those that this code knows."""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from embedded_postgres import SetupError

Migration = tuple[str, str]  # app, name


def unknown_migrations(applied: Iterable[Migration]) -> list[str]:
    """Of migrations that a database has had those that this code does not know, as app.name.

    Apps that are not installed are passed over: one that was removed leaves its migrations on record.
    """
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known.update(migration.replaces)
    apps = loader.migrated_apps
    return sorted(f"{app}.{name}" for app, name in applied if app in apps and (app, name) not in known)


def refuse_newer_data() -> None:
    """Raises SetupError where a newer version of the code has changed the tables of the site's database."""
    if line := _newer_data(MigrationLoader(connection)):
        raise SetupError(line)


def explain_other_tables() -> str | None:
    """The line to show where the tables of the site's database are not those of this code, newer or older."""
    executor = MigrationExecutor(connection)
    if line := _newer_data(executor.loader):
        return line
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        migration = plan[0][0]
        step = f"{migration.app_label}.{migration.name}"
        return f"数据库的表还没有更新（迁移 {step}）：请先运行 make run 或 manage.py prepare"
    return None


def _newer_data(loader: MigrationLoader) -> str | None:
    unknown = unknown_migrations(loader.applied_migrations)
    if not unknown:
        return None
    saved = sorted((settings.VAR_DIR / "backups").glob("*-pre-upgrade.backup"))
    remedy = f"make restore FILE={saved[-1].relative_to(settings.BASE_DIR)}" if saved else "make restore FILE=文件"
    return f"数据由更新的版本写成（迁移 {unknown[-1]}）：请用新版本，或恢复升级前的备份（{remedy}）"
