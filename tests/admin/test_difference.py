from hypothesis import given
from hypothesis import strategies as st

from catalog.admin.conflicts.difference import marked, proposal

texts = st.text("甲乙丙丁，。<&", max_size=12)


def test_characters_are_marked_and_markup_is_not():
    assert marked("贷款3亿元", "贷款5亿元<b>") == "贷款<del>3</del><ins>5</ins>亿元<ins>&lt;b&gt;</ins>"


def test_changes_at_different_places_are_both_proposed():
    assert proposal("农行推出复工贷。", "农行推出园区贷。", "农业银行推出复工贷。") == "农业银行推出园区贷。"


def test_of_changes_at_one_place_the_editors_is():
    assert proposal("余额3亿元。", "余额5亿元。", "余额4亿元。") == "余额4亿元。"


@given(texts, texts)
def test_where_only_one_changed_anything_that_is_proposed(base, other):
    assert proposal(base, other, base) == other
    assert proposal(base, base, other) == other
