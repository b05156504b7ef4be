import os
import shutil
from dataclasses import dataclass, field

import pytest

from catalog.models import Bank, Case, Category, Product, Source
from tests.factories import make_bank, make_case, make_category, make_source, place

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Milliseconds in which a page has to show what is expected of it: no test of speed, also on a busy machine.
PATIENCE = 30_000
# No sandbox for root in a container, and no traffic of its own.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = 1280, 390


@dataclass
class Catalogue:
    """What the pages show in these tests."""

    icbc: Bank
    ccb: Bank
    epidemic: Category
    inclusive: Category
    book: Source
    loan: Case
    park: Case
    patent: Case

    @property
    def product(self) -> Product:
        return self.loan.products.get()

    @property
    def addresses(self) -> dict[str, str]:
        """One address of every page."""
        return {
            "首页": "/",
            "案例": "/cases/",
            "检索": "/cases/?q=知识产权",
            "第二页": "/cases/?page=2",
            "没有结果": "/cases/?q=zzqqxx&bank=icbc",
            "案例正文": self.loan.get_absolute_url(),
            "繁体案例": f"{self.park.get_absolute_url()}?q=园区e贷",
            "银行": "/banks/",
            "一家银行": self.icbc.get_absolute_url(),
            "章节": "/chapters/",
            "一个章节": self.inclusive.get_absolute_url(),
            "产品": "/products/",
            "一项产品": self.product.get_absolute_url(),
            "来源": "/sources/",
            "来源的行": f"{self.book.get_absolute_url()}?lines=3-4",
        }


LOAN_PARAGRAPH = "建行深圳市分行推出“复工贷”，支持企业复工复产，随借随还，7×24 小时可以申请。"


@pytest.fixture
def catalogue(transactional_db) -> Catalogue:
    """25 public cases of two banks in two chapters, of which three have something to say, and a draft."""
    icbc = make_bank("工商银行", code="icbc", position=1, english_name="Industrial and Commercial Bank of China")
    ccb = make_bank("建设银行", code="ccb", position=2)
    icbc.aliases.create(name="工行")
    epidemic = make_category("助力复工", code="resume", position=1, slogans="及时支持\n共渡难关")
    inclusive = make_category("服务小微", code="small", position=2)
    lines = ["目录", "", "一、推出专属产品", LOAN_PARAGRAPH, *(f"第 {n} 段" for n in range(5, 1200))]
    book = make_source(lines, title="案例集", publisher="银行业协会")
    loan = make_case(
        "复工贷助力复产",
        f"## 一、推出专属产品\n\n{LOAN_PARAGRAPH}\n\n## 二、成效\n\n| 年份 | 余额 |\n| --- | --- |\n| 2020 | 3 亿元 |",
        subtitle="建行深圳市分行在行动",
        summary="一次专属产品的创新。",
        captions=["客户经理走访企业"],
        bank=ccb,
        branch="建设银行深圳市分行",
        category=epidemic,
        source=book,
        number=1,
        first_line=3,
        last_line=4,
        first_page=12,
        last_page=13,
        provenance=[place(LOAN_PARAGRAPH, 4, 4, page=12)],
        products=("复工贷",),
    )
    park = make_case(
        "普惠金融與特區共生共榮",
        "深圳工行的園區e貸服務小微企業，貸款餘額突破二千億元。",
        title_inferred=True,
        category_confidence=0.83,
        script="hant",
        bank=icbc,
        category=inclusive,
        published_on="2025-09-30",
        products=("園區e貸",),
    )
    patent = make_case(
        "化“知产”为“资产”", "以知识产权质押为科技企业融资。", bank=icbc, category=inclusive, published_on="2024-03-01"
    )
    for number in range(2, 24):
        make_case(f"小微案例之{number}", "服务小微企业。", bank=ccb, category=inclusive, source=book, number=number)
    make_case("未公开的草稿", "复工贷的草稿。", bank=icbc, status=Case.Status.DRAFT)
    return Catalogue(icbc, ccb, epidemic, inclusive, book, loan, park, patent)


@pytest.fixture(scope="session")
def chromium():
    """One browser for the session."""
    from playwright.sync_api import Error, expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    # Playwright's loop runs in this thread; Django would take the tests' own queries for those of a coroutine.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        except Error:
            pytest.skip("没有可用的 Chromium：安装 chromium，或运行 playwright install chromium")
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Troubles:
    """What went wrong in the pages a test has open; a test that expects some clears it."""

    messages: list[str] = field(default_factory=list)

    def watch(self, page) -> None:
        page.on("console", lambda message: message.type in ("error", "warning") and self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _answered(self, response) -> None:
        if response.status >= 400:
            self.messages.append(f"{response.status} {response.url}")

    def _failed(self, request) -> None:
        # A request that a newer one replaced is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.messages.append(f"{request.failure} {request.url}")


@pytest.fixture
def troubles() -> Troubles:
    return Troubles()


@pytest.fixture
def open_page(chromium, live_server, troubles):
    """open_page("/cases/", width=PHONE, dark=True, javascript=False); at the end of the test there is no trouble.

    Nothing glides unless `motion`: on a busy machine a click would be aimed at what is still under way.
    """
    contexts = []

    def open_at(
        path: str = "/", *, width: int = DESK, dark: bool = False, javascript: bool = True, motion: bool = False
    ):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            reduced_motion="no-preference" if motion else "reduce",
            locale="zh-CN",
        )
        contexts.append(context)
        page = context.new_page()
        troubles.watch(page)
        page.goto(path)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert troubles.messages == []
