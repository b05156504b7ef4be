import pytest
from django.contrib.auth import get_user_model
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.passwords import require_change

pytestmark = pytest.mark.browser

PASSWORD, NEW = "春眠不觉晓-Spring7", "Ein-neues-Wort-77"


@pytest.fixture
def admin(transactional_db):
    return get_user_model().objects.create_superuser("admin", password=PASSWORD)


def log_in(page, password=PASSWORD):
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", password)
    page.click("[type=submit]")


def test_who_guesses_is_told_to_wait(admin, open_page, troubles):
    page = open_page("/admin/")
    for _ in range(4):
        log_in(page, "wrong")
        assert page.locator(".errornote").inner_text().strip() == "用户名或密码不对（区分大小写）。"
    log_in(page, "wrong")
    assert "请在 15 分钟以后再试" in page.inner_text("#content")
    page.goto("/admin/")
    log_in(page)
    assert "登录已暂时锁定" in page.inner_text("#content")
    troubles.messages.clear()  # 429, as it should be


def test_the_first_password_is_changed_before_anything_else(admin, open_page):
    require_change(admin)
    page = open_page("/admin/catalog/case/")
    log_in(page)
    assert page.url.endswith("/admin/password_change/")
    page.fill("[name=old_password]", PASSWORD)
    page.fill("[name=new_password1]", NEW)
    page.fill("[name=new_password2]", NEW)
    page.click("#content [type=submit]")
    page.goto("/admin/")
    assert "编辑工作台" in page.inner_text("#content")


def test_the_second_step_is_set_up_with_a_picture_and_asked_for_afterwards(admin, open_page):
    page = open_page("/admin/")
    log_in(page)
    page.click("text=两步验证")
    picture = page.locator("img[alt=两步验证的二维码]")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    device = TOTPDevice.objects.get()
    page.fill("[name=code]", f"{totp(device.bin_key):06d}")
    page.click("input[value=启用]")
    assert page.locator(".paper-codes li").count() == 10
    code = page.locator(".paper-codes li").first.inner_text()

    page.context.clear_cookies()
    page.goto("/admin/")
    log_in(page)
    assert page.url.split("?")[0].endswith("/admin/second-step/")
    page.fill("[name=code]", code)
    page.click("input[value=验证]")
    assert "编辑工作台" in page.inner_text("#content")


@pytest.mark.slow
def test_the_editors_tools_work_under_the_content_policy(catalogue, admin, open_page):
    """Whatever the policy stopped would be told on the console, and so at the end of the test."""
    page = open_page("/admin/")
    log_in(page)
    page.goto(f"/admin/catalog/case/{catalogue.loan.pk}/change/")
    page.locator(".field-bank .select2-selection").first.click()
    page.keyboard.type("建设")
    page.get_by_role("option", name="建设银行").click()
    page.locator(".field-products .select2-selection").click()
    page.keyboard.press("Escape")
    page.locator(".field-published_on .date-icon").click()
    page.locator(".calendarbox a").first.click()
    page.locator(".calendarbox:visible .calendar td a").first.click()
    assert page.input_value("[name=published_on]")
    page.fill("[name=body]", "| 甲 |\n| --: |\n| 乙 |")
    assert page.locator("#body-preview td.align-right").inner_text() == "乙"
    page.locator("fieldset.collapse summary").first.click()
    page.locator(".theme-toggle").first.click()
    page.locator("[name=_save]").first.click()
    assert "成功" in page.locator(".messagelist").inner_text()
    page.wait_for_load_state()  # the admin's scripts look after the boxes from then on
    page.locator("#action-toggle").check()
    page.locator("[name=action]").select_option("delete_selected")
    page.locator("[name=index]").click()
    page.locator("[value^=确定删除这]").wait_for()
    page.goto("/admin/auth/group/add/")  # two lists side by side, filled by a script
    page.locator("#id_permissions_add_all, .selector-chooseall").first.click()
    page.goto(f"/admin/catalog/bank/{catalogue.icbc.pk}/change/")
    page.locator(".add-row a").first.click()
    page.locator(".inline-deletelink").first.click()
