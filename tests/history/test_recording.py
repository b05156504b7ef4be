"""Whatever writes cases and what they belong to, the database records it."""

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from pghistory.models import Context

from catalog.history import Kind, recording
from catalog.history.recording import HistoryMiddleware
from catalog.importing.database.run import import_documents
from catalog.models import (
    Bank,
    BankEvent,
    Case,
    CaseEvent,
    CaseProductEvent,
    CategoryEvent,
    Product,
    ProductEvent,
)
from config.database.copying import copying
from tests.admin.forms import form_of
from tests.factories import make_bank, make_case

pytestmark = pytest.mark.django_db

CATEGORY = "code, name, position, slogans, imported"


def sql(statement: str, *parameters) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def save(case, client):
    case.title = "新题"
    case.save()


def update(case, client):
    Case.objects.filter(pk=case.pk).update(title="新题")


def bulk_update(case, client):
    case.title = "新题"
    Case.objects.bulk_update([case], ["title"])


def upsert(case, client):
    case.title = "新题"
    Case.objects.bulk_create([case], update_conflicts=True, unique_fields=["id"], update_fields=["title"])


def raw(case, client):
    sql("UPDATE catalog_case SET title = '新题' WHERE id = %s", case.pk)


def form(case, client):
    address = reverse("admin:catalog_case_change", args=[case.pk])
    assert client.post(address, form_of(client, address, "case_form", title="新题")).status_code == 302


@pytest.mark.parametrize("write", [save, update, bulk_update, upsert, raw, form])
def test_a_change_is_recorded_with_what_was_there_before(admin_client, write):
    case = make_case("旧题", "正文。")
    write(case, admin_client)
    event = CaseEvent.objects.get(pgh_label="update")
    assert (event.pgh_obj_id, event.title, event.status) == (case.pk, "旧题", "public")
    assert event.body is None  # it did not change
    assert event.pgh_context is not None


def test_a_new_case_is_recorded_without_a_second_copy_of_it():
    case = make_case("旧题", "正文。")
    (event,) = CaseEvent.objects.all()
    assert (event.pgh_label, event.pgh_obj_id, event.title, event.body) == ("insert", case.pk, None, None)


def delete(case):
    case.delete()


def delete_queryset(case):
    Case.objects.all().delete()


def delete_raw(case):
    sql("DELETE FROM catalog_case_products")
    sql("DELETE FROM catalog_case")


def truncate(case):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("TRUNCATE catalog_case CASCADE")


@pytest.mark.parametrize("take", [delete, delete_queryset, delete_raw, truncate])
def test_a_deleted_case_is_kept_whole_with_its_products(take):
    case = make_case("旧题", "正文。", bank=make_bank("海洋银行"), products=("渔船贷",), captions=["图"])
    Case.objects.filter(pk=case.pk).update(imported={"title": "旧题"})
    take(case)
    event = CaseEvent.objects.get(pgh_label="delete")
    assert (event.title, event.body, event.captions, event.imported) == ("旧题", "正文。", ["图"], {"title": "旧题"})
    assert CaseProductEvent.objects.get(pgh_label="delete").product_id == Product.objects.get().pk


def test_long_texts_are_noted_only_where_they_change():
    case = make_case("旧题", "第一稿。")
    Case.objects.update(status="draft")
    Case.objects.update(body="第二稿。")
    assert list(CaseEvent.objects.filter(pgh_obj=case, pgh_label="update").order_by("pgh_id").values_list("body")) == [
        (None,),
        ("第一稿。",),
    ]


def test_what_says_nothing_is_not_recorded():
    case = make_case("旧题")
    before = CaseEvent.objects.count()
    case.save()
    Case.objects.update(title="旧题", imported={"title": "x"})
    assert CaseEvent.objects.count() == before


def test_products_of_a_case_come_and_go_in_the_record():
    bank = make_bank("海洋银行")
    case, loan = make_case("旧题", bank=bank), Product.objects.create(bank=bank, name="渔船贷")
    case.products.add(loan)
    case.products.clear()
    assert list(CaseProductEvent.objects.order_by("pgh_id").values_list("pgh_label", "case", "product")) == [
        ("insert", case.pk, loan.pk),
        ("delete", case.pk, loan.pk),
    ]


