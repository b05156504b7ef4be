"""Backup and restore of the whole database, and what an upgrade of it needs. Each room uses those before it:

    programs      PostgreSQL's own pg_dump and pg_restore, of a version that fits the server
    server        the server that the site uses, seen as one that holds several databases
    archive       one backup: a file with what it has to hold
    examination   what a database holds and answers, to compare a copy with its original
    keeping       the folder of backups, and which of them may go
    copying       a database made of a backup, beside the one that serves
    making        a backup, called good only after a copy made of it holds and answers the same
    restoring     a backup in the place of the database that serves, at one moment
    upgrade       new tables for old data: saved first, taken back where it fails

Everything here raises SetupError, with one line to show, for what a person can mend.
"""

from operations.backup.archive import Backup, read_backup
from operations.backup.keeping import backups
from operations.backup.making import make_backup
from operations.backup.restoring import bring_back, drop_former, former_databases, restore_backup
from operations.backup.upgrade import upgrade

__all__ = [
    "Backup",
    "backups",
    "bring_back",
    "drop_former",
    "former_databases",
    "make_backup",
    "read_backup",
    "restore_backup",
    "upgrade",
]
