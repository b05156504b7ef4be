"""`manage.py check --database default` (and `migrate`) say when the index is not what this code would make."""

from django.core.checks import CheckMessage, Error
from django.db import connections

from catalog.models import SearchIndex
from catalog.search import stamp

STALE = Error(
    "检索索引不全，或不是现在的代码做的（折叠规则、词典、权重、格式变了）：有的案例可能检索不到。",
    hint="运行 manage.py rebuild_index；重建期间检索照常可用。",
    id="search.E001",
)


def check_index(databases: list[str] | None = None, **kwargs) -> list[CheckMessage]:
    if not databases or "default" not in databases:
        return []
    connection = connections["default"]
    if SearchIndex._meta.db_table not in connection.introspection.table_names():
        return []  # before the first migration there is no index
    return [] if stamp.is_current() else [STALE]
