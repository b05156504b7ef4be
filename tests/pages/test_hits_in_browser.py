"""From hit to hit in a case, as a reader goes: by buttons, by keys, on a phone, without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import make_case
from tests.pages.conftest import PHONE
from tests.pages.test_in_browser import WEAK_TEXT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(catalogue) -> str:
    """Of a long case with four hits: in the title, far apart in the text, and in a table."""
    filling = "\n\n".join(f"第 {n} 段没有什么可说，只是让这一页长得要翻。" * 4 for n in range(25))
    body = f"开头说到渔船贷。\n\n{filling}\n\n结尾又说渔船贷，此外无他。\n\n| 产品 |\n| --- |\n| 渔船贷 |"
    case = make_case("渔船贷下海", body, bank=catalogue.icbc)
    return f"{case.get_absolute_url()}?q=渔船贷"


def place(page):
    return page.locator(".hits [role=status]")


def current(page):
    return page.locator("mark[aria-current]")


def test_buttons_lead_from_one_to_the_next_and_around(address, open_page):
    page = open_page(address)
    expect(place(page)).to_have_text("共 4 处")
    following, previous = page.get_by_role("button", name="下一处"), page.get_by_role("button", name="上一处")
    for number in (1, 2, 3, 4, 1):
        following.click()
        expect(place(page)).to_have_text(f"第 {number} 处 / 共 4 处")
        expect(current(page)).to_have_attribute("id", f"hit-{number}")
        expect(current(page)).to_be_in_viewport()
    previous.click()
    expect(current(page)).to_have_attribute("id", "hit-4")
    expect(previous).to_be_focused()


def test_the_bar_stays_in_view_and_hides_no_hit(address, open_page):
    page = open_page(address, motion=True)
    for _ in range(3):
        page.get_by_role("button", name="下一处").click()
    expect(current(page)).to_be_in_viewport()
    bar = page.locator(".hits")
    expect(bar).to_be_in_viewport()
    page.wait_for_function(
        "document.querySelector('mark[aria-current]').getBoundingClientRect().top"
        " > document.querySelector('.hits').getBoundingClientRect().bottom"
    )


def test_keys_do_the_same_but_not_while_something_is_typed(address, open_page):
    page = open_page(address)
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(current(page)).to_have_attribute("id", "hit-2")
    page.keyboard.press("p")
    expect(current(page)).to_have_attribute("id", "hit-1")
    page.keyboard.press("Control+n")
    page.locator("#header-q").fill("")
    page.locator("#header-q").press("n")
    expect(page.locator("#header-q")).to_have_value("n")
    expect(current(page)).to_have_attribute("id", "hit-1")


def test_the_first_step_goes_on_from_where_the_page_is_read(address, open_page):
    page = open_page(address)
    page.locator(".passage").nth(20).scroll_into_view_if_needed()
    page.get_by_role("button", name="下一处").click()
    expect(current(page)).to_have_attribute("id", "hit-3")


def test_an_address_may_name_a_hit(address, open_page):
    page = open_page(f"{address}#hit-3")
    expect(place(page)).to_have_text("第 3 处 / 共 4 处")
    expect(current(page)).to_be_in_viewport()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_hit_of_the_moment_differs_by_more_than_colour(address, open_page, dark):
    page = open_page(address, dark=dark)
    page.keyboard.press("n")
    style = "(mark) => getComputedStyle(mark).outlineStyle"
    assert current(page).evaluate(style) == "solid"
    assert page.locator("#hit-2").evaluate(style) == "none"
    assert page.evaluate(WEAK_TEXT) == []


def test_without_motion_it_is_there_at_once(address, open_page):
    page = open_page(address)
    for _ in range(3):
        page.keyboard.press("n")
    top = page.evaluate("document.querySelector('#hit-3').getBoundingClientRect().top")
    assert 0 < top < 900


def test_marks_go_and_the_case_stays(address, open_page):
    page = open_page(address)
    for _ in range(3):
        page.get_by_role("button", name="下一处").click()
    page.get_by_role("link", name="去掉标记").click()
    expect(page).to_have_url(re.compile(r"/cases/[^?]+#p27$"))
    expect(page.locator("mark")).to_have_count(0)
    expect(page.locator(".hits")).to_have_count(0)
    expect(page.locator("#p27")).to_be_in_viewport()


def test_without_javascript_a_link_leads_to_the_first(address, open_page):
    page = open_page(address, javascript=False)
    expect(page.get_by_role("button", name="下一处")).to_be_hidden()
    page.get_by_role("link", name="第一处").click()
    assert page.url.endswith("#hit-1")
    expect(page.locator("#hit-1")).to_be_in_viewport()
    assert page.locator("#hit-1").evaluate("(mark) => getComputedStyle(mark).outlineStyle") == "solid"
    page.get_by_role("link", name="去掉标记").click()
    assert page.locator("mark").count() == 0


def test_on_a_phone_the_bar_is_one_line(address, open_page):
    page = open_page(address, width=PHONE)
    page.get_by_role("button", name="下一处").click()
    assert page.locator(".hits").bounding_box()["height"] < 64
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_there_is_no_bar_without_hits(catalogue, open_page):
    page = open_page(f"{catalogue.loan.get_absolute_url()}?q=火星")
    expect(page.locator(".hits")).to_have_count(0)
    page.keyboard.press("n")


def test_the_next_hit_may_stand_in_another_part_of_a_long_case(catalogue, open_page):
    filling = "\n\n".join(f"第 {n} 段没有什么可说。" * 60 for n in range(80))
    case = make_case("长篇", f"开头说到渔船贷。\n\n{filling}\n\n结尾又说渔船贷。", bank=catalogue.icbc)
    page = open_page(f"{case.get_absolute_url()}?q=渔船贷")
    following, previous = page.get_by_role("button", name="下一处"), page.get_by_role("button", name="上一处")
    following.click()
    expect(place(page)).to_have_text("第 1 部分第 1 处 / 共 1 处")
    following.click()
    expect(page).to_have_url(re.compile(r"part=\d+#hit-1$"))
    expect(place(page)).to_have_text(re.compile(r"第 [2-9] 部分第 1 处 / 共 1 处"))
    expect(current(page)).to_be_in_viewport()
    previous.click()
    expect(page).to_have_url(re.compile(r"part=1#hit-last$"))
    expect(current(page)).to_have_text("渔船贷")
