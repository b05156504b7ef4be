"""The steps of reading a casebook, each by itself on small made-up text."""

import pytest

from catalog.importing.casebook.boxes import lift_boxes
from catalog.importing.casebook.contents import (
    compose_title,
    find_titles,
    opener_slogans,
    part_merged_titles,
    read_contents,
)
from catalog.importing.casebook.frames import Item, number_of, read_items
from catalog.importing.casebook.language import BookModel, likeness
from catalog.importing.casebook.lines import is_closed, join_texts, read_rows, split_row, tidy, width_of
from catalog.importing.casebook.numbering import CHAIN, FRESH, SECTION, marks_of, walk
from catalog.importing.casebook.pages import order_pages
from catalog.importing.casebook.paragraphs import compose_blocks, heading_text, spans_of
from catalog.importing.casebook.seams import Seams, confidence
from catalog.importing.casebook.spreads import Spread, printed_pages, split_spreads
from catalog.importing.drafts import ImportProblem

CONTENTS = """清泉东山

远山银行支持果园发展
让甜果走出大山

红枫银行服务渔民

003

长桥西河

松江银行优化柜台
——便民纪实

012 020"""

TEXT = """
第一章

清泉东山
勇于开拓
服务果农
 远山银行支持果园
发展 让甜果走出大山

案例简介"""


def rows_of(text: str):
    return read_rows(text.split("\n"))


def body(*texts: str, column: float = 20.0, start: int = 1) -> list[Item]:
    rows = rows_of("\n\n".join(texts))
    return [Item("body", (row,), column) for row in rows]


class TestLines:
    def test_rows_carry_their_line_and_the_blank_lines_above(self):
        rows = rows_of("甲\n\n乙\n 丙")
        assert [(row.number, row.text, row.gap, row.lead) for row in rows] == [
            (1, "甲", 1, 0),
            (3, "乙", 1, 0),
            (4, "丙", 0, 1),
        ]

    def test_width_counts_ideographs_whole_and_latin_half(self):
        assert width_of("果园的茶叶") == 5
        assert width_of("2020 年") == pytest.approx(3.2)

    def test_a_mark_at_the_end_may_hang_over_the_edge(self):
        assert width_of("果园，") == 2.5

    @pytest.mark.parametrize(
        ("printed", "clean"),
        [
            ("1 月 28 日，果园", "1月28日，果园"),
            ("东 亚 中 国 深 圳", "东亚中国深圳"),
            ("开源的 Open Core 平台", "开源的Open Core平台"),
            ("省材料  免去往返", "省材料 免去往返"),
            ("依托线上 + 线下", "依托线上+线下"),
        ],
    )
    def test_spacing_is_cleaned(self, printed: str, clean: str):
        assert tidy(printed) == clean

    def test_a_pause_between_phrases_of_a_heading_stays(self):
        assert tidy("夯实基础 健全机制", keep_blanks=True) == "夯实基础 健全机制"

    def test_lines_join_without_blanks_but_latin_words_with_one(self):
        assert join_texts(["果园的", "茶叶"]) == "果园的茶叶"
        assert join_texts(["Trust", "of Charity"]) == "Trust of Charity"

    def test_a_sentence_closes_inside_quotes_too(self):
        assert is_closed("他说：“好。”")
        assert not is_closed("他说：“好”")

    def test_a_row_parts_at_an_offset(self):
        head, tail = split_row(rows_of("果园。 茶叶")[0], 3)
        assert (head.text, tail.text, tail.start) == ("果园。", "茶叶", 4)


