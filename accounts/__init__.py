"""Who may come in: log-in and its limits, passwords, the end of a session, and the record of all of it."""
