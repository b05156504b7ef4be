"""Whether data of earlier versions come over: their own code makes them, this code takes them.

    python -m bench.upgrades COMMIT [COMMIT ...]       at the top of a git checkout with a .venv

For each commit its files are laid out in a folder of their own, and its own `prepare` fills the database there from
its own documents. Then the database's folder is moved under a copy of the newest commit, and `prepare` is run there,
as `make run` does. Printed are the cases and accounts before and after, how long the upgrade took (seconds), what it
said of the backup before it, and whether the index is that of the cases. The exit code is 1 where anything was lost.
The packages are those of this checkout's .venv.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config.friendly import PROJECT

COUNT = "from catalog.models import Case; from django.contrib.auth.models import User; "
COUNT += "print('counted', Case.objects.count(), User.objects.count())"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commits", nargs="+")
    lost = False
    for commit in parser.parse_args().commits:
        with tempfile.TemporaryDirectory(prefix="upgrades-") as folder:
            Path(folder).chmod(0o755)  # the server may run as another account
            lost |= not upgraded(commit, Path(folder))
    return int(lost)


def upgraded(commit: str, folder: Path) -> bool:
    """Prints a report; whether the data came over whole."""
    old, new = lay_out(commit, folder / "old"), lay_out("HEAD", folder / "new")
    manage(old, "prepare")
    before = counted(old)
    stopped(old)
    (new / "var").mkdir()
    shutil.move(old / "var" / "postgres", new / "var" / "postgres")
    began = time.perf_counter()
    told = manage(new, "prepare")
    seconds = time.perf_counter() - began
    after = counted(new)
    index = manage(new, "check_index", "-v0").strip()
    stopped(new)
    saved = [line for line in told.splitlines() if "备份" in line]
    print(f"{commit}: {before} → {after} (cases, accounts), {seconds:.0f} s; {index}")
    print("\n".join(f"    {line}" for line in saved))
    return after == before


def lay_out(commit: str, folder: Path) -> Path:
    folder.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=PROJECT, stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
    return folder


def manage(folder: Path, *arguments: str) -> str:
    """What a command of the code in `folder` says; ends the run where it fails."""
    result = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=folder,
        env={**os.environ, "DEBUG": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        sys.exit(f"{folder.name}: manage.py {' '.join(arguments)}: {result.stdout}")
    return result.stdout


def counted(folder: Path) -> tuple[int, int]:
    line = next(line for line in manage(folder, "shell", "-c", COUNT).splitlines() if line.startswith("counted"))
    _, cases, accounts = line.split()
    return int(cases), int(accounts)


def stopped(folder: Path) -> None:
    """The server ends by itself soon after its last user; its folder must not be moved before."""
    deadline = time.monotonic() + 60
    while (folder / "var" / "postgres" / "data" / "postmaster.pid").exists():
        if time.monotonic() > deadline:
            sys.exit(f"the server in {folder} does not stop")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
