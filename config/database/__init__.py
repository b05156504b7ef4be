"""Django's PostgreSQL engine as this site needs it, for any server (`config.database`) and for the embedded one
(`config.database.embedded`).

    connections   one connection, which waits for its server only so long, and the pool of a process that serves pages
    base          the engine, made of the two
    copying       rows written to a table by COPY
    outages       which errors say that the server is away, busy or read-only, and what readers are told
"""
