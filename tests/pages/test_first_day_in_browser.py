"""A new editor with no manual: from the log-in to a batch that is taken back, in few steps. Its pictures are those of
docs/editing.md (`PICTURES=1 make test ARGS="-k first_day"` takes them anew).
"""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from catalog.models import Case, Doubt
from tests.importing.test_import_command import ARTICLE
from tests.jobs.conftest import folder, worker  # noqa: F401
from tests.roles import role

pytestmark = pytest.mark.browser

PASSWORD = "春眠不觉晓-Spring7"
MOST_STEPS = 15
OTHER_ARTICLE = """冷库贷让渔民不再等船

2024-05-06 来源：渔港日报

建设银行深圳市分行推出“冷库贷”，渔民以冷库里的鱼作质押，当天就能拿到贷款，首月发放三千万元。

今年以来，已有四十二户渔民用上这笔贷款。
"""
TABLE = "标题,银行,日期,正文\n茶园的采茶工钱,农业银行,昨天,茶农春天要雇人采茶，工钱当天就要结清，农业银行当天放款。\n"


class Steps:
    """Clicks and fields, counted; `picture(name)` keeps what the page looks like."""

    def __init__(self, page, pictures: Path):
        self.page, self.pictures, self.taken = page, pictures, []

    def click(self, what: str) -> None:
        self.taken.append(f"点 {what}")
        self.page.locator(what).first.click()

    def fill(self, what: str, text: str) -> None:
        self.taken.append(f"填 {what}")
        self.page.fill(what, text)

    def choose(self, what: str, files: list) -> None:
        self.taken.append(f"选 {what}")
        self.page.set_input_files(what, files)

    def press_enter(self) -> None:
        self.page.keyboard.press("Enter")

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self.pictures / f"first-day-{name}.png")


@pytest.fixture
def steps(open_page, transactional_db, tmp_path):
    user = get_user_model().objects.create_user("xinbianji", password=PASSWORD, is_staff=True)
    user.groups.add(role("审核"))
    anew = os.environ.get("PICTURES")
    return Steps(open_page("/admin/", width=1280), settings.BASE_DIR / "docs/images" if anew else tmp_path)


def test_a_new_editor_needs_few_steps(steps, folder, worker):  # noqa: F811
    files = []
    for name, content in (("复工贷.txt", ARTICLE), ("冷库贷.txt", OTHER_ARTICLE), ("案例.csv", TABLE)):
        files.append(folder / name)
        files[-1].write_text(content, encoding="utf-8")
    worker()
    page = steps.page
    steps.fill("[name=username]", "xinbianji")
    steps.fill("[name=password]", PASSWORD)
    steps.press_enter()

    expect(page.locator(".worklist")).to_be_visible()
    steps.picture("worklist")
    steps.click("text=导入文件")
    steps.choose("#files", files)
    steps.click("text=上传并读取")
    expect(page.get_by_role("button", name="导入勾选的")).to_be_visible()
    expect(page.locator(".items")).to_contain_text("冷库贷")
    steps.picture("preview")
    assert not Case.objects.exists()
    steps.click("text=导入勾选的")
    expect(page.locator(".state.done")).to_be_visible()
    steps.picture("imported")

    waiting = Doubt.objects.open().count()
    assert waiting
    steps.click(f"text=处理 {waiting} 条存疑")
    for _ in range(waiting):
        expect(page.locator("[name=_settle]")).to_be_visible()
        steps.picture("doubt")
        steps.click("[name=_settle]")
        page.wait_for_load_state("load")
    assert not Doubt.objects.open().exists()

    expect(page.locator(".state.done")).to_be_visible()
    steps.click("text=公开这一批的 3 个草稿")
    expect(page.locator(".messagelist .success")).to_contain_text("3 个案例已公开")
    batch = page.url
    steps.click("text=查看站点")
    steps.fill("input[type=search]", "渔民质押")
    steps.press_enter()
    expect(page.locator("main")).to_contain_text("冷库贷")
    steps.picture("found")

    page.goto(batch)  # the browser's way back
    steps.click("text=撤销这一批")
    steps.picture("undo")
    steps.click("#content [type=submit]")
    expect(page.locator(".state.undone")).to_be_visible()
    assert not Case.objects.exists()
    assert len(steps.taken) <= MOST_STEPS, steps.taken
