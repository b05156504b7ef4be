"""`manage.py dbshell`: psql of the server's own programs, on the embedded server."""

from django.db.backends.postgresql import client

from embedded_postgres.programs import find_programs


class DatabaseClient(client.DatabaseClient):
    @classmethod
    def settings_to_cmd_args_env(cls, settings_dict, parameters):
        (_, *arguments), environment = super().settings_to_cmd_args_env(settings_dict, parameters)
        return [str(find_programs() / cls.executable_name), *arguments], environment

    def runshell(self, parameters):
        self.connection.ensure_server()
        super().runshell(parameters)
