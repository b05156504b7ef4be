"""An editor makes one of two, by mouse."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from catalog.models import Bank, Case
from tests.pages.conftest import PHONE

pytestmark = pytest.mark.browser

PASSWORD = "春眠不觉晓-Spring7"


@pytest.fixture
def editor(open_page, catalogue):
    """editor("/admin/…/", width=PHONE): a page, logged in."""
    get_user_model().objects.create_superuser("liming", password=PASSWORD)

    def open_as_editor(address: str, **how):
        page = open_page(address, **how)
        page.fill("[name=username]", "liming")
        page.fill("[name=password]", PASSWORD)
        page.click("#login-form [type=submit]")
        return page

    return open_as_editor


def test_two_banks_become_one_and_the_old_address_leads_on(editor, catalogue):
    page = editor(reverse("admin:catalog_bank_changelist"))
    page.check("#action-toggle")
    page.select_option("[name=action]", "merge")
    page.click("button[name=index]")
    page.check(f"[name=stays][value='{catalogue.ccb.pk}']")
    page.click("input[value=合并]")
    assert "已并入 建设银行" in page.inner_text(".messagelist")
    assert Bank.objects.get() == catalogue.ccb
    page.goto("/banks/icbc/")
    assert page.url.endswith("/banks/ccb/")


@pytest.mark.parametrize("how", [{"dark": True}, {"width": PHONE}])
def test_two_cases_become_one_field_by_field(editor, catalogue, how):
    loan, patent = catalogue.loan, catalogue.patent
    page = editor(f"{reverse('admin:catalog_case_merge')}?row={loan.pk}&row={patent.pk}", **how)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.check("[name=of_body][value=goes]")
    page.click("input[value=合并]")
    assert "已并入这个案例" in page.inner_text(".messagelist")
    case = Case.objects.get(pk=loan.pk)
    assert (case.title, case.body) == (loan.title, patent.body)
    assert not Case.objects.filter(pk=patent.pk).exists()
