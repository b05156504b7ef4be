"""The server that the site uses, seen from outside of the site's database: other databases are made there, and change
places with it.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import monotonic, sleep

import psycopg
from django.db import connection
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from config.friendly import SetupError
from operations.backup.programs import Programs, fitting_programs

# Databases to be connected with while the site's own is renamed.
STEWARDS = ("postgres", "template1")
STAMP = "%Y%m%dT%H%M%SZ"
CHECK, FORMER = "check", "former"  # kinds of databases beside the site's own
PATIENCE = 3.0  # seconds: the server takes a moment to see that another one has ended
_LONGEST_NAME = 63  # bytes; PostgreSQL cuts what is longer
_KILL_AGAIN = 0.05  # seconds
# Settings of connections that would be in the way of a copy, whatever the site asks for. A copy need not wait for the
# disk statement by statement: the renaming that puts it in place does, and with it all that was written before.
_SETTINGS = (
    "-c default_transaction_read_only=off -c statement_timeout=0 -c lock_timeout=0 "
    "-c idle_in_transaction_session_timeout=0 -c synchronous_commit=off"
)


@dataclass(frozen=True)
class DatabaseServer:
    """`parameters`: how libpq gets there, without the password and the database's name."""

    database: str
    parameters: dict[str, str]
    password: str = field(repr=False)
    major: int
    embedded: bool

    @classmethod
    def of_site(cls) -> "DatabaseServer":
        given = connection.get_connection_params()
        # Only what was given, not what our libpq makes of it: the programs' own may be older.
        known = {option.keyword.decode() for option in Conninfo.get_defaults()}
        parameters = {name: str(value) for name, value in given.items() if name in known and value is not None}
        parameters["options"] = f"{parameters.get('options', '')} {_SETTINGS}".strip()
        database, password = parameters.pop("dbname"), parameters.pop("password", "")
        embedded = "EMBEDDED_ROOT" in connection.settings_dict
        return cls(database, parameters, password, connection.pg_version // 10_000, embedded)

    # --- Connections --------------------------------------------------------------------------------------------------

    def connect(self, database: str) -> psycopg.Connection:
        """A connection of its own, each statement a transaction."""
        return psycopg.connect(**self.parameters, password=self.password or None, dbname=database, autocommit=True)

    def address(self, database: str) -> str:
        """For a program's command line, which everyone on the machine can read: no password."""
        return make_conninfo(**self.parameters, dbname=database)

    def environment(self) -> dict[str, str]:
        """For a program: the password stands in no command line; its messages are in English, to be read by us."""
        secret = {"PGPASSWORD": self.password} if self.password else {}
        return {**os.environ, **secret, "LC_ALL": "C", "PGAPPNAME": "anliku backup"}

    def programs(self, at_least: int = 0) -> Programs:
        return fitting_programs(max(self.major, at_least), embedded=self.embedded)

    @contextmanager
    def steward(self, patience: float = PATIENCE) -> Iterator["Steward"]:
        """One at a time on this server and database; raises SetupError after `patience` (seconds)."""
        key, deadline = [f"backup of {self.database}"], monotonic() + patience
        # What happens to the connection is explained as any trouble with the database is.
        with connection.wrap_database_errors, self._outside() as outside:
            while not outside.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key).fetchone()[0]:
                if monotonic() > deadline:
                    raise SetupError("另一次备份或恢复正在进行：请等它结束后重试")
                sleep(0.2)
            yield Steward(self, outside)

    def _outside(self) -> psycopg.Connection:
        for database in STEWARDS:
            try:
                return self.connect(database)
            except psycopg.OperationalError as error:
                reason = str(error).strip().splitlines()[-1]
        raise SetupError(f"备份与恢复要连接数据库服务器的 {' 或 '.join(STEWARDS)} 库，连不上：{reason}")


