"""The engine `config.database`: a server of one's own.

Beside Django's settings of a database:

PATIENCE          seconds that a connection waits for an answer; None, or left out: for ever
NEEDED            connections that the site may open at once; `manage.py check --database default` compares them with
                  what the server allows
OPTIONS["pool"]   `max_size` and `timeout` of this process's pool; without it each thread connects for itself
"""

import threading

from django.core.checks import CheckMessage, Warning
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.base.validation import BaseDatabaseValidation
from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from config.database.connections import Connection, Pool, close_before_fork

_guard = threading.Lock()

# What an ordinary role may have; 16 and later keep some more for roles with a privilege.
_ALLOWED = """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true)::int, 0)
"""


class Validation(BaseDatabaseValidation):
    def check(self, **kwargs) -> list[CheckMessage]:
        with self.connection.cursor() as cursor:
            cursor.execute(_ALLOWED)
            (allowed,) = cursor.fetchone()
        needed = self.connection.settings_dict.get("NEEDED", 0)
        if needed <= allowed:
            return []
        message = f"数据库最多给网站 {allowed} 个连接，网站忙时要用 {needed} 个：有的页面可能要等，或答 503。"
        hint = "调高服务器的 max_connections，或调低 DATABASE_POOL、WEB_CONCURRENCY。"
        return [Warning(message, hint=hint, id="database.W001")]


class Patient:
    """What our connections have beside those of Django: a limit of time, and a pool that tells why it fails.

    `pooled`: False for a thread that has left the pool.
    """

    validation_class = Validation
    pooled = True

    @property
    def pool(self) -> Pool | None:
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options or not self.pooled:
            return None
        with _guard:
            if self.alias not in self._connection_pools:
                self._connection_pools[self.alias] = Pool(
                    self._pool_parameters, configure=self._configure_connection, **options
                )
            return self._connection_pools[self.alias]

    def get_new_connection(self, conn_params):
        self.isolation_level = IsolationLevel.READ_COMMITTED  # the pool's `_pool_parameters` do not tell of another
        return self.pool.take() if self.pool else Connection.connect(**conn_params)

    def _pool_parameters(self) -> dict:
        """Django switches autocommit off where it has to be."""
        return self.get_connection_params() | {"autocommit": True}

    def _configure_connection(self, connection):
        connection.patience = self.settings_dict.get("PATIENCE")
        return super()._configure_connection(connection)


class DatabaseWrapper(Patient, base.DatabaseWrapper):
    pass


close_before_fork(base.DatabaseWrapper._connection_pools)
