"""`manage.py check --database default` (and `migrate`) say when the index is not what this code would make."""

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from catalog.search.index import version

STALE = Error(
    "检索索引不全，或不是现在的代码做的（折叠规则、词典、权重、格式变了）：有的案例可能检索不到。",
    hint="运行 manage.py rebuild_index；重建期间检索照常可用。",
    id="search.E001",
)


def check_index(databases: list[str] | None = None, **kwargs) -> list[CheckMessage]:
    if not databases or "default" not in databases:
        return []
    if _is_behind():
        return []  # `migrate` comes before `rebuild_index`, and must not be refused for the want of it
    return [] if version.is_current() else [STALE]


def _is_behind() -> bool:
    executor = MigrationExecutor(connections["default"])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes("catalog")))
