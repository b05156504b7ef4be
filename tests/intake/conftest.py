import json

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from intake.models import ImportBatch
from jobs.worker import Worker

PASSWORD = "春眠不觉晓-Spring7"


@pytest.fixture
def make_editor(db):
    """make_editor("import_cases"): an account of the staff with these rights."""

    def make(*rights: str, name: str = "liming"):
        user = get_user_model().objects.create_user(name, password=PASSWORD, is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        return user

    return make


@pytest.fixture
def editor(client, make_editor):
    """Logged in, with the right to import and to publish."""
    user = make_editor("import_cases", "publish_case")
    client.force_login(user)
    return user


def file(name: str, content: str | bytes = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def rows(*given: dict) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in given)


def address(name: str, *args) -> str:
    return reverse(f"admin:intake_importbatch_{name}", args=args)


def work() -> None:
    """What the process in the background does, in this one."""
    runner = Worker()
    while True:
        job = runner._take()
        if job is None:
            return
        runner._runner.run_task(job)
        job.refresh_from_db()
        assert job.status != "FAILED", job.traceback


def upload(client, *files) -> ImportBatch:
    """The batch, read."""
    response = client.post(address("add"), {"files": list(files)})
    assert response.status_code == 302, response.content.decode()
    work()
    return ImportBatch.objects.latest("pk")


def accept(client, batch, status: str = "draft", left_out=()) -> ImportBatch:
    shown = [item.pk for item in batch.items.all()]
    chosen = [item.pk for item in batch.items.all() if item.title not in left_out]
    client.post(address("accept", batch.pk), {"status": status, "shown": shown, "chosen": chosen})
    work()
    batch.refresh_from_db()
    return batch


def jobs() -> int:
    return DBTaskResult.objects.count()
