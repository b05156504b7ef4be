from pathlib import Path

import pytest

from catalog.importing.decoding import read_document
from catalog.importing.drafts import ImportProblem
from catalog.importing.files import find_documents

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
SIMPLIFIED = "工商银行深圳市分行推出“园区e贷”\n为小微企业提供普惠金融服务。\n"
TRADITIONAL = "工商銀行深圳市分行推出「園區e貸」\n為小微企業提供普惠金融服務。\n"


@pytest.fixture
def write(tmp_path):
    def write(content: bytes, name: str = "稿件.txt") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return write


def problem_of(path: Path) -> ImportProblem:
    with pytest.raises(ImportProblem) as caught:
        read_document(path)
    return caught.value


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
    @pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL])
    def test_an_encoding_of_an_editors_desk_is_read(self, write, text, encoding):
        document = read_document(write(text.encode(encoding)))
        assert document.lines == tuple(text.splitlines())
        assert document.encoding == encoding

    def test_big5_is_told_from_gb18030_by_its_text(self, write):
        document = read_document(write(TRADITIONAL.encode("big5")))
        assert (document.encoding, document.lines[0]) == ("big5", TRADITIONAL.splitlines()[0])

    def test_big_endian_utf_16_is_read(self, write):
        assert read_document(write(b"\xfe\xff" + SIMPLIFIED.encode("utf-16-be"))).lines == tuple(
            SIMPLIFIED.splitlines()
        )

    @pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
    def test_line_ends_of_every_system_part_lines(self, write, end):
        assert len(read_document(write(SIMPLIFIED.replace("\n", end).encode())).lines) == 2

    def test_line_numbers_count_blank_lines(self, write):
        assert read_document(write("一\n\n三\n".encode())).lines == ("一", "", "三")

    def test_the_same_bytes_have_the_same_sha256_under_any_name(self, write):
        one, two = write(SIMPLIFIED.encode(), "a.txt"), write(SIMPLIFIED.encode(), "b.txt")
        assert read_document(one).sha256 == read_document(two).sha256

    @pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name[:3])
    def test_the_seeds_are_the_same_text_in_utf_8_and_gb18030(self, write, path):
        document = read_document(path)
        assert read_document(write(path.read_text("utf-8").encode("gb18030"))).lines == document.lines


class TestDamage:
    @pytest.mark.parametrize("content", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xff\xfe"])
    def test_a_file_without_text_is_empty(self, write, content):
        assert "空" in str(problem_of(write(content)))

    @pytest.mark.parametrize(
        "content",
        [
            SIMPLIFIED.encode() + "贷".encode()[:2],
            SIMPLIFIED.encode("gb18030") + "贷".encode("gb18030")[:1],
            TRADITIONAL.encode("big5") + "貸".encode("big5")[:1],
            SIMPLIFIED.encode("utf-16") + b"\x37",
        ],
    )
    def test_a_file_cut_inside_a_character_says_so_with_its_line(self, write, content):
        problem = problem_of(write(content))
        assert "断" in problem.message
        assert problem.line == 3
        assert problem.file == "稿件.txt"

    def test_a_foreign_byte_in_utf_8_is_named_with_its_line(self, write):
        problem = problem_of(write(SIMPLIFIED.encode() + "第三行".encode() + b"\xff" + "坏了".encode()))
        assert "UTF-8" in problem.message
        assert problem.line == 3

    @pytest.mark.parametrize("control", ["\x00", "\x01", "\x08", "\x1b", "\x7f", "\x85"])
    def test_a_control_character_is_refused_with_its_line(self, write, control):
        assert problem_of(write(f"第一行\n第{control}二行\n".encode())).line == 2

    @pytest.mark.parametrize(
        "garbled",
        [
            SIMPLIFIED.encode().decode("gb18030", "ignore"),
            SIMPLIFIED.encode("gb18030").decode("latin-1"),
            SIMPLIFIED.encode().decode("cp1252", "ignore"),
            SIMPLIFIED.encode("gb18030").decode("utf-8", "replace"),
            "锟斤拷锟斤拷",
        ],
    )
    def test_mojibake_is_refused_with_its_line(self, write, garbled):
        assert problem_of(write(("第一行是好的。\n" + garbled.replace("\n", "")).encode())).line == 2

    def test_big5_saved_as_gb18030_is_refused(self, write):
        assert problem_of(write((TRADITIONAL * 3).encode("big5").decode("gb18030", "replace").encode())).line

    @pytest.mark.parametrize("content", [bytes(range(256)) * 8, b"PK\x03\x04\x14\x00", b"%PDF-1.7\n", b"\x00" * 100])
    def test_a_binary_file_is_refused(self, write, content):
        assert "不是" in str(problem_of(write(content)))

    @pytest.mark.parametrize("text", ["Café Zürich naïve 融资", "用户×设备 ≥ 3 ①②③ ——“好”", "纳税 e 贷", "\tA\n"])
    def test_unusual_but_sound_text_is_read(self, write, text):
        assert read_document(write(text.encode())).lines == tuple(text.splitlines())

    def test_a_missing_file_is_a_problem(self, tmp_path):
        assert "没有" in str(problem_of(tmp_path / "无.txt"))


class TestFindDocuments:
    def test_a_folder_gives_its_text_files_by_name(self, write, tmp_path):
        for name in ("b.txt", "a.txt", "目录.toml", "c.TXT"):
            write(name.encode(), name)
        assert [path.name for path in find_documents([tmp_path])] == ["a.txt", "b.txt", "c.TXT"]

    def test_a_file_named_twice_counts_once(self, write, tmp_path):
        assert find_documents([write(b"a"), tmp_path]) == [tmp_path / "稿件.txt"]

    def test_the_same_content_under_two_names_is_refused_naming_both(self, write, tmp_path):
        write(b"same", "one.txt")
        write(b"same", "two.txt")
        with pytest.raises(ImportProblem, match=r"one\.txt.*two\.txt"):
            find_documents([tmp_path])

    def test_two_files_of_one_name_are_refused(self, write):
        first, second = write(b"1", "x/a.txt"), write(b"2", "y/a.txt")
        with pytest.raises(ImportProblem, match="同名"):
            find_documents([first, second])

    def test_a_folder_without_documents_is_a_problem(self, tmp_path):
        with pytest.raises(ImportProblem, match="没有可以导入的文件"):
            find_documents([tmp_path])

    def test_a_missing_path_is_a_problem_that_names_it(self, tmp_path):
        with pytest.raises(ImportProblem, match=r"不在\.txt"):
            find_documents([tmp_path / "不在.txt"])

    def test_another_kind_of_file_is_refused(self, write):
        with pytest.raises(ImportProblem, match=r"\.txt"):
            find_documents([write(b"x", "稿件.docx")])

    def test_the_seeds_are_five_documents(self):
        assert len(find_documents([SEEDS])) == 5
