"""Data of an older PostgreSQL become data of ours.

pg_upgrade copies them into a cluster beside; only when that is whole do the folders change their names. The old one
stays, under its version's name, until someone removes it. Cut short anywhere, the next start does the rest or begins
anew.
"""

import shutil
import tempfile
from pathlib import Path

from embedded_postgres.cluster import ROLE, Cluster
from embedded_postgres.disk import free_space_problem, size_of
from embedded_postgres.errors import SetupError
from embedded_postgres.programs import MAJOR, find_older_programs, find_programs
from embedded_postgres.server import end_orphans

DEED = "升级"
_WHOLE = "data.upgraded"  # a copy that is complete and has not yet got its name


def take_over(cluster: Cluster) -> None:
    """Nothing to do where the data are ours, or there are none. SetupError, and all as before, when it can't be done.

    No server may be running.
    """
    _finish_switch(cluster)
    version = cluster.version()
    if version in (None, MAJOR):
        return
    if version > MAJOR:
        raise SetupError(
            f"数据由更新的 PostgreSQL {version} 写成，这里的程序是 {MAJOR}：请用写成它的那个版本打开（{cluster.data}）"
        )
    programs = find_older_programs(version)
    if programs is None:
        raise SetupError(
            f"数据是 PostgreSQL {version} 的，升级到 {MAJOR} 需要 {version} 的程序，这里没有："
            f"请先安装 PostgreSQL {version}（如 apt-get install postgresql-{version}），再启动"
        )
    if problem := free_space_problem(cluster.root, size_of(cluster.data)):
        raise SetupError(f"数据要升级到 PostgreSQL {MAJOR}，旧的保留。{problem}")
    cluster.write_log(f"数据由 PostgreSQL {version} 升级到 {MAJOR}\n")
    staging = cluster.root / "data.new"
    try:
        _copy(cluster, programs, staging)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    whole = cluster.root / _WHOLE
    staging.rename(whole)
    cluster.data.rename(_free_name(cluster.root / f"data.{version}"))
    whole.rename(cluster.data)


def _finish_switch(cluster: Cluster) -> None:
    """Of a take-over that was cut short between its two renamings."""
    whole = cluster.root / _WHOLE
    if cluster.data.exists():
        shutil.rmtree(whole, ignore_errors=True)  # the data may have changed since it was copied
    elif whole.exists():
        whole.rename(cluster.data)
    elif kept := sorted(cluster.root.glob("data.[0-9]*")):
        # Not a new folder, whose data are still to be made.
        raise SetupError(f"{cluster.data} 不见了，只有升级前留下的 {kept[-1]}：要用它，请把它改名为 data")


def _copy(cluster: Cluster, programs: Path, staging: Path) -> None:
    end_orphans(staging)  # of a take-over whose keeper was killed
    state = cluster.run([programs / "pg_controldata", "-D", "."], cluster.data, DEED)
    if _value(state, "Database cluster state") != "shut down":
        # It was killed: its own programs replay its log, and close it.
        cluster.run([programs / "postgres", "--single", "-D", ".", "template1"], cluster.data, DEED)
    checksums = _value(state, "Data page checksum version") != "0"
    cluster.initialise(staging, "--data-checksums" if checksums else "--no-data-checksums")
    # A short path, for the sockets by which it talks to both servers.
    with tempfile.TemporaryDirectory(prefix="anliku-pg-") as sockets:
        pg_upgrade = [
            *(find_programs() / "pg_upgrade", "-b", programs, "-B", find_programs()),
            *("-d", cluster.data.absolute(), "-D", staging.absolute(), "-s", sockets, "-U", ROLE),
        ]
        cluster.run(pg_upgrade, staging, DEED)
    (staging / "delete_old_cluster.sh").unlink(missing_ok=True)


def _value(text: str, name: str) -> str:
    return next(line.partition(":")[2].strip() for line in text.splitlines() if line.startswith(f"{name}:"))


def _free_name(path: Path) -> Path:
    number = 1
    while path.exists():
        number += 1
        path = path.with_name(f"{path.name.partition('-')[0]}-{number}")
    return path