class TestContents:
    def test_chapters_titles_and_pages(self):
        contents = read_contents(rows_of(CONTENTS + "\n" + TEXT), "书.txt")
        assert contents.chapters == ("清泉东山", "长桥西河")
        assert [(title.text, title.chapter) for title in contents.titles] == [
            ("远山银行支持果园发展让甜果走出大山", 0),
            ("红枫银行服务渔民", 0),
            ("松江银行优化柜台——便民纪实", 1),
        ]
        assert contents.pages == (3, 12, 20)

    def test_a_title_is_found_however_it_breaks_and_keeps_the_pauses_of_both(self):
        rows = rows_of(
            CONTENTS
            + TEXT.replace("发展 让甜果走出大山", "发展 让甜果走出大山\n\n红枫银行服务渔民")
            + "\n\n松江银行优化柜台\n——便民纪实"
        )
        contents = read_contents(rows, "书.txt")
        _, headings = find_titles(rows, contents, "书.txt")
        titles = [compose_title(contents.titles[heading.title], heading) for heading in headings]
        assert titles[0] == ("远山银行支持果园发展 让甜果走出大山", "")
        assert titles[2] == ("松江银行优化柜台", "便民纪实")
        assert all(heading.exact for heading in headings)

    def test_a_line_that_holds_the_end_of_a_title_and_more_is_parted(self):
        rows = rows_of(
            CONTENTS
            + "\n\n第一章\n\n清泉东山\n\n红枫银行服务渔民自去年春天以来，\n\n"
            + "远山银行支持果园发展\n让甜果走出大山\n\n松江银行优化柜台\n——便民纪实"
        )
        contents = read_contents(rows, "书.txt")
        body_rows, headings = find_titles(rows, contents, "书.txt")
        assert [row.text for row in headings[1].rows] == ["红枫银行服务渔民"]
        assert "自去年春天以来，" in [row.text for row in body_rows]

    def test_a_title_that_is_not_in_the_text_is_a_problem_with_its_line(self):
        rows = rows_of(CONTENTS + "\n" + TEXT)
        with pytest.raises(ImportProblem, match="红枫银行服务渔民") as caught:
            find_titles(rows, read_contents(rows, "书.txt"), "书.txt")
        assert caught.value.line == 6

    def test_without_contents_it_is_no_casebook(self):
        with pytest.raises(ImportProblem, match="目录"):
            read_contents(rows_of("昨日举办了活动。\n\n参加的人很多。"), "文.txt")

    def test_titles_that_lost_the_blank_line_between_are_parted(self):
        merged = CONTENTS.replace("大山\n\n红枫", "大山\n红枫").replace("003", "金田银行帮助茶农\n\n003")
        headings = ["红枫银行服务渔民", "金田银行帮助茶农", "松江银行优化柜台\n——便民纪实"]
        rows = rows_of("\n\n".join([merged + TEXT, *headings]))
        contents = part_merged_titles(rows, read_contents(rows, "书.txt"))
        titles = ["远山银行支持果园发展让甜果走出大山", "红枫银行服务渔民", "金田银行帮助茶农"]
        assert [title.text for title in contents.titles][:3] == titles

    def test_slogans_are_the_tight_lines_below_a_chapters_name(self):
        rows = rows_of("清泉东山\n勇于开拓\n服务果农\n\n远山银行")
        assert [row.text for row in opener_slogans(rows, 0)] == ["勇于开拓", "服务果农"]


class TestSpreads:
    CONTENTS = read_contents(rows_of(CONTENTS + "\n" + TEXT), "书.txt")

    def split(self, text: str) -> list[Spread]:
        return split_spreads(rows_of(text), self.CONTENTS, {})

    def test_a_spread_begins_with_an_indented_row_right_under_another(self):
        assert len(self.split("果园丰收\n\n的季节。\n 茶叶上市\n\n的季节。")) == 2

    def test_an_indent_after_a_blank_line_is_only_an_indent(self):
        assert len(self.split("果园丰收\n\n 的季节。")) == 1

    def test_an_indented_cell_inside_a_table_begins_none(self):
        assert len(self.split("品种\n甜果\n 茶叶\n海产\n产量")) == 1

    def test_a_caption_of_two_lines_may_begin_one_below_a_whole_caption(self):
        assert len(self.split("渔民在码头\n清点海产。\n 果农在园中\n采摘甜果。")) == 2

    def test_running_feet_begin_one_and_tell_its_pages(self):
        spreads = self.split("果园丰收。\n\n020 清泉东山2019 2020远 山 银 行 业 优 秀 案 例 集\n\n茶叶上市。")
        assert [spread.feet for spread in spreads] == [(), (20,)]
        assert printed_pages(spreads, [], self.CONTENTS) == [18, 20]


class TestFrames:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("2.  扩大就业", (1, 2)),
            ("（三）扩大", (2, 3)),
            ("十二、扩大", (1, 12)),
            ("2.5 亿元", None),
            ("2 月上旬", None),
        ],
    )
    def test_numbers_of_headings(self, text: str, number: tuple[int, int] | None):
        assert number_of(text) == number

    def items(self, text: str) -> list[Item]:
        rows = rows_of(text)
        return read_items(rows, {}, TestSpreads.CONTENTS, BookModel(rows))

    def test_columns_headings_and_captions(self):
        paragraph = [
            "去年春天以来果农纷纷返乡参加采摘",
            "并且学会了修剪枝条与储存果实的手艺，",
            "甜果也由车队运往山外的各处市场去卖",
            "收入明显增加。",
        ]
        caption = "果农在新落成的甜果展厅门前与远道而来的客人们合影留念并致谢。"
        items = self.items("\n\n".join(["1.  扩大就业", *paragraph, *paragraph, caption]))
        assert [item.kind for item in items] == ["heading", *["body"] * 8, "caption"]

    def test_cells_without_a_full_stop_are_one_table(self):
        items = self.items("品种 产量 单价\n\n甜果\n茶叶\n海产\n水果\n\n三千斤\n五百斤\n\n合计")
        assert [item.kind for item in items] == ["table"]


class TestLanguage:
    MODEL = BookModel(rows_of("\n\n".join(["果农在果园采摘甜果", "渔民在码头清点海产", "果园的甜果上市了"] * 5)))

    def test_a_word_across_the_seam_speaks_for_it(self):
        assert self.MODEL.flow("这一带的果", "园丰收了") > 2
        assert self.MODEL.flow("这一带的果", "民丰收了") < 0

    def test_the_dictionary_helps_where_the_book_is_silent(self):
        assert self.MODEL.flow("提供金", "融服务") > self.MODEL.flow("提供金", "业服务")

    def test_passages_about_the_same_are_alike(self):
        fruit, same_fruit, seafood = (
            self.MODEL.topic(rows_of(text)) for text in ("果农采摘甜果", "甜果由果农采摘", "渔民清点海产")
        )
        assert likeness(fruit, same_fruit) > likeness(fruit, seafood)