def test_banks_and_products_are_recorded_too():
    bank = make_bank("海洋银行")
    Product.objects.create(bank=bank, name="渔船贷")
    Bank.objects.update(name="远洋银行")
    Product.objects.update(name="远洋贷")
    assert BankEvent.objects.get(pgh_label="update").name == "海洋银行"
    assert ProductEvent.objects.get(pgh_label="update").name == "渔船贷"


def test_events_of_different_tables_have_one_order():
    bank = make_bank("海洋银行")
    case = make_case("旧题", bank=bank, products=("渔船贷",))
    Case.objects.filter(pk=case.pk).update(title="新题")
    bank_event, first, tie, second = (
        BankEvent.objects.get().pk,
        *CaseEvent.objects.filter(pgh_label="insert").values_list("pk", flat=True),
        CaseProductEvent.objects.get().pk,
        CaseEvent.objects.get(pgh_label="update").pk,
    )
    assert bank_event < first < tie < second


def test_who_writes_by_sql_is_told_by_role_and_program():
    sql("INSERT INTO catalog_category (code, name, position, slogans, imported) VALUES ('x', '甲', 0, '', '{}')")
    make_case("甲")
    context = CaseEvent.objects.get().pgh_context.metadata
    assert context["kind"] == "sql"
    assert context["role"]


class TestTheContext:
    """Who and why."""

    def test_a_form_says_who_where_and_why(self, admin_client, admin_user):
        case = make_case("旧题")
        address = reverse("admin:catalog_case_change", args=[case.pk])
        sent = form_of(admin_client, address, "case_form", title="新题", history_reason="错字")
        assert admin_client.post(address, sent).status_code == 302
        context = CaseEvent.objects.get(pgh_label="update").pgh_context.metadata
        assert (context["kind"], context["user"], context["username"]) == ("form", admin_user.pk, "admin")
        assert (context["path"], context["reason"]) == (address, "错字")

    def test_a_bulk_action_is_one_context(self, admin_client):
        cases = [make_case("甲"), make_case("乙")]
        data = {"action": "withdraw", "_selected_action": [case.pk for case in cases]}
        admin_client.post(reverse("admin:catalog_case_changelist"), data)
        (context,) = {event.pgh_context for event in CaseEvent.objects.filter(pgh_label="update")}
        assert context.metadata["kind"] == "bulk"

    def test_an_import_names_its_files_though_it_copies(self, tmp_path):
        path = tmp_path / "案例.jsonl"
        path.write_text('{"id": "1", "title": "甲案例", "text": "甲的正文。"}\n', encoding="utf-8")
        import_documents([path], settings.SEEDS_DIR)
        context = CaseEvent.objects.get().pgh_context.metadata
        assert (context["kind"], context["files"]) == ("import", ["案例.jsonl"])

    def test_copy_first_of_all_is_told_too(self):
        with transaction.atomic(), recording(Kind.IMPORT, batch=7), copying("catalog_category", CATEGORY) as copy:
            copy.write_row(["x", "甲", 0, "", "{}"])
        assert CategoryEvent.objects.get().pgh_context.metadata["batch"] == 7

    def test_an_import_that_changes_nothing_leaves_no_context(self, tmp_path):
        path = tmp_path / "案例.jsonl"
        path.write_text('{"id": "1", "title": "甲案例", "text": "甲的正文。"}\n', encoding="utf-8")
        import_documents([path], settings.SEEDS_DIR)
        before = Context.objects.count()
        import_documents([path], settings.SEEDS_DIR, again=True)
        assert Context.objects.count() == before

    @pytest.mark.parametrize(("method", "wraps"), [("get", False), ("post", True)])
    def test_only_requests_that_may_write_cost_anything(self, rf, method, wraps):
        looked = []
        request = getattr(rf, method)("/")
        HistoryMiddleware(lambda request: looked.append(len(connection.execute_wrappers)))(request)
        assert bool(looked[0] > len(connection.execute_wrappers)) == wraps

    def test_who_has_no_session_is_not_asked_for(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            client.post("/nowhere/")
