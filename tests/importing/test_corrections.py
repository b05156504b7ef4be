from datetime import date

import pytest

from catalog.importing.corrections import apply_to_draft, check_against, load_corrections
from catalog.importing.drafts import Block, Caption, CaseDraft, Document, ImportProblem, ProductDraft, SourceDraft

DOCUMENT = Document("book.txt", "a" * 64, "utf-8", ("目录", "", "图片说明。", "正文一。"))
CASE = CaseDraft(
    ref="book/001",
    number=1,
    title="题目",
    bank="农业银行",
    summary="简介。",
    blocks=(
        Block("heading", "1.一节", ((1, 1),), 1),
        Block("paragraph", "深市圳分行推出复工贷。成效显著。", ((4, 4),)),
    ),
    captions=(Caption("图片说明。", ((3, 3),)),),
    products=(ProductDraft("复工贷"), ProductDraft("特事特办")),
)
DRAFT = SourceDraft(DOCUMENT, "casebook", "案例集", "", None, "hans", (CASE,))


@pytest.fixture
def write(tmp_path):
    """Writes the corrections beside a document and loads them."""

    def written(text):
        (tmp_path / "book.corrections.toml").write_text(text, encoding="utf-8")
        return load_corrections(tmp_path / "book.txt")

    return written


@pytest.fixture
def corrected(write):
    def result(text):
        return apply_to_draft(DRAFT, write(text)).cases[0]

    return result


class TestCorrections:
    def test_no_file_means_no_corrections(self, tmp_path):
        assert len(load_corrections(tmp_path / "book.txt")) == 0

    def test_a_passage_is_replaced_and_its_place_kept(self, corrected):
        case = corrected('[[text]]\ncase = 1\nfind = "深市圳"\nreplace = "深圳市"\nreason = "排印错误"')
        assert case.blocks[1] == Block("paragraph", "深圳市分行推出复工贷。成效显著。", ((4, 4),))

    def test_an_empty_line_makes_two_paragraphs(self, corrected):
        case = corrected('[[text]]\ncase = 1\nfind = "贷。成"\nreplace = "贷。\\n\\n成"\nreason = "另起一段"')
        assert [block.text for block in case.blocks[1:]] == ["深市圳分行推出复工贷。", "成效显著。"]

    def test_a_passage_replaced_by_nothing_goes(self, corrected):
        case = corrected(
            '[[text]]\ncase = 1\nfield = "captions"\nfind = "图片说明。"\nreplace = ""\nreason = "不是图片说明"'
        )
        assert case.captions == ()

    def test_products_are_added_and_removed(self, corrected):
        case = corrected('[[products]]\ncase = 1\nadd = ["微闪贴"]\nremove = ["特事特办"]\nreason = "口号不是产品"')
        assert [product.name for product in case.products] == ["复工贷", "微闪贴"]

    def test_a_value_is_set(self, corrected):
        case = corrected(
            '[[value]]\ncase = 1\nfield = "published_on"\nwas = ""\nvalue = "2020-10-01"\nreason = "版权页"'
        )
        assert case.published_on == date(2020, 10, 1)

    def test_entries_work_in_the_order_of_the_file(self, corrected):
        case = corrected(
            '[[text]]\ncase = 1\nfind = "深市圳"\nreplace = "深圳市"\nreason = "一"\n'
            '[[value]]\ncase = 1\nfield = "bank"\nwas = "农业银行"\nvalue = "工商银行"\nreason = "二"\n'
            '[[text]]\ncase = 1\nfind = "深圳市"\nreplace = "广州市"\nreason = "三"'
        )
        assert case.blocks[1].text.startswith("广州市分行")
        assert case.bank == "工商银行"


class TestEntriesThatDoNotFit:
    @pytest.mark.parametrize(
        ("entry", "message"),
        [
            ('[[text]]\ncase = 1\nfind = "没有的话"\nreplace = ""', "出现 0 次"),
            ('[[text]]\ncase = 1\nfind = "。"\nreplace = ""', "出现 2 次"),
            ('[[text]]\ncase = 9\nfind = "。"\nreplace = ""', "没有第 9 号案例"),
            ('[[value]]\ncase = 1\nfield = "bank"\nwas = "平安银行"\nvalue = "工商银行"', "现在是“农业银行”"),
            ('[[value]]\ncase = 1\nfield = "published_on"\nwas = ""\nvalue = "去年"', "不是日期"),
            ('[[products]]\ncase = 1\nremove = ["没有的贷"]', "没有产品"),
            ('[[products]]\ncase = 1\nadd = ["复工 贷"]', "已有产品"),
        ],
    )
    def test_each_is_an_error_with_file_and_line(self, corrected, entry, message):
        with pytest.raises(ImportProblem, match=message) as caught:
            corrected(f'# 说明\n{entry}\nreason = "因为"')
        assert caught.value.file == "book.corrections.toml"
        assert caught.value.line == 2

    @pytest.mark.parametrize(
        "text",
        [
            "[[text]",
            '[[text]]\ncase = 1\nfind = "一"\nreplace = ""\nreason = " "',
            '[[text]]\ncase = 1\nfind = "一"\nreplace = ""',
            '[[texts]]\ncase = 1\nreason = "因为"',
            '[[text]]\ncase = 1\nfund = "一"\nreplace = ""\nreason = "因为"',
            '[[text]]\ncase = 1\nfield = "bodies"\nfind = "一"\nreplace = ""\nreason = "因为"',
            'text = "一"',
        ],
    )
    def test_a_file_that_is_not_right_is_refused(self, write, text):
        with pytest.raises(ImportProblem, match="校正"):
            write(text)

    def test_lines_must_begin_as_the_entry_says(self, write):
        good = write('[[lines]]\nfirst = 3\nlast = 3\nstarts = "图片"\nkind = "caption"\nreason = "图"')
        check_against(good, DOCUMENT)
        moved = write('[[lines]]\nfirst = 4\nlast = 4\nstarts = "图片"\nkind = "caption"\nreason = "图"')
        with pytest.raises(ImportProblem, match="第 4 行以“正文一。”开头"):
            check_against(moved, DOCUMENT)

    def test_a_seam_names_lines_that_have_text(self, write):
        with pytest.raises(ImportProblem, match="第 2 行没有文字"):
            check_against(write('[[seam]]\nafter = 1\nthen = 2\nreason = "续"'), DOCUMENT)
