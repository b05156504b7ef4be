import textwrap
from datetime import date
from pathlib import Path

import pytest

from catalog.importing.articles import is_article, read_article
from catalog.importing.decoding import read_document
from catalog.importing.drafts import Document, ImportProblem
from catalog.importing.reference import load_reference

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
REFERENCE = load_reference(SEEDS)
FIRST = "近日，工商银行深圳市分行推出“园区e贷”，为园区里的小微企业提供信用贷款，受到企业普遍欢迎。"
SECOND = "该行表示，将继续深化普惠金融服务，把更多金融活水引向实体经济，为城市发展贡献力量。"
TITLE = "工行深圳市分行推出园区专属贷款"


def document(*lines: str) -> Document:
    return Document("稿件.txt", "0" * 64, "utf-8", tuple(lines))


def read_case(*lines: str):
    return read_article(document(*lines), REFERENCE).cases[0]


def seed(number: str):
    (path,) = SEEDS.glob(f"{number}_*.txt")
    source = read_document(path)
    return read_article(source, REFERENCE).cases[0], source


def texts(case, kind: str) -> list[str]:
    return [block.text for block in case.blocks if block.kind == kind]


def doubted(case) -> set[str]:
    return {doubt.field for doubt in case.doubts}


class TestBody:
    def test_paragraphs_are_exactly_as_written_with_their_lines(self):
        case = read_case(TITLE, "", "　　" + FIRST, "", SECOND + "  ")
        assert texts(case, "paragraph") == [FIRST, SECOND]
        assert [block.spans for block in case.blocks] == [((3, 3),), ((5, 5),)]

    def test_a_short_line_that_ends_no_sentence_is_a_section_head(self):
        case = read_case(TITLE, FIRST, "深耕园区，服务小微", SECOND)
        assert [(block.kind, block.level) for block in case.blocks] == [
            ("paragraph", 0),
            ("heading", 1),
            ("paragraph", 0),
        ]

    def test_a_head_may_ask(self):
        assert texts(read_case(TITLE, FIRST, "园区金融如何破题？", SECOND), "heading") == ["园区金融如何破题？"]

    def test_a_label_and_the_head_under_it_are_one_head(self):
        case = read_case(TITLE, FIRST, "【记者观察】", "园区里的新变化", SECOND)
        assert texts(case, "heading") == ["【记者观察】 园区里的新变化"]

    def test_numbered_heads_keep_their_levels(self):
        case = read_case(TITLE, FIRST, "一、做法", "（一）走访", SECOND)
        assert [(block.text, block.level) for block in case.blocks if block.kind == "heading"] == [
            ("一、做法", 1),
            ("（一）走访", 2),
        ]

    def test_markdown_heads_lose_their_marks(self):
        assert texts(read_case(TITLE, FIRST, "## 做法", SECOND, "**成效**", FIRST[3:]), "heading") == ["做法", "成效"]

    def test_a_run_of_short_lines_is_a_list(self):
        case = read_case(TITLE, FIRST, "贷款额度", "贷款期限", "还款方式", "办理渠道", SECOND)
        assert texts(case, "heading") == []
        assert len(texts(case, "paragraph")) == 6

    def test_paragraphs_broken_into_lines_of_one_width_are_whole_again(self):
        paragraphs = [FIRST + SECOND, SECOND + FIRST, FIRST + FIRST]
        lines = [TITLE, ""]
        for paragraph in paragraphs:
            rows = textwrap.wrap("　　" + paragraph, 24, drop_whitespace=False)
            lines += rows
        case = read_case(*lines, "", "做法和成效", *rows)
        assert texts(case, "paragraph") == [*paragraphs, paragraphs[-1]]
        assert texts(case, "heading") == ["做法和成效"]
        assert case.blocks[0].spans == ((3, 6),)

    def test_traditional_text_stays_as_it_is(self):
        line = "工商銀行深圳市分行普惠貸款余額突破2000億元,服務于小微企業,后續將持續加大支持力度。"
        case = read_case(line, line[4:])
        assert case.script == "hant"
        assert texts(case, "paragraph")[0] == line


