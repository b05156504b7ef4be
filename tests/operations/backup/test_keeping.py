from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.friendly import SetupError
from operations.backup.archive import Backup, Manifest
from operations.backup.keeping import PRE_UPGRADE, refuse_lack_of_room, to_keep

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


def made(moment: datetime, label: str = "") -> Backup:
    manifest = Manifest(
        label=label,
        made_at=moment.timestamp(),
        database="anliku",
        major=18,
        dump_major=18,
        dump_bytes=0,
        dump_digest="",
        size=0,
        release="",
        migrations={},
        roles=[],
        contents={},
    )
    return Backup(Path(moment.isoformat()), manifest)


def kept(*moments: datetime, label: str = "") -> list[datetime]:
    present = [made(moment, label) for moment in sorted(moments, reverse=True)]
    paths = to_keep(present, NOW)
    return [backup.manifest.moment for backup in present if backup.path in paths]


class TestWhichStay:
    def test_a_backup_each_night_leaves_days_then_weeks_then_months(self):
        nights = [NOW - timedelta(days=days, hours=1) for days in range(800)]
        stay = kept(*nights)
        assert stay[:7] == nights[:7]
        weeks = [moment for moment in stay if moment > NOW - timedelta(days=28)]
        assert len(weeks) <= 7 + 3
        assert 7 + 2 + 10 <= len(stay) <= 7 + 4 + 12
        assert stay[-1] < NOW - timedelta(days=300)

    def test_all_of_the_last_day_stay(self):
        today = [NOW - timedelta(hours=hours) for hours in range(24)]
        assert kept(*today) == today

    def test_of_a_day_before_the_last_one_stays(self):
        day = [NOW - timedelta(days=3, hours=hours) for hours in range(6)]
        assert kept(*day) == day[:1]

    def test_old_ones_stay_where_none_are_newer(self):
        old = [NOW - timedelta(days=900), NOW - timedelta(days=901)]
        assert kept(*old) == old

    def test_those_before_the_last_three_upgrades_stay_however_old(self):
        upgrades = [NOW - timedelta(days=100 * number) for number in range(1, 6)]
        assert kept(*upgrades, label=PRE_UPGRADE) == upgrades[:3]


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(SetupError, match="磁盘空间不足，没有备份"):
        refuse_lack_of_room(tmp_path, 10**18, "备份")
    refuse_lack_of_room(tmp_path, 0, "备份")
