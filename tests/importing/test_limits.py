"""What is too large, too deep or no file at all is refused in one Chinese line with its place, and never held."""

import gzip
import json
import os
import re
import resource
import socket
import subprocess
import sys
from io import StringIO
from itertools import count

import pytest
from django.core.management import CommandError, call_command

from catalog.importing.corrections import load_corrections
from catalog.importing.decoding import read_document
from catalog.importing.drafts import ImportProblem
from catalog.importing.files import find_documents
from catalog.importing.readers import read
from catalog.importing.reference import load_reference
from catalog.importing.rows.drafts import BadRow, draft_of
from catalog.importing.rows.files import examine
from catalog.importing.timing import time_limit
from catalog.models import Case
from catalog.text import limits
from config.friendly import PROJECT

CHINESE = "工商银行深圳市分行推出“园区e贷”，为小微企业提供普惠金融服务。\n"


def read_all(path) -> None:
    find_documents([path])
    if path.suffix == ".txt":
        read_document(path)
    else:
        list(examine(path).records())


def problem_of(path) -> ImportProblem:
    """What an import says of a file, by whichever reader it wants."""
    with pytest.raises(ImportProblem) as caught:
        read_all(path)
    assert "\n" not in str(caught.value)
    return caught.value


def reasons(path) -> list[str]:
    """What is wrong with the rows of a file, one by one; empty for a sound one."""
    told = []
    for record in examine(path).records():
        try:
            told.append("；".join(draft_of(record).unreadable))
        except BadRow as bad:
            told.append(str(bad))
    return told


@pytest.fixture
def write(tmp_path):
    def write(name: str, content: bytes | str):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


class TestWhatIsNoFile:
    @pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
    def test_a_device_that_never_ends(self, tmp_path, name):
        (tmp_path / name).symlink_to("/dev/zero")
        assert "不是普通文件" in str(problem_of(tmp_path / name))

    def test_a_pipe_that_nobody_writes(self, tmp_path):
        os.mkfifo(tmp_path / "a.txt")
        assert "不是普通文件" in str(problem_of(tmp_path / "a.txt"))
        with pytest.raises(ImportProblem, match="不是普通文件"):
            find_documents([tmp_path])

    def test_a_socket(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as door:
            door.bind("a.txt")
            assert "不是普通文件" in str(problem_of(tmp_path / "a.txt"))

    def test_a_link_that_leads_to_itself(self, tmp_path):
        (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
        assert "链接绕回了自己" in str(problem_of(tmp_path / "a.txt"))

    def test_a_link_that_leads_nowhere(self, tmp_path):
        (tmp_path / "a.txt").symlink_to(tmp_path / "nowhere.txt")
        assert "链接所指的文件不在了" in str(problem_of(tmp_path / "a.txt"))

    @pytest.mark.parametrize(("name", "most"), [("a.txt", "8 MB"), ("a.jsonl", "4000 MB"), ("a.csv.gz", "4000 MB")])
    def test_a_hole_of_a_terabyte(self, tmp_path, name, most):
        with open(tmp_path / name, "wb") as file:
            file.truncate(10**12)
        assert f"最大 {most}" in str(problem_of(tmp_path / name))

    def test_a_name_that_is_no_text(self, tmp_path):
        path = os.path.join(os.fsencode(tmp_path), b"\xff\xfe\nb.txt")
        with open(path, "wb") as file:
            file.write(CHINESE.encode())
        with pytest.raises(ImportProblem, match="文件名里有不能显示的字符") as caught:
            find_documents([tmp_path])
        assert str(caught.value).encode()
        assert "\n" not in str(caught.value)

    def test_a_folder_of_more_files_than_one_import_takes(self, tmp_path, monkeypatch):
        monkeypatch.setattr(limits, "FILES", 3)
        for number in range(4):
            (tmp_path / f"{number}.txt").write_text(f"{number}{CHINESE}", encoding="utf-8")
        with pytest.raises(ImportProblem, match="最多导入 3 个文件"):
            find_documents([tmp_path])

    def test_documents_that_are_too_much_together(self, tmp_path, monkeypatch):
        monkeypatch.setattr(limits, "DOCUMENTS_BYTES", 100)
        for number in range(2):
            (tmp_path / f"{number}.txt").write_text(f"{number}{CHINESE}", encoding="utf-8")
        with pytest.raises(ImportProblem, match="合计不能超过"):
            find_documents([tmp_path])


class TestDocuments:
    def test_a_line_that_is_too_long_is_named(self, write):
        problem = problem_of(write("a.txt", CHINESE + "行" * (limits.DOCUMENT_LINE + 1)))
        assert (problem.line, "超过 100000 字" in problem.message) == (2, True)

    def test_an_article_that_is_longer_than_a_case_may_be(self, write):
        document = read_document(write("a.txt", CHINESE * 40_000))
        with pytest.raises(ImportProblem, match="一篇文章超过 1000000 字"):
            read(document, load_reference(PROJECT / "seeds"))

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_more_lines_than_a_document_may_have(self, write, end):
        assert "超过 200000 行" in str(problem_of(write("a.txt", CHINESE.strip() + end * (limits.DOCUMENT_LINES + 1))))

    @pytest.mark.parametrize(
        "work",
        [lambda: all(map(str, count(1))), lambda: re.match(r"(a|aa)+$", "a" * 60 + "b")],
        ids=["loop", "regular expression"],
    )
    def test_what_computes_for_ever_is_stopped(self, work):
        with pytest.raises(ImportProblem, match=r"a.txt：读了 0.2 秒还没有读完"), time_limit(0.2, "a.txt"):
            work()

    def test_what_ends_in_time_is_not(self):
        with time_limit(0.2, "a.txt"):
            pass
        sum(range(10_000_000))  # takes longer

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"[[text]]\nfind = ", "第 2 行：校正文件读不懂：不合 TOML 的写法"),
            (b"\xff\xfe", "不是 UTF-8"),
            (b"a = " + b"[" * 100_000, "校正文件读不懂"),
            (b"a = " + b"9" * 10_000, "校正文件读不懂"),
            (b"#" * (limits.CORRECTIONS_BYTES + 1), "文件太大"),
            (b'[[text]]\nfind = 5\nreplace = "a"\nreason = "b"', "第 1 行：校正的 find 应是文字"),
            (b'[[text]]\nfind = "5"\nreplace = "a"\nreason = 7', "第 1 行：校正的 reason 应是文字"),
            (b'[[text]]\nfind = "5"\nreason = "b"', "第 1 行：校正缺少栏目 replace"),
            (b'[[order]]\nlines = [1]\ncase = 2\nreason = "b"', "第 1 行：校正的 lines 应是文字的列表"),
            (b'[[join]]\nstarts = "a"\ncase = "2"\nreason = "b"', "第 1 行：校正的 case 应是整数"),
        ],
        ids=["cut", "binary", "deep", "digits", "large", "type", "reason", "missing", "list", "number"],
    )
    def test_corrections_that_cannot_be_read(self, write, content, told):
        write("a.corrections.toml", content)
        with pytest.raises(ImportProblem) as caught:
            load_corrections(write("a.txt", CHINESE))
        assert told in str(caught.value)


