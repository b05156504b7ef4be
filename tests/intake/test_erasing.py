"""What is erased for good is in no batch either: not in its items, its messages, its files."""

import pytest
from django.db import connection

from catalog.history import erase_cases, erase_source
from catalog.models import Case, Source
from intake.models import FileChunk, ImportBatch
from tests.intake.conftest import accept, address, file, rows, upload, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECRET = "渔港边上的冷库欠了银行一笔谁也不许知道的钱，到今天也没有还清。"
ROWS = [
    {"id": "1", "title": "渔港的冷库秘密", "text": SECRET},
    {"id": "2", "title": "山里的茶园", "text": "茶农春天要雇人采茶。"},
]


def everything() -> str:
    """All that the database holds, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()")
        tables = [name for (name,) in cursor.fetchall()]
        held = []
        for table in tables:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} AS t")
            held += [text for (text,) in cursor.fetchall()]
    return "\n".join([*held, *(bytes(chunk.content).decode() for chunk in FileChunk.objects.all())])


@pytest.fixture
def batch(client, editor) -> ImportBatch:
    return accept(client, upload(client, file("案例.jsonl", rows(*ROWS))), "public")


def test_a_case_is_in_no_table(client, batch):
    case = Case.objects.get(title="渔港的冷库秘密")
    twin = [{"title": "别处的标题", "text": SECRET}]
    accept(client, upload(client, file("别的.jsonl", rows(*twin))))
    assert "冷库秘密" in everything()
    erase_cases({case.pk, *Case.objects.filter(title="别处的标题").values_list("pk", flat=True)})
    held = everything()
    assert "冷库秘密" not in held  # of two characters alone the frequencies are counted on
    assert "谁也不许知道" not in held
    assert Case.objects.get().title == "山里的茶园"
    assert batch.items.get(title="山里的茶园").new["body"]


def test_a_batch_that_waits_with_it_is_cancelled(client, batch):
    waiting = upload(client, file("案例.jsonl", rows(ROWS[0] | {"summary": "新的简介"}, ROWS[1])))
    erase_cases({Case.objects.get(title="渔港的冷库秘密").pk})
    waiting.refresh_from_db()
    assert waiting.state == ImportBatch.State.CANCELLED
    client.post(address("again", waiting.pk))
    work()
    waiting.refresh_from_db()
    assert waiting.state == ImportBatch.State.FAILED
    assert "重新上传" in waiting.message


def test_a_source_is_in_no_batch(client, batch):
    erase_source(Source.objects.get().pk)
    held = everything()
    assert "谁也不许知道" not in held
    assert "茶农春天" not in held
