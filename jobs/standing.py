"""Whether someone works the queue off: for the health page and for `manage.py check`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

LOCK = 0x616E6C6A  # the worker's; any number that nothing else in this database locks
PATIENCE = timedelta(seconds=60)  # that a job may wait while nothing else is done

_LOCKED = """
    SELECT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = %s AND objsubid = 1
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
"""


def has_worker() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_LOCKED, [LOCK])
        return cursor.fetchone()[0]


def trouble() -> str | None:
    """What is wrong with the work in the background, as a Chinese sentence; None if nothing is."""
    if not has_worker():
        return "后台进程没有运行：上传的文件没有人读，导入不会开始"
    if DBTaskResult.objects.running().exists():
        return None
    if DBTaskResult.objects.ready().filter(enqueued_at__lt=timezone.now() - PATIENCE).exists():
        return "后台进程没有反应：有工作等了一分多钟还没有开始"
    return None


def check_worker(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Of a site that does not run nobody expects that it works: only what waits is told of."""
    if not databases or "default" not in databases:
        return []
    if DBTaskResult._meta.db_table not in connection.introspection.table_names():
        return []  # `migrate` comes first
    if not DBTaskResult.objects.ready().exists() or not (problem := trouble()):
        return []
    return [Warning(f"{problem}。", hint="manage.py serve 会启动它；单独运行是 manage.py work。", id="jobs.W001")]
