"""The pages as a reader has them: in a real browser, with a keyboard, on a phone, without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def count_of(page) -> int:
    return int(re.search(r"\d+", page.locator("#found-count").inner_text())[0])


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_fits_its_window_and_has_no_trouble(catalogue, open_page, width, dark):
    page = open_page("/", width=width, dark=dark)
    for name, address in catalogue.addresses.items():
        assert page.goto(address).status == 200, name
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), name
        assert page.locator("input[type=search]").first.is_visible(), name
        assert page.locator("h1").count() == 1, name


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_has_contrast_enough(catalogue, open_page, dark):
    page = open_page("/", dark=dark)
    for name, address in catalogue.addresses.items():
        page.goto(address)
        assert page.evaluate(WEAK_TEXT) == [], name


# Text whose contrast with the nearest background is below WCAG's AA: 4.5, or 3 for large print.
WEAK_TEXT = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      const [, , , alpha = 1] = channels(colour);
      if (alpha > 0.99) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const weak = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest(".unseen, .skip")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(style.color), luminance(ground(element))].sort((x, y) => y - x);
    const needed = parseFloat(style.fontSize) >= 24 ? 3 : 4.5;
    if ((a + 0.05) / (b + 0.05) < needed) weak.add(`${element.tagName}.${element.className}`);
  }
  return [...weak];
}"""


class TestFilters:
    def test_a_choice_changes_the_address_and_the_count(self, catalogue, open_page):
        page = open_page("/cases/")
        assert count_of(page) == 25
        page.get_by_role("checkbox", name="工商银行").check()
        expect(page.locator("#found-count")).to_contain_text("2 个案例")
        assert page.url.endswith("/cases/?bank=icbc")
        assert page.locator(".case-row").count() == 2
        expect(page.locator("#found-aloud")).to_have_text("找到 2 个案例")
        expect(page.get_by_role("checkbox", name="工商银行")).to_be_focused()

    def test_going_back_restores_the_whole_page(self, catalogue, open_page):
        page = open_page("/cases/")
        page.get_by_role("checkbox", name="工商银行").check()
        expect(page.locator("#found-count")).to_contain_text("2 个案例")
        page.get_by_role("checkbox", name="服务小微").check()
        expect(page).to_have_url(re.compile("category=small"))
        expect(page.locator(".chip")).to_have_count(2)
        page.go_back()
        expect(page).to_have_url(re.compile(r"/cases/\?bank=icbc$"))
        expect(page.locator(".chip")).to_have_count(1)
        page.go_back()
        expect(page.locator("#found-count")).to_contain_text("25 个案例")
        assert page.locator("header.site-header").count() == 1
        expect(page.get_by_role("checkbox", name="工商银行")).not_to_be_checked()
        # The page that came back is as alive as the first one.
        page.get_by_role("checkbox", name="工商银行").check()
        expect(page.locator("#found-count")).to_contain_text("2 个案例")

    def test_going_back_from_a_case_shows_the_list_and_not_its_results_alone(self, catalogue, open_page):
        page = open_page("/cases/")
        page.get_by_role("checkbox", name="工商银行").check()
        expect(page.locator(".case-row")).to_have_count(2)
        page.locator(".case-row a").first.click()
        expect(page.locator("article.case")).to_be_visible()
        page.go_back()
        expect(page.locator("header.site-header")).to_be_visible()
        expect(page.locator(".case-row")).to_have_count(2)

    def test_a_chip_takes_its_condition_away(self, catalogue, open_page):
        page = open_page("/cases/?q=小微&bank=ccb&bank=icbc")
        page.get_by_role("link", name="去掉条件 银行：建设银行").click()
        expect(page).to_have_url(re.compile(r"\?q=[^&]+&bank=icbc$"))
        expect(page.locator(".chip")).to_have_count(2)
        expect(page.locator("#found-count")).to_be_focused()

    def test_a_query_taken_away_does_not_come_back_with_the_next_choice(self, catalogue, open_page):
        page = open_page("/cases/?q=知识产权")
        page.get_by_role("link", name="去掉条件 检索：知识产权").click()
        expect(page.locator("#found-count")).to_contain_text("25 个案例")
        expect(page.locator("#list-q")).to_have_value("")
        page.get_by_role("checkbox", name="建设银行").check()
        expect(page).to_have_url(re.compile(r"/cases/\?bank=ccb$"))

    def test_silence_of_the_server_is_told(self, catalogue, open_page, troubles):
        page = open_page("/cases/")
        page.context.set_offline(True)
        page.get_by_role("checkbox", name="工商银行").check()
        expect(page.get_by_role("alert")).to_contain_text("没有收到服务器的回应")
        page.context.set_offline(False)
        page.get_by_role("checkbox", name="建设银行").check()
        expect(page.get_by_role("alert")).to_be_hidden()
        expect(page.locator(".chip")).to_have_count(2)
        troubles.messages.clear()

    def test_they_work_without_javascript(self, catalogue, open_page):
        page = open_page("/cases/", javascript=False)
        page.get_by_role("checkbox", name="工商银行").check()
        page.get_by_role("button", name="应用筛选").click()
        assert "bank=icbc" in page.url
        assert count_of(page) == 2
        page.get_by_role("link", name="去掉条件 银行：工商银行").click()
        assert count_of(page) == 25
        page.get_by_role("link", name="下一页").click()
        assert page.locator(".case-row").count() == 5

    def test_the_button_for_no_javascript_is_not_shown_with_it(self, catalogue, open_page):
        page = open_page("/cases/")
        expect(page.get_by_role("button", name="应用筛选")).to_be_hidden()
        page.get_by_role("checkbox", name="工商银行").check()
        expect(page.locator(".case-row")).to_have_count(2)
        expect(page.get_by_role("button", name="应用筛选")).to_be_hidden()

    def test_on_a_phone_they_unfold_and_stay_open_while_in_use(self, catalogue, open_page):
        page = open_page("/cases/", width=PHONE)
        expect(page.get_by_role("checkbox", name="工商银行")).to_be_hidden()
        page.locator("#filters > summary").click()
        page.get_by_role("checkbox", name="工商银行").check()
        expect(page.locator(".case-row")).to_have_count(2)
        expect(page.get_by_role("checkbox", name="工商银行")).to_be_visible()

    def test_a_search_inside_a_bank_keeps_to_it_and_to_a_clean_address(self, catalogue, open_page):
        page = open_page(catalogue.icbc.get_absolute_url())
        page.get_by_label("在本行案例中检索").fill("知识产权")
        page.get_by_label("在本行案例中检索").press("Enter")
        expect(page.locator(".case-row")).to_have_count(1)
        page.get_by_label("在本行案例中检索").fill("")
        page.get_by_label("在本行案例中检索").press("Enter")
        expect(page.locator(".case-row")).to_have_count(2)
        assert page.url.endswith("/banks/icbc/")

    def test_turning_the_page_and_sorting_are_part_of_the_address(self, catalogue, open_page):
        page = open_page("/cases/")
        page.get_by_role("link", name="发布日期").click()
        expect(page).to_have_url(re.compile("sort=newest"))
        expect(page.locator(".case-row h3").first).to_contain_text("普惠金融")
        page.get_by_role("link", name="下一页").click()
        expect(page.locator(".pager [aria-current=page]")).to_have_text("2")
        assert "sort=newest" in page.url
        page.get_by_role("checkbox", name="工商银行").check()
        expect(page.locator(".case-row")).to_have_count(2)
        assert "sort=newest" in page.url
        assert "page=" not in page.url


