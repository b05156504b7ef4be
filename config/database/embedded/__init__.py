"""The engine `config.database.embedded`: the embedded server, started by whoever connects first."""
