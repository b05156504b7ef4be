"""The folder of backups: who owns it, how much room there is, and which of them may go."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from config.friendly import SetupError, explain_os_error
from embedded_postgres.account import hand_over, server_account
from operations.backup.archive import BAD, SUFFIX, Backup, read_backup

PART = ".part"  # behind the suffix: not whole yet
PRE_UPGRADE = "pre-upgrade"
# The newest of each of so many days, weeks and months that have any. Those of the last day stay all.
DAYS, WEEKS, MONTHS = 7, 4, 12
RECENT = timedelta(days=1)
UPGRADES = 3  # backups before the last upgrades
BADS = 2  # files to find out by what is wrong
RESERVE = 256_000_000  # bytes of the disk that no backup takes


def folder() -> Path:
    return settings.VAR_DIR / "backups"


def prepare_folder() -> Path:
    """The folder is there, nobody else may enter it, and what killed backups left in it is gone."""
    path = folder()
    try:
        path.mkdir(parents=True, exist_ok=True)
        hand_over_to_site(path)
        for part in path.glob(f"*{SUFFIX}{PART}"):
            part.unlink()
    except OSError as error:
        raise SetupError(explain_os_error(error) or f"备份的文件夹 {path} 不能用：{error.strerror}") from error
    return path


def hand_over_to_site(path: Path) -> None:
    """Root's files too are read and removed by the account that the site runs as."""
    root = settings.DATABASES["default"].get("EMBEDDED_ROOT")
    if path.is_dir():
        path.chmod(0o700)
    if root is None or os.geteuid() != 0:
        return
    account = server_account(root, root / "data")
    if path.is_dir():
        hand_over(account, path)
    else:
        os.chown(path, account.uid, account.gid)


def refuse_lack_of_room(place: Path, needed: int, deed: str) -> None:
    """Raises SetupError unless the disk of `place` has so many bytes more than the reserve."""
    free = shutil.disk_usage(place).free
    if free < needed + RESERVE:
        raise SetupError(
            f"磁盘空间不足，没有{deed}：需要 {megabytes(needed + RESERVE)}，只剩 {megabytes(free)}（{place}）"
        )


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def backups() -> list[Backup]:
    """Those of the folder that are whole, newest first."""
    whole = []
    for path in folder().glob(f"*{SUFFIX}"):
        try:
            whole.append(read_backup(path))
        except SetupError:
            continue  # another's file, or one cut short: neither counted nor removed
    return sorted(whole, key=lambda backup: backup.manifest.made_at, reverse=True)


def thin_out() -> list[Path]:
    """Removes what is older than it need be; returns what is gone. The newest one always stays."""
    present = backups()
    kept = to_keep(present, datetime.now(UTC))
    bad = sorted(folder().glob(f"*{SUFFIX}{BAD}"), key=lambda path: path.stat().st_mtime, reverse=True)
    gone = [backup.path for backup in present if backup.path not in kept] + bad[BADS:]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def to_keep(present: list[Backup], now: datetime) -> set[Path]:
    """Of backups (newest first) those that stay."""
    upgrades = [backup for backup in present if backup.manifest.label == PRE_UPGRADE]
    others = [backup for backup in present if backup.manifest.label != PRE_UPGRADE]
    kept = {backup.path for backup in upgrades[:UPGRADES]}
    kept |= {backup.path for backup in present if now - backup.manifest.moment < RECENT}
    for periods, period in ((DAYS, _day), (WEEKS, _week), (MONTHS, _month)):
        newest: dict[tuple, Path] = {}
        for backup in others:
            newest.setdefault(period(backup.manifest.moment), backup.path)
        kept |= set(list(newest.values())[:periods])
    return kept


def _day(moment: datetime) -> tuple:
    return moment.year, moment.month, moment.day


def _week(moment: datetime) -> tuple:
    return moment.isocalendar()[:2]


def _month(moment: datetime) -> tuple:
    return moment.year, moment.month
