"""From an upload to cases of the catalogue, as an editor goes; the jobs run in the test's own process."""

import pytest

from catalog.models import Case, Conflict, SearchEntry, Source
from intake.models import BatchFile, BatchItem, ImportBatch
from tests.importing.test_import_command import ARTICLE
from tests.intake.conftest import accept, address, file, rows, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

State = ImportBatch.State
FIRST = [
    {"id": "1", "title": "众志成城", "text": "第一段说的是复工。\n第二段。"},
    {"id": "2", "title": "守望相助", "text": "原文。"},
]


def test_what_is_uploaded_is_read_and_nothing_is_written(client, editor):
    batch = upload(client, file("案例.jsonl", rows(*FIRST)), file("文章.txt", ARTICLE))
    assert batch.state == State.WAITING
    assert [item.change for item in batch.items.all()] == ["new"] * 3
    assert not Case.objects.exists()
    assert not Source.objects.exists()
    page = client.get(address("change", batch.pk)).content.decode()
    assert "新案例 3" in page
    assert "守望相助" in page


@pytest.mark.parametrize("status", ["draft", "public"])
def test_what_is_accepted_comes_in_as_it_was_said(client, editor, status):
    batch = accept(client, upload(client, file("案例.jsonl", rows(*FIRST))), status)
    assert batch.state == State.DONE
    assert set(Case.objects.values_list("title", "status")) == {("众志成城", status), ("守望相助", status)}
    assert SearchEntry.objects.filter(public=status == "public").count() == 2


def test_only_what_is_ticked_comes_in(client, editor):
    batch = accept(client, upload(client, file("案例.jsonl", rows(*FIRST))), left_out=["守望相助"])
    assert batch.state == State.DONE
    assert list(Case.objects.values_list("title", flat=True)) == ["众志成城"]
    again = upload(client, file("案例.jsonl", rows(*FIRST)))
    assert dict(again.items.values_list("title", "change")) == {"众志成城": "unchanged", "守望相助": "new"}


def test_of_two_that_want_one_number_the_first_may_be_left_out(client, editor):
    two = [row | {"number": 7} for row in FIRST]
    batch = accept(client, upload(client, file("案例.jsonl", rows(*two))), left_out=["众志成城"])
    assert batch.state == State.DONE
    assert Case.objects.get().number == 7


def test_a_file_that_the_catalogue_has_under_another_name_is_refused_and_the_others_come_in(client, editor):
    accept(client, upload(client, file("案例.jsonl", rows(*FIRST))))
    batch = upload(client, file("副本.jsonl", rows(*FIRST)), file("别的.jsonl", rows({"title": "同舟共济"})))
    assert "完全相同" in batch.files.get(name="副本.jsonl").problem
    assert accept(client, batch).state == State.DONE
    assert Case.objects.count() == 3
    assert "完全相同" in batch.files.get(name="副本.jsonl").problem


def test_a_new_edition_is_shown_by_character_and_what_an_editor_wrote_stays(client, editor):
    accept(client, upload(client, file("案例.jsonl", rows(*FIRST))))
    Case.objects.filter(title="守望相助").update(body="编辑写的。")
    second = [FIRST[0] | {"text": "第一段说的是复产。\n第二段。"}, FIRST[1] | {"text": "新文。"}]
    batch = upload(client, file("案例.jsonl", rows(*second)))
    assert dict(batch.items.values_list("title", "change")) == {"众志成城": "changed", "守望相助": "conflict"}
    page = client.get(address("change", batch.pk)).content.decode()
    assert "复<del>工</del><ins>产</ins>" in page
    assert "留编辑稿" in page
    whole = client.get(address("item", batch.pk, batch.items.get(change="changed").pk)).content.decode()
    assert "第二段" in whole
    assert accept(client, batch).state == State.DONE
    assert set(Case.objects.values_list("body", flat=True)) == {"第一段说的是复产。\n\n第二段。", "编辑写的。"}
    assert Conflict.objects.open().exists()


def test_where_the_catalogue_changed_since_the_preview_nothing_is_written_and_a_new_one_is_shown(client, editor):
    accept(client, upload(client, file("案例.jsonl", rows(*FIRST))))
    batch = upload(client, file("案例.jsonl", rows(FIRST[0], FIRST[1] | {"text": "新文。"})))
    Case.objects.filter(title="守望相助").update(body="编辑刚写的。")
    accept(client, batch)
    assert batch.state == State.WAITING
    assert "守望相助" in batch.message
    assert "新的预览" in batch.message
    assert batch.items.get(title="守望相助").change == "conflict"
    assert Case.objects.get(title="守望相助").body == "编辑刚写的。"
    assert accept(client, batch).state == State.DONE


