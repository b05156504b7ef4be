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

    def test_a_paragraph_is_joined_to_the_one_before(self, corrected):
        case = corrected(
            '[[text]]\ncase = 1\nfind = "贷。成"\nreplace = "贷。\\n\\n成"\nreason = "一"\n'
            '[[join]]\ncase = 1\nstarts = "成效"\nreason = "二"'
        )
        assert case.blocks == (*CASE.blocks[:1], Block("paragraph", CASE.blocks[1].text, ((4, 4), (4, 4))))

    def test_a_paragraph_becomes_a_caption_or_a_heading(self, corrected):
        entry = '[[block]]\ncase = 1\nstarts = "深市"\nkind = "{}"\nreason = "版式"'
        assert len(corrected(entry.format("caption")).captions) == 2
        assert corrected(entry.format("heading")).blocks[1].level == 1

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

    def test_lines_of_an_order_must_hold_what_the_entry_says(self, write):
        entry = '[[order]]\ncase = 1\nlines = {}\nreason = "次序"'
        check_against(write(entry.format('["body 4 正文", "caption 3 图片"]')), DOCUMENT)
        with pytest.raises(ImportProblem, match="第 4 行是“正文一。…”"):
            check_against(write(entry.format('["body 4 图片"]')), DOCUMENT)

    @pytest.mark.parametrize("line", ["body 9-12 正文", "body 4-3 正文", "text 4 正文", "body 4", "body"])
    def test_an_order_names_kind_lines_and_beginning(self, write, line):
        with pytest.raises(ImportProblem, match="校正不适用"):
            check_against(write(f'[[order]]\ncase = 1\nlines = ["{line}"]\nreason = "次序"'), DOCUMENT)