class TestFurniture:
    def test_menus_credits_disclaimers_and_comments_go(self):
        case = read_case(
            *(
                "• 官方微信",
                "官方微信",
                "首页 > 新闻 > 正文",
                TITLE,
                FIRST,
                "广告",
                "换一换",
                SECOND + " 推广",
                "换一换",
            ),
            *(
                "责任编辑: 甲某某",
                "校对:乙某",
                "声明:本文仅供参考，不构成投资建议。",
                "下载“某报”官方APP，随时了解动态。",
            ),
            *(
                "网友评论",
                "登录后可以发言",
                "发送",
                "为你推荐",
                "别处的一篇文章，" + FIRST,
                "Notice: The content above is uploaded.",
            ),
        )
        assert [block.text for block in case.blocks] == [FIRST, SECOND]

    def test_pictures_go_and_their_captions_are_kept_apart(self):
        long = FIRST + SECOND
        case = read_case(
            TITLE,
            "![]()",
            "客户经理走访园区企业。",
            long,
            "1.png",
            "",
            "企业车间。",
            long,
            "图为签约现场",
            "图片_01.jpg",
            long,
        )
        assert [caption.text for caption in case.captions] == ["客户经理走访园区企业。", "企业车间。", "图为签约现场"]
        assert [caption.spans for caption in case.captions] == [((3, 3),), ((7, 7),), ((9, 9),)]
        assert texts(case, "paragraph") == [long] * 3

    def test_the_words_in_a_pictures_brackets_are_its_caption(self):
        case = read_case(TITLE, FIRST, "![园区签约仪式现场](a.png)", SECOND)
        assert [caption.text for caption in case.captions] == ["园区签约仪式现场"]

    def test_a_head_or_a_paragraph_after_a_picture_is_no_caption(self):
        case = read_case(TITLE, FIRST, "1.jpg", "深耕园区，服务小微", SECOND, "2.jpg", FIRST + SECOND)
        assert case.captions == ()
        assert texts(case, "heading") == ["深耕园区，服务小微"]


class TestTitle:
    def test_the_title_is_the_last_line_before_date_and_authors(self):
        case = read_case("洞察金融市场传播中国价值", TITLE, "2025-12-16 14:43", "通讯员 陈枫", FIRST)
        assert (case.title, case.title_inferred) == (TITLE, False)

    def test_without_a_dateline_the_likeliest_line_is_the_title(self):
        assert read_case("某某财经网站首页导航条", TITLE, FIRST).title == TITLE

    @pytest.mark.parametrize("lines", [(f"{TITLE}——园区服务纪实",), (TITLE, "——园区服务纪实")])
    def test_a_dash_parts_title_and_subtitle(self, lines):
        case = read_case(*lines, FIRST)
        assert (case.title, case.subtitle, case.full_title) == (TITLE, "园区服务纪实", f"{TITLE}——园区服务纪实")

    def test_a_blank_inside_a_title_makes_no_subtitle(self):
        case = read_case("工行深圳市分行守正创新 用实干书写答卷", FIRST)
        assert (case.title, case.subtitle) == ("工行深圳市分行守正创新 用实干书写答卷", "")

    def test_the_sites_name_is_no_part_of_the_title(self):
        assert read_case(f"{TITLE}_某某财经网", FIRST).title == TITLE

    def test_a_missing_title_is_drafted_from_the_text_and_doubted(self):
        case = read_case(FIRST, "深耕园区，服务小微", SECOND)
        assert case.title_inferred
        assert "title" in doubted(case)
        assert case.title.split("：")[-1] in FIRST
        assert texts(case, "paragraph") == [FIRST, SECOND]


