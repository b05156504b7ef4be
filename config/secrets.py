"""The key that signs sessions and forms."""

import fcntl
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from config.friendly import SetupError, explain_os_error

LENGTH = 50  # characters; Django warns below 50
DIFFERENT = 10  # characters: less is a pattern that someone typed


def secret_key(base_dir: Path, environ: Mapping[str, str]) -> str:
    """SECRET_KEY of the environment, else a random key kept in var/secret-key (mode 600, not in git).

    Whoever knows the key can forge what it signs: one that can be guessed is refused (SetupError). The file is written
    under a lock, so that processes which start at once agree on the key; a file cut short by a crash is written anew.
    """
    if key := environ.get("SECRET_KEY", "").strip():
        if len(key) < LENGTH or len(set(key)) < DIFFERENT or key.startswith("django-insecure-"):
            raise SetupError(f"SECRET_KEY 太容易猜：至少要 {LENGTH} 个随机的字符；不设就自动生成一个（var/secret-key）")
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
        if os.fstat(file.fileno()).st_mode & 0o077:  # copied or restored for everyone to read
            os.fchmod(file.fileno(), 0o600)
        key = file.read().strip()
        if len(key) < LENGTH:
            key = secrets.token_urlsafe(LENGTH)
            file.seek(0)
            file.truncate()
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        return key
