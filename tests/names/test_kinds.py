"""The kind of a product: guessed where its name says it, and an editor's from then on."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from catalog.models import Product
from tests.admin.forms import form_of

pytestmark = pytest.mark.django_db

ROW = {"bank": "工商银行", "products": ["复工贷", "线上服务平台", "工行通"]}


def kinds() -> dict[str, str]:
    return dict(Product.objects.values_list("name", "kind"))


def test_an_import_guesses_it_once_where_the_name_says_it(files):
    files.bring(ROW)
    assert kinds() == {"复工贷": "loan", "线上服务平台": "platform", "工行通": "undecided"}
    Product.objects.filter(name="复工贷").update(kind="service")
    files.bring(ROW)
    assert kinds()["复工贷"] == "service"


def test_editors_filter_and_set_it_in_the_list(files, admin_client):
    files.bring(ROW)
    address = reverse("admin:catalog_product_changelist") + "?kind__exact=undecided"
    assert [row.name for row in admin_client.get(address).context["cl"].result_list] == ["工行通"]
    form = form_of(admin_client, address, "changelist-form", **{"form-0-kind": "service", "_save": "保存"})
    assert admin_client.post(address, form).status_code == 302
    assert kinds()["工行通"] == "service"


def test_there_are_no_others(files):
    files.bring(ROW)
    with pytest.raises(IntegrityError, match="product_kind"), transaction.atomic():
        Product.objects.update(kind="else")


def test_the_api_tells_it(files, client):
    files.bring(ROW | {"products": ["复工贷"]})
    assert client.get("/api/cases/").json()["results"][0]["products"][0]["kind"] == "loan"