class TestCredits:
    def test_source_and_date_are_parted_where_they_run_together(self):
        case = read_case(TITLE, "来源:证券时报网2025-09-30 16:50", FIRST)
        assert (case.publisher, case.published_on) == ("证券时报网", date(2025, 9, 30))

    @pytest.mark.parametrize("line", ["2025年9月30日", "发布时间：2025/09/30 08:00", "2025.9.30"])
    def test_a_date_is_read_in_every_usual_form(self, line):
        assert read_case(TITLE, line, FIRST).published_on == date(2025, 9, 30)

    def test_no_date_is_never_made_up(self):
        case = read_case(TITLE, FIRST, "2025年9月30日，该行举办发布会，介绍园区金融服务的最新进展和成效。")
        assert case.published_on is None
        assert "published_on" in doubted(case)

    def test_an_impossible_date_is_doubted(self):
        case = read_case(TITLE, "2025-02-30", FIRST)
        assert case.published_on is None
        assert any("2025-02-30" in doubt.reason for doubt in case.doubts)

    @pytest.mark.parametrize(
        ("line", "authors"),
        [
            ("通讯员  陈枫 刘昕明", ("陈枫", "刘昕明")),
            ("本报记者 张三丰 通讯员 李 四", ("张三丰", "李四")),
            ("文：王小二、赵六  摄影：钱七", ("王小二", "赵六")),
            ("作者：阿卜杜·热合曼", ("阿卜杜·热合曼",)),
            ("责任编辑：孙八 校对：周九", ()),
        ],
    )
    def test_those_who_wrote_are_authors(self, line, authors):
        assert read_case(TITLE, line, FIRST).authors == authors
        assert read_case(TITLE, FIRST, line).authors == authors

    def test_a_platform_is_the_publisher_only_with_a_doubt(self):
        case = read_case(
            TITLE, FIRST, "特别声明:以上内容为自媒体平台“某某号”用户上传并发布，本平台仅提供信息存储服务。"
        )
        assert case.publisher == "某某号"
        assert "publisher" in doubted(case)


class TestProblems:
    @pytest.mark.parametrize(
        "lines", [("首页", "登录"), ("", "责任编辑：甲某"), ("声明:本文仅供参考，不构成投资建议。",), (TITLE,)]
    )
    def test_nothing_left_after_the_furniture_is_a_problem_with_its_line(self, lines):
        with pytest.raises(ImportProblem) as caught:
            read_case(*lines)
        assert caught.value.file == "稿件.txt"
        assert caught.value.line == next(i for i, line in enumerate(lines, 1) if line)

    def test_what_is_no_chinese_prose_is_no_article(self):
        assert not is_article(document("name,bank", "1,2"))
        assert not is_article(document("This is an English page. It has sentences."))
        assert is_article(document(FIRST))

    def test_an_unrecognised_bank_is_left_open(self):
        case = read_case(
            "普惠金融服务小微企业", "小微企业是经济的细胞，做好小微企业的金融服务，是激活一座城市的底层逻辑。"
        )
        assert case.bank is None
        assert "bank" in doubted(case)


class TestSeeds:
    def test_one_without_a_title_keeps_all_its_lines(self):
        case, source = seed("000")
        assert case.title_inferred
        assert case.published_on is None
        assert (case.bank, case.branch, case.script) == ("工商银行", "工商银行深圳市分行", "hant")
        body = {number for block in case.blocks for first, last in block.spans for number in range(first, last + 1)}
        assert body == {number for number, line in enumerate(source.lines, 1) if line.strip()}

    def test_one_among_a_sites_furniture(self):
        case, _ = seed("001")
        assert case.title.startswith("工行深圳市分行")
        assert case.published_on == date(2025, 12, 16)
        assert case.authors == ("陈枫", "刘昕明")
        assert len(case.captions) == 3
        assert len(texts(case, "heading")) == 3
        assert case.bank == "工商银行"

    def test_one_with_its_title_first(self):
        case, source = seed("002")
        assert case.title == source.lines[0]
        assert (case.publisher, case.published_on) == ("证券时报网", date(2025, 9, 30))
        assert len(texts(case, "heading")) == 3
        assert case.captions == ()
        assert "园区e贷" in [product.name for product in case.products]

    def test_one_that_begins_with_pictures(self):
        case, _ = seed("004")
        assert case.title_inferred
        assert len(case.captions) == 2
        assert case.authors == ("罗曼瑜", "赵轶")
        assert (case.bank, case.branch) == ("建设银行", "建设银行深圳市分行")
        assert not case.blocks[-1].text.endswith("推广")

    @pytest.mark.parametrize("number", ["000", "001", "002", "004"])
    def test_every_piece_stands_so_in_its_lines(self, number):
        case, source = seed(number)
        for piece in (*case.blocks, *case.captions):
            written = " ".join(
                source.lines[first - 1 : last][i].strip()
                for first, last in piece.spans
                for i in range(last - first + 1)
            )
            assert piece.text in written