class TestRows:
    @pytest.mark.parametrize("form", ["jsonl", "csv"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
    def test_a_line_that_is_too_long_is_named(self, write, form, encoding):
        first = '{"title":"甲银行的贷款"}\n' if form == "jsonl" else "title,text\n甲银行的贷款,正文\n"
        content = first + '"' * (form == "csv") + "字" * (limits.ROW_BYTES + 1)
        problem = problem_of(write(f"a.{form}", content.encode(encoding)))
        assert "超过 8 MB" in problem.message
        assert problem.line == (2 if form == "jsonl" else 3)

    def test_damage_in_utf_16_is_named_by_its_line(self, write):
        content = '{"title":"甲"}\n{"title":"乙"}\n'.encode("utf-16") + b"\x00\xd8\x00\xd8" + "\n".encode("utf-16-le")
        assert problem_of(write("a.jsonl", content)).line == 3

    def test_an_archive_is_stopped_at_its_limit(self, write, monkeypatch):
        monkeypatch.setattr(limits, "PACKING_FREE_BYTES", 1_000_000)
        content = gzip.compress(b'{"title":"' + b"a" * 3_000_000 + b'"}')
        assert "100 倍" in str(problem_of(write("a.jsonl.gz", content)))
        monkeypatch.setattr(limits, "ROWS_BYTES", 2_000_000)
        assert "解开后超过" in str(problem_of(write("b.jsonl.gz", content)))

    @pytest.mark.parametrize("damage", ["cut", "flipped", "no archive"])
    def test_a_damaged_archive(self, write, damage):
        packed = bytearray(gzip.compress(b'{"title":"a"}\n' * 10_000))
        if damage == "cut":
            packed = packed[: len(packed) // 2]
        elif damage == "flipped":
            packed[len(packed) // 2] ^= 0xFF
        else:
            packed[2] = 9
        assert "压缩文件已损坏" in str(problem_of(write("a.jsonl.gz", bytes(packed))))

    def test_more_rows_than_a_file_may_have(self, write, monkeypatch):
        monkeypatch.setattr(limits, "ROWS", 2)
        problem = problem_of(write("a.jsonl", '{"title":"甲"}\n' * 3))
        assert (problem.line, "超过 2 行数据" in problem.message) == (3, True)

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ('{"title": NaN}', "NaN 不是 JSON 的数"),
            ('{"title": "甲", "text": -Infinity}', "-Infinity 不是 JSON 的数"),
            ('{"title": "甲", "title": "乙"}', "键“title”写了两次"),
            ('{"title": ' + "[" * 100_000, "JSON 的层次太深"),
            ('{"title": ' + "9" * 400 + "}", "”超过 300 字，只取了开头"),
            ('{"title": "\\ud800"}', "里有控制字符（U+D800）"),
            ('{"title": "\\u0000"}', "里有控制字符（U+0000）"),
            ('{"title": "甲", "' + "键" * 101 + '": 1}', "有一个键超过 100 字"),
            (json.dumps({"title": "甲"} | {str(n): n for n in range(201)}), "有 202 个键，最多 200 个"),
            (json.dumps({"title": "甲", "text": "字" * 500_001}), "”超过 500000 字"),
            (json.dumps({"title": "甲", "text": "\\#" * 250_000}), "”超过 500000 字"),
            (json.dumps({"title": "甲", "text": "行\n" * 20_002}), "”超过 20000 行"),
            (json.dumps({"title": "甲", "summary": "字" * 20_001}), "”超过 20000 字"),
            (json.dumps({"title": "甲", "captions": ["图"] * 1_001}), "”超过 1000 项"),
            (json.dumps({"title": "甲", "captions": ["图" * 1_900] * 200}), "”合计超过 200000 字"),
            (json.dumps({"title": "甲", "authors": ["、"] * 5_000}), "”超过 200 项"),
            (json.dumps({"title": "甲", "products": ["甲" + "㍿" * 30]}), "”有一项超过 100 字"),
            (json.dumps({"title": "甲", "date": " " * 50_000 + "x"}), "日期“x”认不出"),
            (json.dumps({"title": "甲", "date": "2020" + " " * 9_000 + "x"}), "日期“2020"),
            (json.dumps({"title": "甲", "category_confidence": "inf"}), "章节的把握“inf”应是 0 到 1 的数"),
            (json.dumps({"title": "甲", "provenance": [{"key": "a", "lines": [[2, 1]], "page": None}]}), "格式不对"),
            (json.dumps({"title": "甲", "provenance": [{"key": "a", "lines": [], "page": 10**12}]}), "格式不对"),
            (json.dumps({"title": "甲", "provenance": "[" * 5_000}), "格式不对"),
        ],
        ids=lambda value: value[:30],
    )
    def test_a_row_or_a_cell_that_no_case_can_have(self, write, line, told):
        (reason,) = reasons(write("a.jsonl", line + "\n"))
        assert told in reason
        assert len(reason) < 100

    def test_a_number_is_taken_as_it_is_written(self, write):
        (record,) = examine(write("a.jsonl", '{"title": 2020.10, "text": ' + "9" * 5_000 + "}\n")).records()
        assert draft_of(record).statement.fields["title"] == "2020.10"
        assert len(draft_of(record).statement.fields["body"]) == 5_000

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("sep=,\n", "没有一行数据|文件是空的|表头"),
            (",".join(map(str, range(300))) + "\n", "没有标题|最多 200 栏"),
            ("title," + ",".join(map(str, range(300))) + "\n甲\n", "表头有 301 栏，最多 200 栏"),
            ("title," + "栏" * 200_000 + "\n甲\n", "名称超过 100 字"),
            ('title,text\n甲,"' + "字\n" * 4_100_000, "第 2 行：从这一行开始的一行数据超过 8 MB"),
        ],
        ids=["only a hint", "numbers", "columns", "long column", "open quote"],
    )
    @pytest.mark.django_db
    def test_a_table_that_none_can_be(self, write, content, told):
        with pytest.raises(CommandError, match=told) as caught:
            call_command("import_cases", str(write("a.csv", content)), stdout=StringIO())
        assert "\n" not in str(caught.value)
        assert not Case.objects.exists()

    def test_a_column_without_a_name_hides_no_other(self, write):
        assert reasons(write("a.csv", "title,text,\n甲,正文,\n")) == [""]

    @pytest.mark.django_db
    def test_a_column_of_any_name_can_be_told(self, write):
        out = StringIO()
        call_command("import_cases", str(write("a.jsonl", '{"title":"甲","\\ud800\\n":1}\n')), stdout=out)
        out.getvalue().encode()
        assert "不认识的栏" in out.getvalue()


