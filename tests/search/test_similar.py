import pytest

from catalog.models import Case
from catalog.search.query.similar import similar_cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(make_case) -> dict[str, Case]:
    texts = {
        "渔业一": "渔民出海捕鱼，渔船贷款，休渔期补贴",
        "渔业二": "渔船更新，渔民贷款，休渔期展期",
        "光伏一": "光伏电站融资，屋顶光伏贷款",
        "光伏二": "光伏组件企业，屋顶电站贷款",
    }
    return {title: make_case(title, text) for title, text in texts.items()} | {
        f"其他{n}": make_case(f"其他{n}", "企业贷款") for n in range(6)
    }


def test_those_with_the_same_telling_words_come_first(cases):
    assert similar_cases(cases["渔业一"])[0] == cases["渔业二"]
    assert similar_cases(cases["光伏二"], 1) == [cases["光伏一"]]


def test_never_itself_nor_a_draft(cases):
    Case.objects.filter(title="渔业二").update(status="draft")
    cases["渔业二"].refresh_from_db()
    cases["渔业二"].save()
    alike = similar_cases(cases["渔业一"])
    assert cases["渔业一"] not in alike
    assert cases["渔业二"] not in alike


def test_a_case_without_telling_words_has_none(make_case):
    assert similar_cases(make_case("甲")) == []
