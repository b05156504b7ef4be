"""Two imports never run at once: the second is refused, it does not wait or interleave."""

from contextlib import contextmanager

from django.db import connection

from catalog.importing.drafts import ImportProblem

LOCK = 0x616E6C69  # any number that nothing else in this database locks


@contextmanager
def one_import_at_a_time(*, waits: bool = False):
    """Holds an advisory lock of this connection; the server frees it even when the process dies. `waits`: for its turn,
    where another is at work.
    """
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                raise ImportProblem("另一个导入正在进行，请等它结束后再试")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
