"""What comes in by the form, good and odd."""

import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.text import limits
from intake import uploads
from intake.models import ImportBatch
from tests.intake.conftest import address, file, jobs, rows, upload

pytestmark = pytest.mark.django_db(transaction=True)

CASE = rows({"title": "众志成城", "text": "第一段。"})


def refused(client, *files) -> str:
    response = client.post(address("add"), {"files": list(files)})
    assert response.status_code == 400
    assert not ImportBatch.objects.exists()
    assert jobs() == 0
    return response.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("空.csv", "", "文件是空的"),
        ("空.txt", "", "文件是空的"),
        ("表.xls", "x", "不能导入这种文件"),
        ("表.xlsx.gz", "x", "不能导入这种文件"),
        ("案例.csv.zip", "x", "不能导入这种文件"),
        ("没有后缀", "x", "不能导入这种文件"),
        ("长" * 140 + ".csv", "x", "文件名超过"),
        ("长" * 90 + ".csv", "x", "文件名超过"),
    ],
)
def test_what_cannot_be_imported_is_told_at_once(client, editor, name, content, told):
    assert told in refused(client, file(name, content))


def test_a_form_without_a_file(client, editor):
    assert "没有选文件" in refused(client)


def test_too_large_a_text_is_not_kept(client, editor, monkeypatch):
    monkeypatch.setattr(limits, "DOCUMENT_BYTES", 10)
    assert "文件太大" in refused(client, file("长.txt", "一二三四五"))


def test_texts_that_are_too_much_together(client, editor, monkeypatch):
    monkeypatch.setattr(limits, "DOCUMENTS_BYTES", 20)
    upload(client, file("甲.txt", "一二三四"), file("乙.txt", "五六七八"))
    assert [row.name for row in ImportBatch.objects.get().files.all()] == ["甲.txt"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("案例.csv", "甲"), ("案例.csv", "乙"), "同名"),
        (("案例.csv", "甲"), ("案例.csv.gz", "乙"), "同名"),
        (("案例.csv", "甲"), ("副本.csv", "甲"), "完全相同"),
    ],
)
def test_of_two_alike_the_first_is_taken_and_the_other_told(client, editor, first, second, told):
    response = client.post(address("add"), {"files": [file(*first), file(*second)]}, follow=True)
    assert told in response.content.decode()
    assert [row.name for row in ImportBatch.objects.get().files.all()] == [first[0]]


@pytest.mark.parametrize(
    "name",
    [
        "带 空格 和（括号）.jsonl",
        "emoji😀.jsonl",
        "'引号\".jsonl",
        "-rf.jsonl",
        "a&b<c>.jsonl",
        "50%.jsonl",
        "..jsonl",
        "大写.JSONL",
        "é́.jsonl",
        "；分号;.jsonl",
    ],
)
def test_a_file_of_an_odd_name_is_imported_under_it(client, editor, name):
    batch = upload(client, SimpleUploadedFile(name, CASE.encode()))
    assert batch.state == "waiting", batch.message
    kept = batch.files.get().name
    assert batch.items.get().source == kept
    assert client.get(address("change", batch.pk)).status_code == 200


@pytest.mark.parametrize("name", ["../../etc/案例.jsonl", "C:\\案例.jsonl", "/案例.jsonl"])
def test_a_path_is_no_part_of_a_name(client, editor, name):
    given = SimpleUploadedFile("x.jsonl", CASE.encode())
    given._name = name
    batch = upload(client, given)
    assert batch.files.get().name == "案例.jsonl"


def test_a_compressed_file_is_read(client, editor):
    batch = upload(client, file("案例.csv.gz", gzip.compress("title,text\n甲,一\n".encode())))
    assert batch.items.get().title == "甲"
    assert batch.files.get().report["counts"] == {"created": 1}


def test_a_folders_worth_of_files(client, editor):
    files = [file(f"{n}.jsonl", rows({"title": f"案例{n}", "text": f"第{n}段。"})) for n in range(500)]
    response = client.post(address("add"), {"files": files})
    assert response.status_code == 302
    assert ImportBatch.objects.get().files.count() == 500
    page = client.get(response["Location"])
    assert "500 份文件" in page.content.decode()


def test_none_or_all_of_an_upload_is_kept(client, editor, monkeypatch):
    def broken(self, chunks):
        raise OSError

    monkeypatch.setattr(uploads.BatchFile, "write", broken)
    client.raise_request_exception = False
    assert client.post(address("add"), {"files": [file("案例.jsonl", CASE)]}).status_code == 500
    assert not ImportBatch.objects.exists()
    assert jobs() == 0
