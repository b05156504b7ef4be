"""The key that signs sessions and forms."""

import fcntl
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from config.friendly import SetupError, explain_os_error

LENGTH = 50  # characters; Django warns below 50


def secret_key(base_dir: Path, environ: Mapping[str, str]) -> str:
    """SECRET_KEY of the environment, else a random key kept in var/secret-key (mode 600, not in git).

    The file is written under a lock, so that processes which start at once agree on the key;
    a file cut short by a crash is written anew.
    """
    if key := environ.get("SECRET_KEY", "").strip():
        return key
    path = Path(base_dir) / "var" / "secret-key"
    try:
        return _read_or_create(path)
    except OSError as error:
        reason = explain_os_error(error) or str(error)
        raise SetupError(f"{reason}；也可以用环境变量 SECRET_KEY 提供密钥") from error


def _read_or_create(path: Path) -> str:
    path.parent.mkdir(exist_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read().strip()
        if len(key) < LENGTH:
            key = secrets.token_urlsafe(LENGTH)
            file.seek(0)
            file.truncate()
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        return key
