"""Many cases at once in a real browser: set, and taken away as a file."""

import os
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from catalog.models import Case
from tests.pages.conftest import DESK, PHONE
from tests.pages.test_editing_in_browser import PASSWORD
from tests.pages.test_lists_in_browser import OVERFLOW

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CASES = "/admin/catalog/case/"
# Whether what hangs below the button is really to be seen there.
UNCOVERED = """() => {
    const panel = document.querySelector(".export > div"), box = panel.getBoundingClientRect();
    return panel.contains(document.elementFromPoint(box.left + box.width / 2, box.bottom - 10));
}"""


@pytest.fixture
def open_list(open_page, catalogue):
    def open_list(**how):
        get_user_model().objects.create_superuser("李明", password=PASSWORD)
        page = open_page(CASES, **how)
        page.fill("[name=username]", "李明")
        page.fill("[name=password]", PASSWORD)
        page.click("#login-form [type=submit]")
        return page

    return open_list


def shoot(page, name: str) -> None:
    """For whoever wants to look: a picture of the page, in the folder that PICTURES names."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_list_is_set_as_it_was_seen(open_list, catalogue, width, dark):
    page = open_list(width=width, dark=dark)
    page.goto(f"{CASES}?status__exact=public")
    page.check("#action-toggle")
    page.select_option("select[name=action]", "set_fields")
    page.click(".actions button[type=submit]")
    page.select_option("#id_bank", str(catalogue.icbc.pk))
    page.select_option("#id_category", str(catalogue.inclusive.pk))
    shoot(page, f"set-{width}-{dark}")
    assert page.evaluate(OVERFLOW) <= 0
    page.click("[name=look]")
    expect(page.locator(".outcome")).to_contain_text("个要您决定")
    shoot(page, f"decide-{width}-{dark}")
    assert page.evaluate(OVERFLOW) <= 0
    page.check("[name=left][value=drop]")
    page.click("[name=look]")
    expect(page.locator(".outcome")).to_contain_text("个会改")
    shoot(page, f"seen-{width}-{dark}")
    assert page.evaluate(OVERFLOW) <= 0
    page.click("[name=confirmed]")
    expect(page.locator(".messagelist")).to_contain_text("已修改")
    assert Case.objects.filter(bank=catalogue.icbc, category=catalogue.inclusive).count() == 25
    assert not catalogue.loan.products.exists()


def test_products_are_chosen_as_in_a_case(open_list, catalogue):
    page = open_list()
    page.locator(f"input[name=_selected_action][value='{catalogue.loan.pk}']").check()
    page.select_option("select[name=action]", "set_fields")
    page.click(".actions button[type=submit]")
    page.select_option("#id_how", "remove")
    page.click(".field-products .select2-selection")
    page.keyboard.type("复工")
    page.locator(".select2-results__option", has_text="复工贷").first.click()
    page.click("[name=look]")
    expect(page.locator(".outcome")).to_contain_text("1 个会改")
    shoot(page, "products")
    page.click("[name=confirmed]")
    expect(page.locator(".messagelist")).to_contain_text("已修改 1 个案例")
    assert not catalogue.loan.products.exists()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_the_list_is_taken_away_as_a_file(open_list, width, dark):
    page = open_list(width=width, dark=dark)
    page.goto(f"{CASES}?status__exact=public")
    shoot(page, f"list-{width}-{dark}")
    page.click(".export summary")
    expect(page.locator(".export > div")).to_be_visible()
    shoot(page, f"export-{width}-{dark}")
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(UNCOVERED)
    box = page.locator(".export > div").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    for form in ("xlsx", "csv", "jsonl"):
        with page.expect_download() as download:
            page.click(f".export a[href*='/{form}/']")
        assert download.value.suggested_filename.endswith(f".{form}")
        assert Path(download.value.path()).stat().st_size > 1000
