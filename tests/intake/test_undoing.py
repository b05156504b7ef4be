"""A batch is taken back as a whole, and nothing that anyone has written since goes with it."""

import pytest

from catalog.models import Case, Source
from catalog.search import find_differences, search_cases
from intake.models import ImportBatch
from tests.intake.conftest import accept, address, file, rows, upload, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

State = ImportBatch.State
FIRST = [
    {"id": "1", "title": "渔港的冷库", "text": "渔港边上的冷库今年换了新的压缩机，船一靠岸就能入库。"},
    {"id": "2", "title": "山里的茶园", "text": "茶农春天要雇人采茶，工钱当天就要结清。"},
]
SECOND = [
    FIRST[0] | {"text": "渔港边上的冷库去年换了旧的压缩机，船一靠岸就能入库。"},
    FIRST[1],
    {
        **{"id": "3", "title": "街角的书店", "text": "书店老板想把二楼改成自习室，缺一笔装修的钱。"},
        **{"bank": "工行", "products": ["书店贷"]},
    },
]


def undo(client, batch: ImportBatch) -> ImportBatch:
    assert client.post(address("undo", batch.pk)).status_code == 302
    work()
    batch.refresh_from_db()
    return batch


def everything() -> list:
    return list(Case.objects.order_by("pk").values("pk", "title", "body", "slug", "ref", "status", "imported"))


def test_the_catalogue_is_as_before(client, editor):
    accept(client, upload(client, file("案例.jsonl", rows(*FIRST))), "public")
    before = everything()
    batch = accept(client, upload(client, file("案例.jsonl", rows(*SECOND))), "public")
    assert Case.objects.count() == 3
    page = client.get(address("undo", batch.pk)).content.decode()
    assert "写入了 1 个新案例，改动了 1 个" in page
    assert undo(client, batch).state == State.UNDONE
    assert "删去 1 个、改回 1 个" in batch.message
    assert everything() == before
    assert not search_cases(Case.objects.all(), "自习室").exists()
    assert search_cases(Case.objects.all(), "今年换了新的压缩机").exists()
    assert not find_differences()


def test_a_batch_is_published_at_once_and_taken_back_all_the_same(client, editor):
    batch = accept(client, upload(client, file("案例.jsonl", rows(*FIRST))))
    assert "公开这一批的 2 个草稿" in client.get(address("change", batch.pk)).content.decode()
    client.post(address("publish", batch.pk))
    assert Case.objects.public().count() == 2
    assert not find_differences()
    assert search_cases(Case.objects.public(), "压缩机").count() == 1
    assert undo(client, batch).state == State.UNDONE
    assert not Case.objects.exists()


def test_what_somebody_wrote_since_stays(client, editor):
    accept(client, upload(client, file("案例.jsonl", rows(*FIRST))))
    batch = accept(client, upload(client, file("案例.jsonl", rows(*SECOND))))
    for title in ("渔港的冷库", "街角的书店"):
        case = Case.objects.get(title=title)
        case.summary = "编辑写的简介"
        case.save()
    assert undo(client, batch).state == State.UNDONE
    edited = Case.objects.filter(summary="编辑写的简介")
    assert set(edited.values_list("title", flat=True)) == {"渔港的冷库", "街角的书店"}
    assert "“街角的书店”后来又改过，没有删除" in batch.message


def test_a_case_that_was_edited_before_is_as_it_was_with_what_the_next_merge_needs(client, editor):
    first = FIRST[0] | {"text": "第一段。\n第二段。\n第三段。"}
    accept(client, upload(client, file("案例.jsonl", rows(first))))
    case = Case.objects.get()
    case.body = "第一段。\n\n编辑写的。\n\n第三段。"
    case.save()
    before = Case.objects.values("body", "base", "imported", "provenance").get()
    second = first | {"text": "第一段改过。\n第二段。\n第三段。"}
    batch = accept(client, upload(client, file("案例.jsonl", rows(second))))
    assert Case.objects.get().body == "第一段改过。\n\n编辑写的。\n\n第三段。"
    undo(client, batch)
    assert Case.objects.values("body", "base", "imported", "provenance").get() == before
    accept(client, upload(client, file("案例.jsonl", rows(second))))
    assert Case.objects.get().body == "第一段改过。\n\n编辑写的。\n\n第三段。"


def test_a_conflict_that_the_batch_brought_is_told(client, editor):
    accept(client, upload(client, file("案例.jsonl", rows(*FIRST))))
    Case.objects.filter(title="渔港的冷库").update(body="编辑写的。")
    batch = undo(client, accept(client, upload(client, file("案例.jsonl", rows(*SECOND)))))
    assert "1 处冲突仍待处理" in batch.message
    assert Case.objects.get(title="渔港的冷库").body == "编辑写的。"


def test_the_first_batch_of_a_file_leaves_no_source_behind(client, editor):
    batch = accept(client, upload(client, file("案例.jsonl", rows(*SECOND))))
    undo(client, batch)
    assert not Case.objects.exists()
    assert not Source.objects.exists()


def test_the_same_file_can_be_brought_in_again(client, editor):
    accept(client, upload(client, file("案例.jsonl", rows(*FIRST))))
    undo(client, accept(client, upload(client, file("案例.jsonl", rows(*SECOND)))))
    again = upload(client, file("案例.jsonl", rows(*SECOND)))
    assert dict(again.items.values_list("title", "change")) == {
        "渔港的冷库": "changed",
        "山里的茶园": "unchanged",
        "街角的书店": "new",
    }
    assert accept(client, again).state == State.DONE
    assert Case.objects.count() == 3


def test_what_was_undone_is_not_undone_again(client, editor):
    batch = undo(client, accept(client, upload(client, file("案例.jsonl", rows(*FIRST)))))
    assert undo(client, batch).state == State.UNDONE
    assert "撤销这一批" not in client.get(address("change", batch.pk)).content.decode()


def test_who_may_not_publish_takes_nothing_from_readers(client, editor, make_editor):
    batch = accept(client, upload(client, file("案例.jsonl", rows(*FIRST))), "public")
    client.force_login(make_editor("import_cases", name="zhangsan"))
    assert client.post(address("undo", batch.pk)).status_code == 403
    Case.objects.update(status="draft")
    assert undo(client, batch).state == State.UNDONE
