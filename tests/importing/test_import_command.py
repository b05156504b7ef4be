"""`import_cases` and `export_cases` as an editor meets them: on files, by the command line's words."""

import shutil
import threading
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from catalog.importing.database.locking import one_import_at_a_time
from catalog.models import Bank, Case, Source

pytestmark = pytest.mark.django_db

ARTICLE = """某行推出复工贷助力企业复工
2020-03-01 09:00 来源：深圳商报

工商银行深圳市分行日前推出“复工贷”，支持小微企业复工复产，首批企业已经拿到贷款，资金当天到账。

创新产品，服务小微企业

该行表示，将继续加大对小微企业的支持力度，推出更多产品，为企业复工复产提供有力的金融支持。
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "article.txt").write_text(ARTICLE, encoding="utf-8")
    return tmp_path


def run(*paths, **options):
    out = StringIO()
    call_command("import_cases", *map(str, paths), stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def casebook() -> bytes:
    (book,) = [path for path in settings.SEEDS_DIR.glob("*.txt") if path.stat().st_size > 100_000]
    return book.read_bytes()


class TestImporting:
    def test_a_folder_is_imported_and_reported(self, folder):
        report = run(folder)
        case = Case.objects.get()
        assert case.title == "某行推出复工贷助力企业复工"
        assert case.bank.name == "工商银行"
        assert case.source.publisher == "深圳商报"
        assert case.published_on.isoformat() == "2020-03-01"
        assert "article.txt" in report

    def test_again_nothing_changes_and_nothing_is_read(self, folder):
        run(folder)
        before = Case.objects.get().updated_at
        row = next(line for line in run(folder).splitlines() if line.startswith("article.txt"))
        assert row.split()[1:4] == ["0", "0", "1"]
        assert Case.objects.get().updated_at == before

    def test_gb18030_is_read(self, folder):
        (folder / "article.txt").write_bytes(ARTICLE.encode("gb18030"))
        run(folder)
        assert Case.objects.get().source.encoding == "gb18030"

    def test_a_correction_beside_the_document_is_applied_unless_told_not_to(self, folder):
        (folder / "article.corrections.toml").write_text(
            '[[text]]\nfield = "title"\nfind = "某行"\nreplace = "深圳工行"\nreason = "原题"', encoding="utf-8"
        )
        run(folder)
        assert Case.objects.get().title == "深圳工行推出复工贷助力企业复工"
        run(folder, no_corrections=True)
        assert Case.objects.get().title == "某行推出复工贷助力企业复工"


class TestBadInput:
    """One clear line that names the file; the catalogue as it was."""

    @pytest.fixture
    def refused(self, folder):
        def check(*paths, match):
            with pytest.raises(CommandError, match=match) as caught:
                run(*(paths or [folder]))
            assert "\n" not in str(caught.value)
            assert not Case.objects.exists()
            assert not Source.objects.exists()
            assert not Bank.objects.exists()

        return check

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "bad.txt"),
            (b"\n\n \n", "bad.txt"),
            (bytes(range(256)) * 20, "bad.txt"),
            (b"%PDF-1.7 \x00\x01\x02", "PDF"),
            (ARTICLE.encode()[:-20] + b"\xe6\x9c", r"bad.txt：第 \d+ 行"),
            ("正文\x00正文，这里有一个控制字符。".encode(), r"bad.txt：第 1 行"),
            (ARTICLE.encode("utf-8").decode("gb18030", "replace").encode(), "bad.txt"),
            ("首页\n菜单\n登录\n".encode(), "bad.txt"),
        ],
        ids=["empty", "blank", "binary", "pdf", "truncated", "control", "mojibake", "no article"],
    )
    def test_a_file_that_cannot_be_read_stops_the_whole_import(self, folder, refused, content, message):
        (folder / "bad.txt").write_bytes(content)
        refused(match=message)

    def test_a_folder_without_documents(self, tmp_path, refused):
        empty = tmp_path / "空"
        empty.mkdir()
        refused(empty, match="没有可以导入的文件")

    def test_a_path_that_is_not_there(self, tmp_path, refused):
        refused(tmp_path / "没有", match="没有这个文件")

    def test_the_same_document_under_two_names(self, folder, refused):
        shutil.copy(folder / "article.txt", folder / "copy.txt")
        refused(match="article.txt 和 copy.txt")

    def test_a_casebook_with_a_title_that_is_not_in_its_text(self, tmp_path, refused, casebook):
        text = casebook.decode()
        lines = text.splitlines(keepends=True)
        # The title's last line, where it stands over its case: the one after the contents.
        wanted = "微众银行精准帮扶助力抗击疫情"
        places = [number for number, line in enumerate(lines) if line.strip() == wanted]
        lines[places[-1]] = "\n"
        book = tmp_path / "book.txt"
        book.write_text("".join(lines), encoding="utf-8")
        refused(book, match=rf"book.txt：第 {places[0] + 1} 行.*{wanted}")

    def test_a_casebook_cut_off_in_the_middle(self, tmp_path, refused, casebook):
        book = tmp_path / "book.txt"
        book.write_bytes(casebook[: len(casebook) // 2].decode(errors="ignore").encode())
        refused(book, match=r"book.txt：第 \d+ 行")

    def test_a_correction_that_does_not_fit(self, folder, refused):
        (folder / "article.corrections.toml").write_text(
            '[[text]]\nfind = "没有的话"\nreplace = ""\nreason = "试"', encoding="utf-8"
        )
        refused(match=r"article.corrections.toml：第 1 行")


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_the_second_import_is_refused_while_the_first_runs(self, folder):
        held, done = threading.Event(), threading.Event()

        def first():
            with one_import_at_a_time():
                held.set()
                done.wait(10)
            connection.close()

        thread = threading.Thread(target=first)
        thread.start()
        held.wait(10)
        try:
            with pytest.raises(CommandError, match="另一个导入正在进行"):
                run(folder)
        finally:
            done.set()
            thread.join()
        assert not Case.objects.exists()
        run(folder)
        assert Case.objects.count() == 1
