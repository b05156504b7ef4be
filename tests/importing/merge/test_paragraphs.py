"""Of three versions of a text: nothing that a person wrote is lost, nothing comes twice, and who alone changed a
paragraph is heard.
"""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.importing.merge import Region, merge_texts, replaced
from catalog.importing.merge.paragraphs import paragraphs_of
from catalog.text.markdown import piece_key

PARAGRAPHS = {
    "a": "农业银行深圳市分行推出“复工贷”，支持小微企业复工复产。",
    "b": "疫情期间，分行开通绿色通道，三天内放款到账。",
    "c": "截至2020年末，贷款余额3.2亿元，服务企业一百二十家。",
    "d": "客户经理走进园区，逐户了解经营情况，量身定制方案。",
    "e": "下一步，分行将继续下沉服务，让金融活水润泽实体经济。",
    "h": "## 一、背景",
}


def text(names: str) -> str:
    """A letter is a paragraph, a digit after it one of its versions: `ab1c`."""
    paragraphs = []
    for name in names:
        if name.isdigit():
            paragraphs[-1] = f"{paragraphs[-1][:-1]}，第{name}次改写过的。"
        else:
            paragraphs.append(PARAGRAPHS[name])
    return "\n\n".join(paragraphs)


def regions(merged) -> list[tuple[str, str, str]]:
    return [(region.base, region.theirs, region.mine) for region in merged.conflicts]


class TestWithoutAConflict:
    @pytest.mark.parametrize(
        ("base", "theirs", "mine", "merged"),
        [
            ("abcd", "ab1cd", "abcd2", "ab1cd2"),
            ("abcd", "ab1cd", "abc2d", "ab1c2d"),  # neighbours
            ("abcd", "a1bc1d", "ab2cd2", "a1b2c1d2"),
            ("abc", "abcd", "a1bc", "a1bcd"),  # added
            ("abc", "abcd", "abc1", "abc1d"),
            ("abc", "eabc", "a1bc", "ea1bc"),
            ("abc", "aebc", "abdc", "aebdc"),
            ("abcd", "acd", "abc1d", "ac1d"),  # deleted
            ("abcd", "abd", "acd", "ad"),
            ("abcd", "bcda", "abc1d", "bc1da"),  # moved
            ("abcd", "ab1cd", "bcda", "b1cda"),
            ("habc", "hab1c", "h1abc", "h1ab1c"),
            ("abc", "ab1c", "ab1c", "ab1c"),  # the same by both
            ("abc", "ab1cd", "ab1c", "ab1cd"),
        ],
    )
    def test_what_one_side_changed_is_taken(self, base, theirs, mine, merged):
        result = merge_texts(text(base), text(theirs), text(mine))
        assert (result.text, result.conflicts) == (text(merged), ())

    def test_a_text_without_changes_of_the_other_side_stays_to_the_letter(self):
        mine = "一段。\n\n\n\n  二段。 \n"
        assert merge_texts("一段。", "一段。", mine).text == mine

    def test_a_rewritten_table_is_one_paragraph(self):
        table = "| 年份 | 余额 |\n| --- | --- |\n| 2020 | {} |"
        merged = merge_texts(f"{table.format(3)}\n\n尾。", f"{table.format(4)}\n\n尾。", f"{table.format(3)}\n\n改尾。")
        assert merged.text == f"{table.format(4)}\n\n改尾。"


class TestAConflict:
    def test_a_paragraph_that_both_rewrote_stays_as_the_person_wrote_it(self):
        merged = merge_texts(text("abcd"), text("ab1cd1"), text("ab2cd"))
        assert merged.text == text("ab2cd1")
        assert regions(merged) == [(text("b"), text("b1"), text("b2"))]

    def test_a_paragraph_that_a_person_deleted_does_not_come_back_rewritten(self):
        merged = merge_texts(text("abc"), text("ab1c"), text("ac"))
        assert merged.text == text("ac")
        assert regions(merged) == [(text("b"), text("b1"), "")]

    def test_a_paragraph_that_a_person_rewrote_is_not_deleted(self):
        merged = merge_texts(text("abc"), text("ac"), text("ab1c"))
        assert merged.text == text("ab1c")
        assert regions(merged) == [(text("b"), "", text("b1"))]

    def test_a_paragraph_that_is_another_altogether_is_a_conflict_by_itself(self):
        merged = merge_texts(text("hbc"), f"{text('h')}\n\n全新。\n\n{text('c1')}", text("hb1c"))
        assert merged.text == text("hb1c1")
        assert regions(merged) == [(text("b"), "全新。", text("b1"))]

    def test_each_place_is_one_of_its_own(self):
        merged = merge_texts(text("abcd"), text("a1bcd1"), text("a2bcd2"))
        assert [region.mine for region in merged.conflicts] == [text("a2"), text("d2")]

    def test_two_additions_at_one_place(self):
        merged = merge_texts(text("ab"), text("acb"), text("adb"))
        assert merged.text == text("adb")
        assert regions(merged) == [("", text("c"), text("d"))]

    def test_a_paragraph_that_a_person_cut_in_two_and_the_document_rewrote(self):
        first, second = PARAGRAPHS["c"].split("，", 1)
        split = text("ab") + f"\n\n{first}。\n\n{second}\n\n" + text("d")
        merged = merge_texts(text("abcd"), text("abc1d"), split)
        assert merged.text == split
        assert merged.conflicts[0].theirs == text("c1")
        assert merged.conflicts[0].mine == f"{first}。\n\n{second}"


