"""Who writes, and why: what the database attaches to each event of what is written meanwhile."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pghistory
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import TextChoices
from django.http import HttpRequest
from pghistory.middleware import HistoryMiddleware as ContextMiddleware

LONGEST_REASON = 500


class Kind(TextChoices):
    """By which door a change came."""

    FORM = "form", "表单"
    BULK = "bulk", "批量"
    IMPORT = "import", "导入"
    MERGE = "merge", "合并"
    REVERT = "revert", "回到旧版"
    RESTORE = "restore", "从回收站恢复"
    UNDO = "undo", "撤销"
    ERASE = "erase", "彻底删除"
    SQL = "sql", "数据库（直接修改）"


@contextmanager
def recording(kind: Kind, **details: Any) -> Iterator[UUID]:
    """In the block what is written is recorded under this context, whose key is given.

    `details`: JSON values such as `reason`, `batch`, `files`. Inside of another such block, or of a request that
    writes, it is the same context, told more. For COPY, which passes by Django's cursors, the block has to stand inside
    of the transaction.
    """
    with pghistory.context(kind=str(kind), **details) as context:
        if connection.in_atomic_block:
            _tell_database(str(context.id), context.metadata)
        yield context.id
    # What the transaction writes from here on is of another context, and says so by itself.
    if connection.in_atomic_block:
        _tell_database("", None)


def describe(**details: Any) -> None:
    """Says more of the context of what is being written, if there is one."""
    pghistory.context(**{name: str(value) if isinstance(value, Kind) else value for name, value in details.items()})


def _tell_database(context: str, metadata: dict[str, Any] | None) -> None:
    """As every statement does that goes through a cursor of Django's and is no question."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', %s, true)",
            [context, "" if metadata is None else json.dumps(metadata, cls=DjangoJSONEncoder)],
        )


class HistoryMiddleware(ContextMiddleware):
    """A request that writes is a context: who, and at which address. Readers, who have no session, cost nothing."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        context = {"kind": str(Kind.FORM), "path": request.path}
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            context |= {"user": request.user.pk, "username": request.user.get_username()}
        return context
