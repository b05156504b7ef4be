"""A database made of a backup, beside the one that serves."""

import os
import subprocess

from config.friendly import SetupError
from operations.backup.archive import Backup
from operations.backup.server import DatabaseServer, Steward

# pg_restore of 17 and later asks every server for a setting that those before do not have, and goes on without it.
_HARMLESS = 'unrecognized configuration parameter "transaction_timeout"'


class UselessDump(SetupError):
    """No database can be made of a dump, through no fault of the machine."""


def copy_from(server: DatabaseServer, steward: Steward, backup: Backup, name: str) -> None:
    """Makes the database `name` of the dump in a backup; raises UselessDump, or SetupError for a full disk."""
    manifest = backup.manifest
    programs = server.programs(manifest.dump_major)
    steward.create(name)
    command = [
        *(programs.restore, "--no-owner", f"--jobs={min(4, os.cpu_count() or 1)}", "--no-password"),
        *(f"--dbname={server.address(name)}", backup.path),
    ]
    if not set(manifest.roles) <= steward.roles():
        command.insert(1, "--no-privileges")
    result = subprocess.run(
        command,
        env=server.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if "No space left on device" in result.stderr:
        raise SetupError("磁盘已满：请腾出空间后重试")
    failures = [line for line in result.stderr.splitlines() if "error:" in line and _HARMLESS not in line]
    if failures:
        raise UselessDump(f"从备份建不出数据库：{failures[0].partition('error: ')[2]}")