REFUSE = """
import sys
from pathlib import Path
from catalog.importing.decoding import read_document
from catalog.importing.drafts import ImportProblem
from catalog.importing.files import find_documents
from catalog.importing.rows.files import examine
path = Path(sys.argv[1])
try:
    find_documents([path])
    read_document(path) if path.suffix == ".txt" else list(examine(path).records())
except ImportProblem as problem:
    print(problem)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["line.jsonl", "line.csv", "bomb.jsonl.gz", "line.txt", "lines.jsonl"])
def test_what_is_refused_is_not_held(tmp_path, name):
    """Of 200 MB, packed or not, no more than a few lines' worth is ever in memory."""
    path = tmp_path / name
    piece = b"\n" * 1_000_000 if name.startswith("lines") else b"x" * 1_000_000
    begin = b"title,text\n" if name.endswith("csv") else b'{"title":"'
    with gzip.open(path, "wb") if name.endswith("gz") else open(path, "wb") as file:
        file.write(begin)
        for _ in range(200):
            file.write(piece)
    limit = 400_000_000

    def bounded():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-c", REFUSE, path], capture_output=True, text=True, cwd=PROJECT, preexec_fn=bounded
    )
    assert done.stderr == ""
    assert name.removesuffix(".gz") in done.stdout
    assert done.stdout.count("\n") == 1
