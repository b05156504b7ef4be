"""The two jobs. Each does nothing where the batch is no longer in the state from which it starts."""

import logging
from collections.abc import Callable

from django.contrib.auth import get_user_model
from django.db import Error, transaction
from django.utils import timezone
from django_tasks import task

from catalog.importing.drafts import ImportProblem
from catalog.models import Case
from catalog.search import refresh_index
from config.database.outages import outage
from intake import importing, reading
from intake.beat import Cancelled
from intake.models import ImportBatch

log = logging.getLogger(__name__)

State = ImportBatch.State
_WHO = {State.READING: "created_by_id", State.IMPORTING: "accepted_by_id", State.UNDOING: "undone_by_id"}
IMPORT, PUBLISH = "intake.import_cases", Case.PUBLISH


@task()
def read_batch(key: int) -> None:
    _run(key, State.READING, lambda batch: reading.read(batch))


@task()
def import_accepted(key: int) -> None:
    def do(batch: ImportBatch) -> None:
        try:
            importing.import_batch(batch, may_publish=_may(batch.accepted_by_id, PUBLISH))
        except importing.Outdated as outdated:
            _read_again(batch, f"预览以后目录变了：{outdated}。什么也没有写；这是新的预览，请再看一遍。")

    if _run(key, State.IMPORTING, do):
        # Not in the import's transaction: others are at work meanwhile, and all that is lost with it is time.
        refresh_index()


@task()
def undo_accepted(key: int) -> None:
    if _run(key, State.UNDOING, importing.undo_batch):
        refresh_index()


def _run(key: int, state: State, do: Callable[[ImportBatch], None]) -> bool:
    """Whether it was done. Whatever goes wrong stands in the batch afterwards, and the catalogue is as before."""
    batch = ImportBatch.objects.filter(pk=key, state=state).first()
    if batch is None:
        return False
    if batch.cancel_asked and state != State.UNDOING:
        _end(batch, State.CANCELLED, "")
        return False
    user = getattr(batch, _WHO[state])
    if not _may(user, IMPORT):
        _end(batch, _failed(state), "上传、确认或撤销这一批的账号没有导入的权限了。")
        return False
    batch.attempts += 1
    batch.step, batch.done, batch.total = "", 0, 0
    batch.save(update_fields=["attempts", "step", "done", "total"])
    try:
        do(batch)
    except Cancelled:
        _end(batch, State.CANCELLED, "")
    except ImportProblem as problem:
        _end(batch, _failed(state), f"{problem}（目录保持原样）")
    except Error as error:
        if outage(error) is not None:
            raise  # the worker tries again, or gives it up
        log.exception("第 %s 批没有做成", key)
        _end(batch, _failed(state), "数据库没有接受，已记入日志；目录保持原样，可以再试。")
    except Exception:
        log.exception("第 %s 批没有做成", key)
        _end(batch, _failed(state), "程序出了错，已记入日志；目录保持原样。请告知管理员。")
    else:
        return True
    return False


def _failed(state: State) -> State:
    """What a batch is when its job could not be done: one that was not undone is still imported."""
    return State.DONE if state == State.UNDOING else State.FAILED


def _may(user: int | None, permission: str) -> bool:
    row = get_user_model().objects.filter(pk=user, is_active=True).first()
    return row is not None and row.has_perm(permission)


def _end(batch: ImportBatch, state: State, message: str) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(state=state, message=message, finished_at=timezone.now())


@transaction.atomic
def _read_again(batch: ImportBatch, message: str) -> None:
    """What has been asked for meanwhile stays."""
    batch.read_again(message)
    read_batch.enqueue(batch.pk)


def give_up(path: str, arguments: list, **sent) -> None:
    """Of a job that lost its worker or its database again and again."""
    if path not in (read_batch.module_path, import_accepted.module_path, undo_accepted.module_path):
        return
    batch = ImportBatch.objects.select_for_update().filter(pk=arguments[0]).first()
    if batch is not None and batch.is_at_work:
        told = "做这一批时后台进程或数据库几次中途断了（多半是内存不足）。目录保持原样，可以再试。"
        _end(batch, _failed(batch.state), told)