@pytest.mark.parametrize(
    ("query", "hit"), [("复工贷", "复工贷"), ("園區e貸", "園區e貸"), ("园区E贷", "園區e貸"), ("知识产权", "知识产权")]
)
def test_a_search_marks_its_hits_in_the_list_and_in_the_case(catalogue, open_page, query, hit):
    page = open_page("/")
    page.locator("input[name=q]").fill(query)
    page.locator("input[name=q]").press("Enter")
    expect(page.locator(".case-row mark").first).to_have_text(hit)
    page.locator(".case-row h3 a").first.click()
    expect(page.locator("article.case mark").first).to_have_text(hit)
    page.get_by_role("link", name="的检索结果").click()
    expect(page.locator(".case-row mark").first).to_be_visible()


class TestScript:
    def test_everything_can_be_read_in_the_other_script(self, catalogue, open_page):
        page = open_page(catalogue.loan.get_absolute_url())
        page.get_by_role("link", name="繁體").click()
        expect(page.locator("h1")).to_contain_text("復工貸助力復產")
        expect(page.locator("h1")).to_have_attribute("lang", "zh-Hant")
        page.goto(f"{catalogue.park.get_absolute_url()}")
        page.get_by_role("link", name="简体").click()
        expect(page.locator("h1")).to_contain_text("普惠金融与特区共生共荣")
        expect(page.locator("h1")).to_have_attribute("lang", "zh-Hans")
        page.get_by_role("link", name="原文").click()
        expect(page.locator("h1")).to_contain_text("普惠金融與特區共生共榮")

    def test_the_switch_keeps_the_filters_of_the_moment(self, catalogue, open_page):
        page = open_page("/cases/")
        page.get_by_role("checkbox", name="工商银行").check()
        expect(page.locator(".case-row")).to_have_count(2)
        page.get_by_role("link", name="繁體").click()
        expect(page).to_have_url(re.compile(r"/cases/\?bank=icbc$"))
        expect(page.locator(".case-row")).to_have_count(2)


class TestKeyboard:
    def test_the_first_stop_leads_past_the_header(self, catalogue, open_page):
        page = open_page("/cases/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator("#list-q")).to_be_focused()

    def test_a_search_needs_no_mouse(self, catalogue, open_page):
        page = open_page(catalogue.loan.get_absolute_url())
        for _ in range(8):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.name") == "q":
                break
        page.keyboard.type("知识产权")
        page.keyboard.press("Enter")
        expect(page.locator(".case-row mark").first).to_be_visible()


def test_a_paragraph_leads_to_its_lines_and_from_there_to_others(catalogue, open_page):
    page = open_page(catalogue.loan.get_absolute_url())
    page.get_by_role("link", name="出处：第 12 页，第 4 行").click()
    expect(page.locator("#L4")).to_have_class("cited")
    expect(page.locator("#L4")).to_be_in_viewport()
    page.goto(f"{catalogue.book.get_absolute_url()}?lines=900-901")
    page.get_by_role("link", name="后面的行").first.click()
    expect(page.locator(".lines li").first).to_have_attribute("id", "L914")
    page.get_by_role("link", name="回到所引的行").first.click()
    expect(page.locator("#L900")).to_be_in_viewport()


def test_a_page_that_is_not_there_says_so_in_chinese(catalogue, open_page, troubles):
    page = open_page("/cases/nonsense/")
    expect(page.locator("h1")).to_have_text("没有这个页面")
    assert any(trouble.startswith("404") for trouble in troubles.messages)
    troubles.messages.clear()
    page.get_by_role("link", name="全部案例").click()
    expect(page.locator(".case-row").first).to_be_visible()
