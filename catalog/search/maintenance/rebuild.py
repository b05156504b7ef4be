"""Builds the whole index anew, beside the one that serves, and puts it in its place when it is whole.

The new tables stand under their own names in a schema of their own: with that schema first in the search path, the
writer of the index writes there. A build that was broken off goes on where it stopped, unless the code has changed
since. What editors changed meanwhile is written again at the end, in the transaction of the switch.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import sleep

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import OperationalError
from django.utils import timezone
from psycopg.errors import DeadlockDetected, LockNotAvailable

from catalog.models import Case, SearchEntry, SearchIndex
from catalog.search.index import frequencies, version
from catalog.search.index.writer import make_batch, replace_rows
from catalog.search.maintenance.refresh import refresh_index
from catalog.search.snapshot import build
from config.processes import process_pool

SCHEMA = "search_next"
# Each before those that refer to it.
TABLES = (
    "catalog_searchindex",
    "catalog_lexemecount",
    "catalog_searchentry",
    "catalog_searchtext",
    "catalog_casetitle",
    "catalog_writtenentry",
    "catalog_snapshot",
    "catalog_snapshotcolumn",
    "catalog_postinglist",
)
BATCH = 500
_MANY = 2_000  # cases from which on a second process is worth its start
# A writer may commit so long after the time that it noted, and the build have read before that.
_LONGEST_COMMIT = timedelta(minutes=5)
# The switch waits so long for a table, less than until the database looks for deadlocks, and as long between two tries.
_PATIENCE = timedelta(milliseconds=500)
_LOCK = int.from_bytes(b"rebuild", "big", signed=True)

Progress = Callable[[int], None]


def rebuild_index(progress: Progress = lambda done: None, *, processes: int = 1) -> int:
    """Rebuilds the index; returns the number of cases. `progress` hears how many more are done, those of a build that
    was broken off first. Of two at once the second waits, and then rebuilds what the first has made.
    """
    with _alone():
        _begin()
        with _aside():
            keys = list(Case.objects.filter(search_entry=None).order_by("pk").values_list("pk", flat=True))
        progress(Case.objects.count() - len(keys))
        batches = [keys[start : start + BATCH] for start in range(0, len(keys), BATCH)]
        for written in _written(batches, processes if len(keys) >= _MANY else 1):
            progress(written)
        _finish()
        while not _switch():
            sleep(_PATIENCE.total_seconds())
    refresh_index()
    return SearchEntry.objects.count()


def index_is_current() -> bool:
    """Whether the index was made as this code would make it, and has every case."""
    return version.is_current()


@contextmanager
def _alone() -> Iterator[None]:
    """Two would both write the same cases into the tables of the build, which has no keys yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@contextmanager
