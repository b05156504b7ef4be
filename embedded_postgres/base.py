"""Django's PostgreSQL backend over the embedded server, which it starts on the first connection."""

from django.db.backends.postgresql import base

from embedded_postgres import ensure_embedded_server
from embedded_postgres.client import DatabaseClient
from embedded_postgres.creation import DatabaseCreation


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient
    creation_class = DatabaseCreation

    def ensure_server(self) -> None:
        self.settings_dict.update(ensure_embedded_server(self.settings_dict["EMBEDDED_ROOT"]))

    def get_connection_params(self):
        self.ensure_server()
        return super().get_connection_params()
