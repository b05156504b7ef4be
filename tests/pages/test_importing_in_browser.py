"""An editor with no manual brings a table and a text in, in a real browser, while a real process reads them."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from catalog.models import Case
from intake.models import ImportBatch
from tests.importing.test_import_command import ARTICLE
from tests.jobs.conftest import folder, worker  # noqa: F401
from tests.pages.conftest import DESK, PHONE

pytestmark = pytest.mark.browser

PASSWORD = "春眠不觉晓-Spring7"
TABLE = "编号,标题,正文\n1,众志成城,第一段说的是复工。\n2,守望相助,原文。\n,—,\n"
NEXT = "编号,标题,正文\n1,众志成城,第一段说的是复产。\n2,守望相助,原文。\n3,同舟共济,新的一例。\n"


@pytest.fixture
def editor(transactional_db):
    user = get_user_model().objects.create_user("liming", password=PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=["intake", "catalog"]))
    return user


@pytest.fixture
def files(folder):  # noqa: F811
    def written(**contents: str) -> list:
        paths = []
        for name, content in contents.items():
            path = folder / name.replace("_", ".")
            path.write_text(content, encoding="utf-8")
            paths.append(path)
        return paths

    return written


@pytest.fixture
def log_in(open_page, editor):
    def at(path: str, **how):
        page = open_page(path, **how)
        page.fill("[name=username]", "liming")
        page.fill("[name=password]", PASSWORD)
        page.click("#login-form [type=submit]")
        return page

    return at


def imported(page, paths, status: str = "draft", *, script: bool = True) -> None:
    page.set_input_files("#files", paths)
    page.click("text=上传并读取")
    if not script:
        wait_for_state(page, "待确认")
    page.wait_for_selector("text=导入勾选的", timeout=60_000)
    page.check(f"[name=status][value={status}]")
    page.click("text=导入勾选的")
    if not script:
        wait_for_state(page, "已导入")
    page.wait_for_selector(".state.done", timeout=60_000)


def wait_for_state(page, state: str) -> None:
    """As somebody does who has no JavaScript."""
    for _ in range(200):
        if state in page.inner_text(".record"):
            return
        page.wait_for_timeout(300)
        page.click("text=看看到哪里了")


def test_a_table_and_a_text_come_in(log_in, files, worker, troubles):  # noqa: F811
    worker()
    page = log_in("/admin/")
    page.click("text=导入批次 >> nth=0")
    page.click("#content .button:has-text('导入文件')")
    page.set_input_files("#files", files(案例_csv=TABLE, 文章_txt=ARTICLE))
    assert "案例.csv" in page.inner_text(".picked")
    page.click("text=上传并读取")
    page.wait_for_selector("text=导入勾选的", timeout=60_000)
    assert "会写入的 3" in page.inner_text(".kinds")
    assert not Case.objects.exists()
    page.click("details.files summary")
    assert "第 4 行" in page.inner_text(".files")
    page.check("[value=public]")
    page.click("text=导入勾选的")
    page.wait_for_selector(".state.done", timeout=60_000)
    assert "写入了 3 个案例" in page.inner_text(".message")
    assert Case.objects.public().count() == 3
    page.goto("/cases/?q=众志成城")
    assert "众志成城" in page.inner_text("main")


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_the_next_edition_is_looked_at_and_a_part_of_it_accepted(log_in, files, worker, script):  # noqa: F811
    worker()
    page = log_in(reverse("admin:intake_importbatch_add"), javascript=script)
    imported(page, files(案例_csv=TABLE), "public", script=script)
    page.goto(reverse("admin:intake_importbatch_add"))
    page.set_input_files("#files", files(案例_csv=NEXT))
    page.click("text=上传并读取")
    if not script:
        wait_for_state(page, "待确认")
    page.wait_for_selector("text=导入勾选的", timeout=60_000)
    item = page.locator(".item", has_text="众志成城")
    assert item.locator("del").inner_text() == "工"
    assert item.locator("ins").inner_text() == "产"
    page.locator(".item", has_text="同舟共济").locator("[type=checkbox]").uncheck()
    if script:
        page.wait_for_selector("#chosen-count:text-is('1')")
    page.click("text=导入勾选的")
    if not script:
        wait_for_state(page, "已导入")
    page.wait_for_selector(".state.done", timeout=60_000)
    assert dict(Case.objects.values_list("title", "body")) == {"众志成城": "第一段说的是复产。", "守望相助": "原文。"}


def test_what_is_too_much_is_told_before_it_is_sent(log_in, folder, settings):  # noqa: F811
    settings.MAX_UPLOAD = 1000
    (folder / "大.csv").write_text("title\n" + "甲" * 1000, encoding="utf-8")
    (folder / "空.csv").write_text("", encoding="utf-8")
    page = log_in(reverse("admin:intake_importbatch_add"))
    page.set_input_files("#files", [folder / "大.csv", folder / "空.csv"])
    assert "请分几批" in page.inner_text(".picked")
    assert "文件是空的" in page.inner_text(".picked")
    assert page.is_disabled("text=上传并读取")


def test_files_are_dropped(log_in):
    page = log_in(reverse("admin:intake_importbatch_add"))
    page.wait_for_selector("html.scripted")
    dropped = page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['title\\n甲'], '拖来的.csv')); "
        "return data; }"
    )
    page.dispatch_event(".drop", "drop", {"dataTransfer": dropped})
    assert "拖来的.csv" in page.inner_text(".picked")
    page.click("text=上传并读取")
    page.wait_for_selector("text=等待后台进程")
    assert ImportBatch.objects.get().files.get().name == "拖来的.csv"


@pytest.mark.parametrize("width", [1366, DESK, PHONE])
def test_nothing_is_wider_than_the_window(log_in, files, worker, width):  # noqa: F811
    worker("--once")
    long = json.dumps({"title": "长" * 300, "text": "https://example.org/" + "a" * 400}, ensure_ascii=False)
    page = log_in(reverse("admin:intake_importbatch_add"), width=width)
    page.set_input_files("#files", files(案例_csv=TABLE, 长_jsonl=long))
    page.click("text=上传并读取")
    worker("--once")
    page.wait_for_selector("text=导入勾选的", timeout=60_000)
    addresses = [page.url, page.url + "?change=new", reverse("admin:intake_importbatch_changelist")]
    for address in addresses:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
