"""Suggestions as a reader has them: typing, arrow keys, touch, a server that is silent."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def search_box(catalogue, open_page):
    """search_box("/", "fugong"): the page and its search box, with the options shown for all that was typed."""

    def type_into(address: str, text: str, **options):
        page = open_page(address, **options)
        box = page.locator("input[type=search]").first
        box.click()
        box.press_sequentially(text)
        expect(box).to_have_attribute("aria-expanded", "true")
        expect(page.get_by_role("listbox")).to_have_attribute("aria-busy", "false")
        return page, box

    return type_into


def test_arrow_keys_choose_and_enter_follows(catalogue, search_box):
    page, box = search_box("/", "fugongdai")
    option = page.get_by_role("option", name="复工贷 建设银行", exact=True).first
    expect(box).not_to_have_attribute("aria-activedescendant", re.compile("."))
    box.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    box.press("ArrowUp")
    expect(option).to_have_attribute("aria-selected", "false")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url(re.compile("/products/"))


def test_a_choice_outlives_a_newer_list(search_box):
    page, box = search_box("/", "fugong")
    held = []
    page.route("**/suggestions/**", lambda route: held.append(route))
    with page.expect_request(re.compile("suggestions/.*fugongdai")):
        box.press_sequentially("dai")
    option = page.get_by_role("option", name="复工贷 建设银行", exact=True)
    while option.get_attribute("aria-selected") != "true":
        box.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_have_attribute("aria-busy", "true")
    for route in held:
        route.continue_()
    expect(page.get_by_role("listbox")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("option", name="助力复工")).to_have_count(0)
    expect(option).to_have_attribute("aria-selected", "true")


def test_a_slow_answer_that_is_out_of_date_does_not_close_the_list_of_the_next(catalogue, open_page):
    page, held = open_page("/"), []
    page.route("**/suggestions/**", lambda route: held.append(route))
    box = page.locator("input[type=search]").first
    box.click()
    with page.expect_request(re.compile("suggestions/.*q=fu$")):
        box.press_sequentially("fu")
    page.unroute("**/suggestions/**")  # which lets it go on
    box.press_sequentially("gongdai")
    expect(page.get_by_role("option", name="复工贷 建设银行", exact=True)).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")


def test_escape_closes_and_keeps_what_was_typed(search_box):
    page, box = search_box("/banks/", "gs")
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("gs")


def test_nothing_to_suggest_closes(search_box):
    _, box = search_box("/banks/", "gs")
    box.press_sequentially("zzzz")
    expect(box).to_have_attribute("aria-expanded", "false")


def test_enter_without_a_choice_searches_for_what_was_typed(search_box):
    page, box = search_box("/cases/", "复工")
    assert page.url.endswith("/cases/")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/cases/\?q="))
    expect(box).to_have_attribute("aria-expanded", "false")


def test_a_touch_follows_on_a_phone(search_box):
    page, _ = search_box("/", "gsyh", width=PHONE)
    page.get_by_role("option", name="工商银行").click()
    page.wait_for_url(re.compile("/banks/icbc/"))


def test_a_server_in_trouble_is_none_of_the_pages(search_box, troubles):
    page, box = search_box("/cases/", "复工")
    page.route("**/suggestions/**", lambda route: route.fulfill(status=503))
    box.press_sequentially("贷")
    page.wait_for_timeout(800)
    assert page.url.endswith("/cases/")
    expect(page.locator("#list-trouble")).to_be_hidden()
    # The browser's own remarks.
    troubles.messages.clear()
