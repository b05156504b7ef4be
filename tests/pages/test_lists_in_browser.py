"""The editors' lists in a real browser: no heading is broken, and no page is wider than its window."""

import pytest
from django.contrib.auth import get_user_model

from catalog.models import Conflict, SynonymGroup
from tests.pages.test_editing_in_browser import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LISTS = ("case", "bank", "product", "category", "source", "doubt", "synonymgroup", "conflict", "removedname")
BROKEN = """() => [...document.querySelectorAll("#result_list thead th .text :is(a, span)")].filter(label => {
    const range = document.createRange();
    range.selectNodeContents(label);
    return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1;
}).map(label => label.textContent.trim())"""
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.mark.parametrize("width", [1366, 1024, 390])
def test_headings_are_one_line_and_no_page_is_wider_than_its_window(open_page, catalogue, width):
    title = "守正创新提升服务经济民生质效绘就普惠金融新图景"
    catalogue.book.doubts.create(case=catalogue.loan, field="title", reason=title, confidence=0.3)
    Conflict.objects.create(case=catalogue.loan, field="body", theirs="来源的新文本", mine="编辑稿")
    SynonymGroup.objects.create(words="复工 复产")
    get_user_model().objects.create_superuser("李明", password=PASSWORD)
    page = open_page("/admin/catalog/case/", width=width)
    page.fill("[name=username]", "李明")
    page.fill("[name=password]", PASSWORD)
    page.click("#login-form [type=submit]")
    found = {}
    for name in LISTS:
        page.goto(f"/admin/catalog/{name}/")
        found[name] = (page.evaluate(BROKEN), max(0, page.evaluate(OVERFLOW)))
    assert found == dict.fromkeys(LISTS, ([], 0))
