"""/healthz and /readyz, for load balancers and for whoever looks: they come by address, often, and with no account.

An answer names parts and times and no more. It is made at most once a second by a process, so that asking costs
nothing; what hardly changes is looked at less often.
"""

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse

from catalog.search import index_is_current
from config.mode import Mode, current_state
from embedded_postgres.errors import SetupError
from jobs import standing

log = logging.getLogger(__name__)

ENOUGH_DISK = 256 * 2**20  # bytes free
LIMIT = 2000  # milliseconds a question to the database may take
PATIENCE = 5.0  # seconds that an answer may be in the making; after that nothing is well
STUCK = "检查一直没有结束：数据库很可能停住了"


class NotReady(Exception):
    """Its text says why, in one Chinese line."""


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_migrations() -> None:
    """That the code's migrations are all applied, and that no others are: code must not be older than its data."""
    loader = MigrationLoader(connection)
    missing = set(loader.graph.nodes) - set(loader.applied_migrations)
    if missing:
        raise NotReady(f"有 {len(missing)} 个数据库迁移还没有执行：请运行 make run 或 manage.py migrate")
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    known = set(loader.disk_migrations) | replaced
    newer = {key for key in loader.applied_migrations if key[0] in loader.migrated_apps} - known
    if newer:
        raise NotReady("数据由更新的版本写成：请换用新版本")


def check_index() -> None:
    if not index_is_current():
        raise NotReady("检索索引不全或不是现在的代码做的：请运行 manage.py rebuild_index")


def check_disk() -> None:
    folder = next(folder for folder in (settings.VAR_DIR, *settings.VAR_DIR.parents) if folder.exists())
    if shutil.disk_usage(folder).free < ENOUGH_DISK:
        raise NotReady(f"磁盘快满了：剩余不足 {ENOUGH_DISK // 2**20} MB")


def check_worker() -> None:
    """While the site is closed or only read, nobody works."""
    if current_state().mode == Mode.OPEN and (problem := standing.trouble()):
        raise NotReady(problem)


@dataclass
class Part:
    """Something that the site needs, and what was last found of it; `lasts` so many seconds. Without what is not
    `vital` readers are served all the same.
    """

    check: Callable[[], None]
    lasts: float
    uses_database: bool = True
    vital: bool = True
    result: dict = field(default_factory=dict)
    looked_at: float = float("-inf")

    def look(self) -> dict:
        began = monotonic()
        if began - self.looked_at >= self.lasts or not self.result["ok"]:
            self.result = self._result(began)
            self.looked_at = began
        return self.result

    def _result(self, began: float) -> dict:
        try:
            self._check()
        except NotReady as reason:
            self._complain(str(reason))
            result = {"ok": False, "detail": str(reason)}
        except (Error, SetupError) as error:
            # The driver's words may hold names and addresses: those are for the log.
            self._complain(f"数据库没有回答：{error}")
            result = {"ok": False, "detail": "数据库没有回答"}
        else:
            result = {"ok": True}
        return result | {"ms": round(1000 * (monotonic() - began), 1)}

    def _complain(self, reason: str) -> None:
        """Once, when it begins."""
        if self.result.get("ok", True):
            log.warning("%s", reason)

    def _check(self) -> None:
        if not self.uses_database:
            return self.check()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {LIMIT}")
            return self.check()


class Readiness:
    """Whether the site can serve; one thread at a time finds out, and the others take what it found."""

    lasts = 1.0

    def __init__(self):
        self.parts = {
            "database": Part(check_database, lasts=0),
            "migrations": Part(check_migrations, lasts=30),
            "index": Part(check_index, lasts=30),
            "disk": Part(check_disk, lasts=0, uses_database=False),
            "worker": Part(check_worker, lasts=5, vital=False),
        }
        self.lock = threading.Lock()
        self.found: dict = {}
        self.stuck = False
        self.found_at = float("-inf")

    def answer(self) -> dict:
        """As it was found a second ago at most, or while another thread looks, a little longer ago."""
        if monotonic() - self.found_at >= self.lasts and self.lock.acquire(timeout=0 if self.found else PATIENCE):
            try:
                self.found, self.found_at = self.look(), monotonic()
            finally:
                self.lock.release()
        if monotonic() - self.found_at <= self.lasts + PATIENCE:
            self.stuck = False
            return self.found
        if not self.stuck:
            self.stuck = True
            log.warning(STUCK)
        return {"ready": False, "parts": {}, "detail": STUCK}

    def look(self) -> dict:
        parts = {}
        for name, part in self.parts.items():
            # Without a database there is no use in waiting for it several times over.
            if part.uses_database and parts and not parts["database"]["ok"]:
                continue
            parts[name] = part.look()
        ready = all(part["ok"] for name, part in parts.items() if self.parts[name].vital)
        return {"ready": ready, "parts": parts}


class HealthMiddleware:
    """/healthz: this process answers. /readyz: so does all it needs; while the site is closed, too, with its `mode`."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.readiness = Readiness()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = {"/healthz": self.alive, "/readyz": self.ready}.get(request.path)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return _json({"detail": "这个地址只供查看"}, status=405, headers={"Allow": "GET, HEAD"})
        request.refused_on_purpose = True  # its reasons have lines of their own in the log, once each
        return answer()

    def alive(self) -> HttpResponse:
        return _json({"alive": True})

    def ready(self) -> HttpResponse:
        found = self.readiness.answer()
        return _json(found | {"mode": current_state().mode}, status=200 if found["ready"] else 503)


def _json(body: dict, **options) -> HttpResponse:
    response = JsonResponse(body, json_dumps_params={"ensure_ascii": False}, **options)
    response["Cache-Control"] = "no-store"
    return response