class TestSeams:
    SEAMS = Seams(TestLanguage.MODEL)

    def test_an_open_sentence_does_not_go_on_into_a_heading(self):
        before, after = body("果农在果园采摘甜果并且运往山外")[0], Item("heading", (rows_of("2.  扩大就业")[0],), 20.0)
        assert self.SEAMS.score(before, after) < -3

    def test_a_finished_paragraph_is_followed_by_an_indented_row_rather_than_a_full_one(self):
        stump, new, full = body(
            "甜果上市了。", "渔民在码头清点海产并运往山外各处", "渔民在码头清点海产并且运往山外的各处去卖"
        )
        new, full = (Item("body", item.rows, column) for item, column in ((new, 18.0), (full, 20.0)))
        assert self.SEAMS.score(stump, new) > self.SEAMS.score(stump, full)

    def test_confidence_grows_with_the_margin(self):
        assert confidence(0) == 0.5
        assert confidence(-3) < 0.1 < 0.9 < confidence(3)


class TestNumbering:
    def test_chains_inside_paragraphs_count(self):
        assert marks_of(body("一是扩大就业；二是增加收入。")[0]) == [(CHAIN, 1), (CHAIN, 2)]

    def test_numbers_that_go_on_score_better_than_numbers_that_fall(self):
        rising, _ = walk([(SECTION, 1), (SECTION, 2), (SECTION, 3)], FRESH)
        falling, _ = walk([(SECTION, 2), (SECTION, 3), (SECTION, 1)], FRESH)
        assert rising > 0 > falling


class TestParagraphs:
    def blocks(self, items: list[Item]):
        return compose_blocks(items, {}, TestSeams.SEAMS)

    def test_a_paragraph_ends_where_the_next_row_is_indented(self):
        items = body(
            "渔民在码头清点海产并且运往", "山外各处去卖。", "果农在果园采摘甜果并且运往", "山外各处。", column=15.0
        )
        assert [block.text for block in self.blocks(items)] == [
            "渔民在码头清点海产并且运往山外各处去卖。",
            "果农在果园采摘甜果并且运往山外各处。",
        ]

    def test_a_table_that_interrupts_a_sentence_moves_behind_it(self):
        first, second = body("渔民在码头清点海产并且运往", "山外各处去卖。", column=13.0)
        table = Item("table", tuple(rows_of("品种 产量\n甜果")), 20.0)
        assert [block.kind for block in self.blocks([first, table, second])] == ["paragraph", "table"]

    def test_a_numbered_heading_is_set_with_one_blank(self):
        assert heading_text(rows_of("3.  扩大果园就业")) == "3. 扩大果园就业"

    def test_spans_join_rows_parted_by_blank_lines_only(self):
        rows = rows_of("甲\n\n乙\n\n丙\n\n丁")
        assert spans_of([rows[0], rows[1], rows[3]]) == ((1, 3), (7, 7))


class TestPagesAndBoxes:
    """A spread of which the right page came out first: the cut joins both open sentences."""

    RIGHT = ["园采摘甜果，再由车队运往山外的各个市", "场去卖，收入增加了三成。"]
    LEFT = ["春天以来，远山银行为果农发放了采摘果", "实所需的贷款，果农们在银行的帮助下到果"]

    def test_the_left_page_is_read_first(self):
        rows = rows_of("\n\n".join([*self.RIGHT, *self.LEFT]))
        model = BookModel(rows_of("\n\n".join(["果园采摘甜果", "市场去卖", "采摘果实所需"] * 5)))
        spread = [Item("body", (row,), column) for row, column in zip(rows, [18.0, 18.0, 20.0, 20.0], strict=True)]
        pages = order_pages([spread], Seams(model))
        assert [page.items[0].first.text for page in pages] == [self.LEFT[0], self.RIGHT[0]]

    def test_the_box_is_the_narrow_run_above_its_label(self):
        label = Item("label", (rows_of("案例简介")[0],))
        title = Item("title", (rows_of("远山银行支持果园")[0],), title=0)
        text = body("去年春天以来果农纷纷返乡参加", "采摘，收入明显增加了三成多。", column=30.0)
        box = [
            Item("body", (row,), 12.0)
            for row in rows_of(
                "\n\n".join(["远山银行帮助果农贷款", "采摘甜果并运往山外市场去", "卖，一年之间收入增加了三", "成。"])
            )
        ]
        items, leads = lift_boxes([*text, title, *box, label], TestSeams.SEAMS)
        assert [item.kind for item in items] == ["body", "body", "title", "box", "label"]
        assert len(leads[0].rows) == 4
        assert leads[0].has_label