def _aside() -> Iterator[None]:
    """In the block the search's tables are those of the build."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        home = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('search_path', %s, true)", [f"{SCHEMA}, {home}"])
        yield
        cursor.execute("SELECT set_config('search_path', %s, true)", [home])


def _begin() -> None:
    """Makes the tables of the build, or finds those of one that was broken off."""
    if _is_begun():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        for table in TABLES:
            cursor.execute(
                f"CREATE TABLE {SCHEMA}.{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS "
                "INCLUDING STORAGE INCLUDING IDENTITY)"
            )
        for table in ("catalog_searchentry", "catalog_searchtext"):
            cursor.execute(f"ALTER TABLE {SCHEMA}.{table} SET (toast_tuple_target = 128)")
        with _aside():
            SearchIndex.objects.create(pk=1, version=version.current())


def _is_begun() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.catalog_searchindex"])
        if cursor.fetchone()[0] is None:
            return False
    with _aside():
        return SearchIndex.objects.filter(version=version.current()).exists()


def _written(batches: list[list[int]], processes: int) -> Iterator[int]:
    if processes < 2:
        yield from map(_write_batch, batches)
        return
    with process_pool(processes) as pool:
        yield from pool.map(_write_batch, batches)


def _write_batch(keys: list[int]) -> int:
    """A batch is written whole or not at all, with its frequencies."""
    with _aside():
        batch = make_batch(Case.objects.filter(pk__in=keys).indexed_text())
        replace_rows(batch, [])
    return len(batch.rows)


def _finish() -> None:
    """Indexes and keys, under the names that the migrations gave them."""
    with _aside():
        frequencies.compact()
    with transaction.atomic(), connection.cursor() as cursor:
        # The table is small beside its out-of-line columns: worth two processes, whatever its own size says.
        cursor.execute("SELECT set_config('min_parallel_table_scan_size', '0', true)")
        _constrain(cursor, "pu")
        for table in TABLES:
            cursor.execute(
                "SELECT schemaname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = %s "
                "AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
                [table, table],
            )
            for home, definition in cursor.fetchall():
                moved = definition.replace(f" ON {home}.", f" ON {SCHEMA}.", 1)
                cursor.execute(moved.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(f'{SCHEMA}.{table}' for table in TABLES)}")
    with _aside():
        if build.is_due():
            build.build_snapshot()


def _constrain(cursor: CursorWrapper, kinds: str) -> None:
    """Gives the tables of the build the constraints of the serving ones that are of these kinds (`pg_constraint`)."""
    constraints = []
    for table in TABLES:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass "
            "AND contype = ANY(%s) AND conname NOT IN "
            "(SELECT conname FROM pg_constraint WHERE conrelid = to_regclass(%s))",
            [table, list(kinds), f"{SCHEMA}.{table}"],
        )
        constraints += [(table, *row) for row in cursor.fetchall()]
    with _aside():
        for table, name, definition in constraints:
            cursor.execute(f'ALTER TABLE {SCHEMA}.{table} ADD CONSTRAINT "{name}" {definition}')


def _grant(cursor: CursorWrapper) -> None:
    """Whoever may read the serving tables, or more, may do so with those of the build."""
    for table in TABLES:
        cursor.execute(
            "SELECT format('GRANT %%s ON %%s TO %%s%%s', privilege_type, %s::regclass, "
            "CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, "
            "CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END) "
            "FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass AND grantee <> relowner",
            [f"{SCHEMA}.{table}", table],
        )
        for (grant,) in cursor.fetchall():
            cursor.execute(grant)


def _switch() -> bool:
    """False if others use the old tables just now, whatever for: who holds one of them may be waiting for another."""
    try:
        _put_in_place()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
            return False
        raise
    return True


def _put_in_place() -> None:
    """Writes what has changed since it was read and puts the new tables in the place of the old ones, at one moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{_PATIENCE // timedelta(milliseconds=1)}ms"])
        cursor.execute("SELECT current_schema()")
        home = cursor.fetchone()[0]
        # Writers wait; readers go on until the tables change places.
        cursor.execute("LOCK TABLE catalog_searchentry IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            f"SELECT case_id FROM catalog_searchentry a JOIN {SCHEMA}.catalog_searchentry b USING (case_id) "
            "WHERE a.written_at > b.written_at - make_interval(secs => %s)",
            [_LONGEST_COMMIT.total_seconds()],
        )
        changed = {key for (key,) in cursor.fetchall()}
        cursor.execute(
            f"SELECT coalesce(a.id, b.case_id) FROM catalog_case a "
            f"FULL JOIN {SCHEMA}.catalog_searchentry b ON a.id = b.case_id WHERE a.id IS NULL OR b.case_id IS NULL"
        )
        changed |= {key for (key,) in cursor.fetchall()}
        with _aside():
            _rewrite(sorted(changed))
            SearchIndex.objects.update(built_at=timezone.now())
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Not before: a case that is deleted meanwhile takes its old entry with it, but not that of the build.
        _constrain(cursor, "f")
        _grant(cursor)
        for table in reversed(TABLES):
            cursor.execute(f"DROP TABLE {table}")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {SCHEMA}.{table} SET SCHEMA {home}")
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
        cursor.execute("SELECT set_config('lock_timeout', '0', true)")


def _rewrite(keys: list[int]) -> None:
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        replace_rows(make_batch(Case.objects.filter(pk__in=part).order_by("pk").indexed_text()), part)
