"""A draft as readers will see it: for editors alone, and by no address of the site."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from catalog.models import Case
from tests.admin.forms import form_of
from tests.factories import make_bank, make_case, make_category

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    fields = {"bank": make_bank("农业银行"), "category": make_category("助农"), "status": Case.Status.DRAFT}
    return make_case("田间的贷款", "## 成效\n\n贷款到了田间。", products=("惠农贷",), **fields)


@pytest.fixture
def preview(draft):
    return reverse("admin:catalog_case_as_readers", args=[draft.pk])


def test_it_shows_what_the_page_would_and_says_that_it_is_a_draft(admin_client, client, draft, preview):
    page = admin_client.get(preview)
    for text in ("草稿预览", "田间的贷款", "贷款到了田间。", "惠农贷"):
        assert text in page.content.decode()
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert admin_client.get(draft.get_absolute_url()).status_code == 404


def test_nobody_else_sees_it(client, draft, preview, django_user_model):
    assert client.get(preview).status_code == 302
    user = django_user_model.objects.create_user("张伟", password="x", is_staff=True)
    client.force_login(user)
    assert client.get(preview).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename="view_case"))
    assert client.get(preview).status_code == 200


def test_it_is_neither_kept_nor_indexed(admin_client, preview):
    page = admin_client.get(preview)
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex' in page.content.decode()


def test_the_button_of_a_drafts_form_leads_there_and_that_of_a_public_case_to_its_page(admin_client, draft, preview):
    address = reverse("admin:catalog_case_change", args=[draft.pk])
    assert f'href="{preview}"' in admin_client.get(address).content.decode()
    assert "草稿预览" not in admin_client.get(reverse("home")).content.decode()
    draft.status = Case.Status.PUBLIC
    draft.save()
    html = admin_client.get(address).content.decode()
    assert f'href="{preview}"' not in html
    button = html.partition('class="viewsitelink"')[0].rpartition('href="')[2].partition('"')[0]
    assert admin_client.get(button)["Location"].endswith(draft.get_absolute_url())


def test_a_public_page_says_nothing_of_previews(client, draft):
    draft.status = Case.Status.PUBLIC
    draft.save()
    html = client.get(draft.get_absolute_url()).content.decode()
    assert "草稿预览" not in html
    assert "noindex" not in html


def test_there_is_none_of_a_case_that_is_gone(admin_client, draft, preview):
    draft.delete()
    assert admin_client.get(preview).status_code == 404


def test_a_case_made_in_the_admin_is_a_draft_until_an_editor_publishes_it(admin_client, client):
    address = reverse("admin:catalog_case_add")
    assert "先是草稿" in admin_client.get(address).content.decode()
    assert admin_client.post(address, form_of(admin_client, address, "case_form", title="新的案例")).status_code == 302
    case = Case.objects.get(title="新的案例")
    assert client.get(case.get_absolute_url()).status_code == 404
