"""Root's commands do the site's work as the account that its database runs as, like the site itself.

What that account reads and writes is in var/ and static-built/: these belong to it. The code stays root's.
"""

import os
from pathlib import Path

from config.friendly import PROJECT, SetupError
from embedded_postgres import account


def step_down_from_root(*documents: Path) -> None:
    """This process and its children are the account's from here on, when they are root's. Harmless otherwise.

    SetupError says which of the files and folders `documents` could not be read any more.
    """
    var = PROJECT / "var"
    owner = account.server_account(var / "postgres", var / "postgres" / "data")
    if not owner.switch:
        return
    there = [path for path in _with_contents(documents) if path.exists()]
    folders = [folder for folder in (var, PROJECT / "static-built") if folder.exists()]
    for folder in folders:
        account.hand_over(owner, folder)
    account.open_the_code(owner, PROJECT / "manage.py", *folders)
    account.step_down(owner)
    for path in there:
        if not os.access(path, os.R_OK):
            raise SetupError(
                f"用户 {owner.name} 读不到 {path}（以 root 运行时由它导入）："
                f"请运行 chmod o+r {path}，并让它能走到那里，或把文件放到别处"
            )


def _with_contents(paths: tuple[Path, ...]):
    for path in paths:
        yield path
        if path.is_dir():
            yield from path.iterdir()