def test_a_bad_file_and_bad_rows_are_told_at_their_place_and_keep_no_other_out(client, editor):
    batch = upload(
        client,
        file("好.csv", "title,text\n甲,一\n,—\n"),
        file("坏.txt", b"%PDF-1.7"),
        file("断.csv", 'title,text\n丙,"没有闭合'),
    )
    page = client.get(address("change", batch.pk)).content.decode()
    for told in ("第 3 行", "PDF", "第 2 行：从这一行开始的引号没有闭合"):
        assert told in page
    assert accept(client, batch).state == State.DONE
    assert list(Case.objects.values_list("title", flat=True)) == ["甲"]


def test_of_files_that_are_all_bad_nothing_can_be_accepted_but_read_again(client, editor):
    batch = upload(client, file("坏.txt", b"%PDF-1.7"))
    assert batch.state == State.FAILED
    client.post(address("again", batch.pk))
    batch.refresh_from_db()
    assert batch.state == State.READING


def test_a_batch_that_waits_can_be_cancelled_and_read_again(client, editor):
    batch = upload(client, file("案例.jsonl", rows(*FIRST)))
    client.post(address("cancel", batch.pk))
    batch.refresh_from_db()
    assert batch.state == State.CANCELLED
    assert accept(client, batch).state == State.CANCELLED
    assert not Case.objects.exists()


def test_the_bytes_of_a_large_file_come_back_as_they_were(client, editor):
    content = rows(*({"title": f"案例{n}", "text": "说的是贷款。" * 90} for n in range(2000))).encode()
    assert len(content) > 2_500_000
    batch = upload(client, file("大.jsonl", content))
    assert b"".join(BatchFile.objects.get(batch=batch).read()) == content
    response = client.get(address("change", batch.pk), {"page": 40, "change": "new"})
    assert "案例975" in response.content.decode()


def test_the_same_request_twice_imports_once(client, editor):
    batch = upload(client, file("案例.jsonl", rows(*FIRST)))
    accept(client, batch)
    accept(client, batch)
    assert batch.state == State.DONE
    assert Case.objects.count() == 2


class TestTicks:
    @pytest.fixture
    def batch(self, client, editor):
        return upload(client, file("案例.jsonl", rows(*FIRST)))

    def chosen(self, batch):
        return set(batch.items.filter(chosen=True).values_list("title", flat=True))

    def test_all_or_none_of_a_kind(self, client, batch):
        client.post(address("accept", batch.pk), {"none": "", "change": "new"})
        assert self.chosen(batch) == set()
        client.post(address("accept", batch.pk), {"all": ""})
        assert self.chosen(batch) == {"众志成城", "守望相助"}
        assert ImportBatch.objects.get().state == State.WAITING

    def test_those_of_a_page_without_the_others(self, client, batch):
        first = batch.items.first()
        client.post(address("ticks", batch.pk), {"shown": [first.pk], "chosen": []})
        assert self.chosen(batch) == {"守望相助"}

    def test_with_htmx_the_number_comes_back(self, client, batch):
        first = batch.items.first()
        reply = client.post(address("ticks", batch.pk), {"shown": [first.pk]}, headers={"HX-Request": "true"})
        assert reply.content == b"1"

    @pytest.mark.parametrize("key", ["x", "-1", "9" * 30, "", "1; DROP"])
    def test_nonsense_is_no_tick(self, client, batch, key):
        client.post(address("ticks", batch.pk), {"shown": [key], "chosen": [key]})
        assert len(self.chosen(batch)) == 2


def test_those_of_another_batch_are_left_alone(client, editor):
    one = upload(client, file("甲.jsonl", rows(FIRST[0])))
    other = upload(client, file("乙.jsonl", rows(FIRST[1])))
    client.post(address("ticks", one.pk), {"shown": [other.items.get().pk]})
    assert BatchItem.objects.filter(chosen=True).count() == 2
    assert client.get(address("item", one.pk, other.items.get().pk)).status_code == 404


def test_progress_is_a_piece_of_the_page_and_ends_in_a_new_one(client, editor):
    client.post(address("add"), {"files": [file("案例.jsonl", rows(*FIRST))]})
    batch = ImportBatch.objects.get()
    reply = client.get(address("progress", batch.pk), headers={"HX-Request": "true"})
    assert "读取中" in reply.content.decode()
    assert "后台进程没有运行" in reply.content.decode()
    assert "HX-Refresh" not in reply
    client.post(address("cancel", batch.pk))
    from tests.intake.conftest import work

    work()
    reply = client.get(address("progress", batch.pk), headers={"HX-Request": "true"})
    assert reply["HX-Refresh"] == "true"
    assert ImportBatch.objects.get().state == State.CANCELLED