class TestWhatWasMoved:
    def test_by_both_to_different_places_it_stands_once(self):
        merged = merge_texts(text("abcde"), text("acdbe"), text("acdeb"))
        assert merged.text.count(PARAGRAPHS["b"]) == 1
        assert merged.conflicts

    def test_what_a_person_rewrote_does_not_come_again_where_the_document_moved_it(self):
        merged = merge_texts(text("abcde"), text("acdeb"), text("ab1cde"))
        assert merged.text == text("ab1cde")

    def test_what_a_person_deleted_does_not_come_back_where_the_document_moved_it(self):
        assert merge_texts(text("abcde"), text("acdeb"), text("acde")).text == text("acde")

    def test_nothing_is_lost_where_only_one_half_of_a_move_can_be_taken(self):
        merged = merge_texts(text("abcd"), text("bcda"), text("abcde"))
        assert merged.text.count(PARAGRAPHS["a"]) == 1


class TestPuttingIn:
    def test_the_new_text_takes_the_place_of_mine(self):
        merged = merge_texts(text("abcd"), text("ab1cd1"), text("ab2cd"))
        assert replaced(merged.text, merged.conflicts[0]) == text("ab1cd1")

    def test_what_had_been_deleted_comes_back_to_its_place(self):
        merged = merge_texts(text("abc"), text("ab1c"), text("ac"))
        assert replaced(merged.text, merged.conflicts[0]) == text("ab1c")
        assert replaced(text("ea1c"), merged.conflicts[0]) == text("ea1b1c")

    def test_of_paragraphs_that_stand_twice_it_is_the_one_between_the_same(self):
        region = Region("", PARAGRAPHS["e"], PARAGRAPHS["b"], *_keys("a", "c"))
        assert replaced(text("abcbd"), region) == text("aecbd")

    @pytest.mark.parametrize("now", ["", "acd", "ab1cd", "bb"])
    def test_a_place_that_is_not_found_or_may_be_several_is_none(self, now):
        assert replaced(text(now), Region("", PARAGRAPHS["e"], PARAGRAPHS["b"], *_keys("h", "h"))) is None

    def test_a_text_that_was_emptied(self):
        assert replaced("", Region(text("a"), text("a1"), "", "", "")) == text("a1")


def _keys(*names: str) -> list[str]:
    return [piece_key(PARAGRAPHS[name]) for name in names]


versions = st.lists(st.sampled_from(["a", "a1", "a2", "b", "b1", "c", "d", "d1", "e", "h"]), max_size=7).map("".join)


@settings(max_examples=150, deadline=None)
@given(versions, versions, versions)
def test_of_any_three_versions(base, theirs, mine):
    """A paragraph stands in the merged text at least as often as in the side that has it less, at most as often as in
    the other; what only the person has is there; without a difference of one side the other is taken."""
    old, new, own = text(base), text(theirs), text(mine)
    merged = merge_texts(old, new, own)
    counts = {name: Counter(paragraphs_of(each)) for name, each in (("old", old), ("new", new), ("own", own))}
    result = Counter(paragraphs_of(merged.text))
    for paragraph in counts["new"] | counts["own"] | result:
        bounds = sorted((counts["new"][paragraph], counts["own"][paragraph]))
        assert bounds[0] <= result[paragraph] <= bounds[1]
    for paragraph, times in (counts["own"] - counts["old"]).items():
        assert result[paragraph] >= times
    for paragraph in counts["old"] - counts["own"]:
        assert result[paragraph] <= max(counts["own"][paragraph], counts["old"][paragraph] - 1)
    assert merge_texts(old, old, own).text == own
    assert merge_texts(old, new, old).text == new
    for region in merged.conflicts:
        assert region.theirs not in (region.base, region.mine)