class Steward:
    """Makes, renames and drops databases beside the site's own, over a connection to another one."""

    def __init__(self, server: DatabaseServer, outside: psycopg.Connection):
        self.server, self.outside = server, outside

    def new_name(self, kind: str) -> str:
        """For a database beside the site's own: what it is and the second of now, or the next one that is free."""
        moment, taken = datetime.now(UTC), self.beside(kind)
        while (name := self._with_end(f"_{kind}_{moment.strftime(STAMP).lower()}")) in taken:
            moment += timedelta(seconds=1)
        return name

    def _with_end(self, end: str) -> str:
        return self.server.database.encode()[: _LONGEST_NAME - len(end)].decode(errors="ignore") + end

    def beside(self, kind: str) -> list[str]:
        """Databases of a kind that are there, oldest first."""
        pattern = re.compile(rf"_{kind}_\d{{8}}t\d{{6}}z$")
        rows = self.outside.execute("SELECT datname FROM pg_database ORDER BY right(datname, 16)").fetchall()
        ends = [(name, pattern.search(name)) for (name,) in rows]
        return [name for name, end in ends if end and name == self._with_end(end[0])]

    def create(self, name: str) -> None:
        """An empty database that sorts and compares texts as the site's does."""
        try:
            self.outside.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' ").format(sql.Identifier(name))
                + self._locale()
            )
        except errors.InsufficientPrivilege as error:
            user = self.outside.info.user
            raise SetupError(
                f"数据库用户 {user} 不能建库，备份无法核对：请由管理员执行 ALTER ROLE {user} CREATEDB"
            ) from error

    def _locale(self) -> sql.Composable:
        # The locale of a provider has another name in each of these versions.
        column = {15: "daticulocale", 16: "daticulocale"}.get(self.server.major, "datlocale")
        provider, collate, ctype, name = self.outside.execute(
            sql.SQL("SELECT datlocprovider::text, datcollate, datctype, {} FROM pg_database WHERE datname = %s").format(
                sql.Identifier(column)
            ),
            [self.server.database],
        ).fetchone()
        clauses = [sql.SQL("LC_COLLATE {} LC_CTYPE {}").format(collate, ctype)]
        if provider == "i":
            clauses.append(sql.SQL("LOCALE_PROVIDER icu ICU_LOCALE {}").format(name))
        elif provider == "b":
            clauses.append(sql.SQL("LOCALE_PROVIDER builtin BUILTIN_LOCALE {}").format(name))
        return sql.SQL(" ").join(clauses)

    def drop(self, name: str) -> None:
        self.outside.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def size(self) -> int:
        """Of the site's database, in bytes."""
        return self.outside.execute("SELECT pg_database_size(%s)", [self.server.database]).fetchone()[0]

    def roles(self) -> set[str]:
        return {name for (name,) in self.outside.execute("SELECT rolname FROM pg_roles").fetchall()}

    def put_in_place(self, name: str, former: str) -> None:
        """The database `name` takes the place of the site's own, which is called `former` from then on.

        Both happen or none. Whoever is connected is cut off; whoever connects meanwhile waits for that moment.
        """
        serving = self.server.database
        self.outside.execute("SET synchronous_commit = on")
        try:
            with self._nobody_in([serving, name]), self.outside.transaction():
                for before, after in [(serving, former), (name, serving)]:
                    self.outside.execute(
                        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(before), sql.Identifier(after))
                    )
        except errors.ObjectInUse as error:
            raise SetupError(
                f"数据库 {serving} 上有别的用户的连接，换不下来：请先断开（psql、别的程序），再试一次"
            ) from error
        except errors.InsufficientPrivilege as error:
            raise SetupError(f"数据库用户 {self.outside.info.user} 不是 {serving} 的所有者，不能给它改名") from error

    @contextmanager
    def _nobody_in(self, names: list[str]) -> Iterator[None]:
        """While the block runs, whoever is connected with these databases is cut off, again and again.

        A renaming holds off whoever comes new, and waits some seconds for the others to leave.
        """
        rows = self.outside.execute("SELECT oid FROM pg_database WHERE datname = ANY(%s)", [names]).fetchall()
        # By number: the names mean other databases as soon as they have changed places.
        numbers, done = [number for (number,) in rows], Event()

        def cut_off() -> None:
            with self.server.connect(self.outside.info.dbname) as killer:
                while not done.wait(_KILL_AGAIN):
                    killer.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "JOIN pg_roles ON usesysid = pg_roles.oid "
                        "WHERE datid = ANY(%s) AND pid <> ALL(%s) "
                        # Whom we may not cut off is told of by the renaming, which then fails.
                        "AND (NOT rolsuper OR usesysid = current_user::regrole) "
                        "AND (pg_has_role(usesysid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))",
                        [numbers, [killer.info.backend_pid, self.outside.info.backend_pid]],
                    )

        thread = Thread(target=cut_off)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
