"""Conflicts are settled in a browser without JavaScript, on a desk and on a phone."""

import pytest
from django.contrib.auth import get_user_model

from catalog.importing.merge import merge_texts
from catalog.models import Case, Conflict
from tests.pages.conftest import DESK, LOAN_PARAGRAPH, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "春眠不觉晓-Spring7"


@pytest.fixture
def conflicts(catalogue) -> list[Conflict]:
    case = catalogue.loan
    base, theirs = (case.body.replace("7×24", hours) for hours in ("每天 24", "7*24"))
    (region,) = merge_texts(base, theirs, case.body).conflicts
    place = {"region": "1", "before": region.before, "after": region.after}
    texts = {"base": region.base, "theirs": region.theirs, "mine": region.mine}
    part = Conflict.objects.create(case=case, field="body", **place, **texts)
    title = Conflict.objects.create(
        case=case, field="title", base="复工贷", theirs="复工贷助力复产复工", mine=case.title
    )
    return [part, title]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_one_after_the_other(conflicts, open_page, width, dark):
    get_user_model().objects.create_superuser("admin", password=PASSWORD)
    page = open_page("/admin/catalog/conflict/", width=width, dark=dark, javascript=False)
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("[type=submit]")
    page.click("#result_list tbody th a")
    assert page.locator(".version").count() == 3
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".version ins").first.inner_text() == "7×"
    page.fill("[name=written]", LOAN_PARAGRAPH.replace("7×24", "全天 24"))
    page.click("text=用框里的")
    assert "合并" in page.inner_text(".messagelist")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("button:has-text('用新文本')")
    page.wait_for_selector("#changelist")
    case = Case.objects.get(pk=conflicts[0].case_id)
    assert "全天 24" in case.body
    assert case.title == "复工贷助力复产复工"
