"""What an editor has typed outlives the browser's tab, the log-in and the network; two editors see each other."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from catalog.models import Case
from tests.factories import make_bank, make_case
from tests.roles import role

pytestmark = pytest.mark.browser

PASSWORD = "春眠不觉晓-Spring7"
BODY = "第一段。\n\n第二段。"


@pytest.fixture
def case(transactional_db):
    bank = make_bank("工商银行", code="icbc")
    make_case("别的案例", "正文。", bank=bank, products=("园区贷",))
    return make_case("众志成城", BODY, bank=bank)


@pytest.fixture
def address(case) -> str:
    return reverse("admin:catalog_case_change", args=[case.pk])


@pytest.fixture
def form_for(open_page, address):
    """The case's form in a browser of this editor's own."""

    def open_form(name: str, **how):
        get_user_model().objects.create_superuser(name, password=PASSWORD)
        page = open_page(address, **how)
        log_in(page, name)
        return page

    return open_form


def log_in(page, name: str) -> None:
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("#login-form [type=submit]")
    page.wait_for_selector("#user-tools")
    page.wait_for_load_state("load")


def kept(page) -> None:
    """Waits until the browser has kept what was typed."""
    for _ in range(300):
        if page.evaluate("Object.keys(localStorage).some((key) => key.startsWith('draft:'))"):
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing was kept")


def bar(page):
    return page.locator(".kept-draft")


def save(page) -> None:
    page.click("#case_form [name=_continue] >> nth=0")
    expect(page.locator(".messagelist .success")).to_be_visible()


def choose_product(page, name: str) -> None:
    page.click(".field-products .select2-selection")
    page.fill(".field-products .select2-search__field", name)
    page.click(f".select2-results__option:has-text('{name}')")


def test_a_closed_tab_loses_nothing(form_for, address, case):
    page = form_for("liming")
    page.fill("[name=body]", BODY + "\n\n第三段。")
    choose_product(page, "园区贷")
    page.check("[name=title_inferred]")
    kept(page)
    context = page.context
    page.close()
    again = context.new_page()
    again.goto(address)
    expect(bar(again)).to_contain_text("没有保存的修改")
    bar(again).get_by_role("button", name="查看差别").click()
    expect(bar(again)).to_contain_text("园区贷")
    bar(again).get_by_role("button", name="恢复").click()
    assert again.input_value("[name=body]") == BODY + "\n\n第三段。"
    expect(again.locator(".field-products .select2-selection")).to_contain_text("园区贷")
    save(again)
    case.refresh_from_db()
    assert case.body == BODY + "\n\n第三段。"
    assert case.title_inferred
    assert case.products.get().name == "园区贷"
    expect(bar(again)).to_have_count(0)
    assert again.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length") == 0


def test_an_expired_log_in_loses_nothing_and_overwrites_nobody(form_for, case, troubles):
    page = form_for("liming")
    page.fill("[name=body]", BODY.replace("第一段", "李明的第一段"))
    kept(page)
    Session.objects.all().delete()
    Case.objects.filter(pk=case.pk).update(body=BODY.replace("第二段", "别人的第二段"))
    page.click("#case_form [name=_save] >> nth=0")
    log_in(page, "liming")
    bar(page).get_by_role("button", name="恢复").click()
    save(page)
    case.refresh_from_db()
    assert case.body == "李明的第一段。\n\n别人的第二段。"


def test_an_expired_log_in_is_told_while_one_writes(form_for, troubles):
    page = form_for("liming")
    Session.objects.all().delete()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#together")).to_contain_text("登录已过期")
    with page.context.expect_page() as opened:
        page.click("#together a")
    log_in(opened.value, "liming")
    opened.value.wait_for_selector("#case_form")
    opened.value.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # which brings the new token
    page.wait_for_timeout(500)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#together")).not_to_contain_text("登录已过期")
    page.fill("[name=branch]", "深圳分行")
    save(page)
    troubles.messages.clear()  # the browser's own remark on the old token


def test_the_draft_edition_is_one_form_at_both_its_addresses(open_page, case, address):
    user = get_user_model().objects.create_user("liming", password=PASSWORD, is_staff=True)
    user.groups.add(role("编辑"))
    page = open_page(f"{address}?edition=1")
    log_in(page, "liming")
    page.fill("[name=summary]", "写了一半。")
    kept(page)
    page.goto(address)
    bar(page).get_by_role("button", name="恢复").click()
    assert page.input_value("[name=summary]") == "写了一半。"


def test_a_lost_network_loses_nothing(form_for, address, case, troubles):
    page = form_for("liming")
    page.fill("[name=summary]", "没有网的时候写的。")
    kept(page)
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#together")).to_contain_text("连不上")
    page.click("#case_form [name=_save] >> nth=0")
    page.context.set_offline(False)
    page.goto(address)
    bar(page).get_by_role("button", name="恢复").click()
    save(page)
    case.refresh_from_db()
    assert case.summary == "没有网的时候写的。"
    troubles.messages.clear()  # the browser's own remarks


def test_who_comes_after_at_the_same_computer_sees_none_of_it(form_for, address, troubles):
    page = form_for("liming")
    page.fill("[name=summary]", "李明写的。")
    kept(page)
    get_user_model().objects.create_superuser("wangfang", password=PASSWORD)
    page.context.clear_cookies()
    page.goto(address)
    log_in(page, "wangfang")
    expect(page.locator("#case_form")).to_be_visible()
    expect(bar(page)).to_have_count(0)
    assert "李明写的" not in page.content()


def test_what_is_not_wanted_is_gone_and_what_is_typed_meanwhile_is_kept_too(form_for, address):
    page = form_for("liming")
    page.fill("[name=summary]", "第一次写的。")
    kept(page)
    page.goto(address)
    expect(bar(page)).to_have_count(1)
    page.fill("[name=summary]", "第二次写的。")
    page.goto(address)
    expect(bar(page)).to_have_count(2)
    for _ in range(2):
        bar(page).first.get_by_role("button", name="丢弃").click()
    page.goto(address)
    expect(page.locator("#case_form")).to_be_visible()
    expect(bar(page)).to_have_count(0)


def test_a_form_that_is_left_as_it_was_keeps_nothing(form_for, address):
    page = form_for("liming")
    page.fill("[name=summary]", "写了。")
    kept(page)
    page.fill("[name=summary]", "")
    page.goto(address)
    expect(page.locator("#case_form")).to_be_visible()
    expect(bar(page)).to_have_count(0)


def test_two_editors_see_each_other(form_for, address):
    first, second = form_for("liming"), form_for("wangfang")
    expect(second.locator("#together")).to_contain_text("liming 也打开着这一页")
    first.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(first.locator("#together")).to_contain_text("wangfang")
    second.fill("[name=branch]", "深圳分行")
    save(second)
    first.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(first.locator("#together")).to_contain_text("wangfang 保存过")
    second.goto("/admin/")
    first.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(first.locator("#together")).not_to_contain_text("也打开着")


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_is_wider_than_the_window(form_for, address, width):
    page = form_for("liming", width=width)
    page.fill("[name=summary]", "写了。" * 60)
    kept(page)
    page.goto(address)
    bar(page).get_by_role("button", name="查看差别").click()
    box = bar(page).bounding_box()
    assert box["x"] + box["width"] <= width
