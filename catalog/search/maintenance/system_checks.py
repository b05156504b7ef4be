"""`manage.py check --database default` (and `migrate`) say when the search lacks what it needs.

What is looked at costs a few short queries; `manage.py check_index` compares every entry with its case.

A migration makes empty tables. What follows from a case is written with it; an import also loads the synonyms, gathers
the phrases and builds the snapshot. Without phrases, corrections and term suggestions go by a sample of the texts;
without a snapshot the tables answer, the same but slower. The dictionary and the trade's words are files of the code.
So two things can be missing in a way that changes which cases are found: entries and synonyms.
"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from catalog.models import Case, ChangedCase, SynonymGroup
from catalog.search.index import version

STALE = Error(
    "检索索引不全，或不是现在的代码做的（折叠规则、词典、权重、格式变了）：有的案例可能检索不到。",
    hint="运行 manage.py rebuild_index；重建期间检索照常可用。",
    id="search.E001",
)
UNSETTLED = Warning(
    "有案例不经网站改动过（例如直接写了数据库），检索索引还没有跟上。",
    hint="少量的会在下一次检索前自动补上；很多时运行 manage.py check_index --repair。",
    id="search.W001",
)

NO_SYNONYMS = Warning(
    "没有近义词：检索只认输入的原词，口语的问法、别的说法找不到案例。",
    hint="运行 manage.py import_thesaurus。",
    id="search.W002",
)


def check_index(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    if not databases or "default" not in databases:
        return []
    if _is_behind():
        return []  # `migrate` comes before `rebuild_index`, and must not be refused for the want of it
    unsettled: list[CheckMessage] = [UNSETTLED] if ChangedCase.objects.exists() else []
    return unsettled if version.is_current() else [STALE, *unsettled]


def check_thesaurus(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Groups that editors have switched off count: these editors know of them."""
    if not databases or "default" not in databases or _is_behind():
        return []
    return [NO_SYNONYMS] if Case.objects.exists() and not SynonymGroup.objects.exists() else []


def _is_behind() -> bool:
    executor = MigrationExecutor(connections["default"])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes("catalog")))
