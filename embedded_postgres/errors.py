"""Troubles of the set-up that the person at the keyboard can mend, each told in one line."""

import errno


class SetupError(Exception):
    """Its text is the line to show."""


def explain_os_error(error: OSError) -> str | None:
    """One line about a full disk, missing rights or a read-only file system; None for any other error."""
    path = error.filename or ""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"磁盘已满：请腾出空间后重试 {path}".rstrip()
        case errno.EACCES | errno.EPERM:
            return f"没有权限：{path}（请检查文件夹的所有者与读写权限）"
        case errno.EROFS:
            return f"文件系统只读：{path}"
    return None
