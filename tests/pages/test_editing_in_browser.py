"""Two editors in two browsers."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from catalog.models import Case
from tests.factories import make_source

pytestmark = pytest.mark.browser

PASSWORD = "春眠不觉晓-Spring7"
BODY = "## 背景\n\n第一段。\n\n第二段。"


@pytest.fixture
def case(transactional_db):
    return Case.objects.create(title="众志成城", summary="一句。\n又一句。", body=BODY)


@pytest.fixture
def form_for(open_page, case):
    """The case's form in a browser of this editor's own."""

    def open_form(name: str, **how):
        get_user_model().objects.create_superuser(name, password=PASSWORD)
        page = open_page(reverse("admin:catalog_case_change", args=[case.pk]), **how)
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("#login-form [type=submit]")
        return page

    return open_form


@pytest.mark.parametrize(
    ("rows", "column"), [("case", "full_title"), ("source", "title"), ("doubt", "reason"), ("doubt", "case")]
)
def test_long_texts_in_lists_are_no_column_of_single_characters(form_for, case, rows, column):
    source = make_source(["一"], title="守正创新提升服务经济民生质效绘就普惠金融新图景")
    source.doubts.create(
        case=case, field="title", reason="文中没有标题，暂用正文里的一句话代替，请编辑拟定", confidence=0.3
    )
    page = form_for("liming")
    page.goto(reverse(f"admin:catalog_{rows}_changelist"))
    width = page.locator(f"#result_list .field-{column}").first.bounding_box()["width"]
    assert width >= 12 * 13  # characters of its type


def save(page) -> None:
    page.click("#case_form [name=_continue] >> nth=0")


def test_who_looks_and_saves_changes_nothing(form_for, case):
    save(form_for("liming"))
    case.refresh_from_db()
    assert (case.summary, case.body) == ("一句。\n又一句。", BODY)


def test_both_keep_what_they_wrote(form_for, case):
    first, second = form_for("liming"), form_for("wangfang")
    second.fill("[name=body]", BODY + "\n\n王芳写的。")
    second.fill("[name=title]", "王芳的标题")
    save(second)
    first.fill("[name=body]", BODY + "\n\n李明写的。")
    first.fill("[name=branch]", "深圳市分行")
    save(first)
    told = first.locator(".errorlist").first.inner_text()
    assert "wangfang" in told
    assert "王芳写的。" in told
    assert first.input_value("[name=body]").endswith("李明写的。")
    assert first.input_value("[name=title]") == "王芳的标题"
    save(first)
    case.refresh_from_db()
    assert (case.title, case.branch) == ("王芳的标题", "深圳市分行")
    assert case.body == BODY + "\n\n李明写的。"
