import random

from catalog.text.markdown import pieces, plain_text, render

MARKUP = ["#", "## ", "|", " | ", "---", "| --- |\n", "\\", "\\|", "&amp;", "<b>", "* ", "1. ", "> ", "```"]
BLANKS = [" ", "    ", "\t", "\n", "\n\n", "\n \n", "\r", "\u3000", "\x1c", "\x85", "\u2028", "\0"]


def test_plain_text_is_that_of_all_pieces():
    chance = random.Random(2)
    for _ in range(20_000):
        body = "".join(chance.choices([*MARKUP, *BLANKS, "甲", "乙丙", "C#"], k=chance.randrange(14)))
        assert plain_text(body) == "\n".join(piece.text for piece in pieces(body)), repr(body)


def test_plain_text_has_headings_paragraphs_and_cells():
    body = "## 一、背景\n\n第一段\n换行 \\# 号。\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |"
    assert plain_text(body).split("\n") == ["一、背景", "第一段", "换行 # 号。", "甲", "乙", "1", "2"]


def test_the_alignment_of_a_table_is_a_class_since_pages_allow_no_style_inside_them():
    html = render("| 甲 | 乙 |\n| :-: | --: |\n| 1 | 2 |")
    assert "style=" not in html
    assert '<td class="align-center">1</td>' in html
    assert '<td class="align-right">2</td>' in html
