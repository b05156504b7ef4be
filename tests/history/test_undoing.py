"""What one context did is taken back as a whole, and nothing that anyone did since."""

import pytest
from django.conf import settings

from catalog.history import Kind, recording, undo
from catalog.importing.database import run
from catalog.models import Case, CaseEvent, Edition, Product, Source
from catalog.search import find_differences
from tests.factories import make_bank, make_case, make_source

pytestmark = pytest.mark.django_db

FIRST = '{"id": "%d", "title": "案例之%d", "text": "第 %d 个的正文。", "bank": "工商银行", "products": ["贷%d"]}\n'


def bring_in(path, *rows) -> None:
    path.write_text("".join(rows), encoding="utf-8")
    run.import_documents([path], settings.SEEDS_DIR)


def last_context():
    return CaseEvent.objects.order_by("pgh_id").last().pgh_context_id


def take_back(context):
    with recording(Kind.UNDO):
        return undo(context)


def everything() -> list:
    columns = [field.attname for field in Case._meta.concrete_fields if field.name != "updated_at"]
    rows = Case.objects.order_by("pk").values_list(*columns)
    return [(row, sorted(Case(pk=row[0]).products.values_list("name", flat=True))) for row in rows]


def test_a_first_import_is_gone_with_all_it_made_and_can_come_again(tmp_path):
    path = tmp_path / "案例.jsonl"
    rows = [FIRST % ((number,) * 4) for number in range(5)]
    bring_in(path, *rows)
    assert Product.objects.count() == 5
    assert take_back(last_context()).deleted == 5
    assert not Case.objects.exists()
    assert not Product.objects.exists()
    assert not Source.objects.exists()
    bring_in(path, *rows)
    assert Case.objects.count() == 5
    assert not find_differences()


def test_a_second_edition_is_taken_back_to_the_first(tmp_path):
    path = tmp_path / "案例.jsonl"
    bring_in(path, *(FIRST % ((number,) * 4) for number in range(3)))
    before = everything()
    second = [FIRST.replace("正文", "新正文") % (0, 0, 0, 9), FIRST % (1, 1, 1, 1), FIRST % (7, 7, 7, 7)]
    bring_in(path, *second)
    assert Case.objects.count() == 4
    assert everything() != before
    undone = take_back(last_context())
    assert (undone.deleted, undone.changed) == (1, 1)
    assert everything() == before
    assert not find_differences()


def test_that_a_case_was_published_and_confirmed_since_is_no_work_that_would_be_lost(tmp_path):
    path = tmp_path / "案例.jsonl"
    bring_in(path, FIRST % (0, 0, 0, 0), FIRST % (1, 1, 1, 1), FIRST % (2, 2, 2, 2))
    context = last_context()
    first, second, third = Case.objects.order_by("pk").values_list("pk", flat=True)
    with recording(Kind.BULK):
        Case.objects.update(status="draft")
        Case.objects.filter(pk=first).update(status="public", title_inferred=True)
        Case.objects.filter(pk=second).update(branch="深圳分行")
        Edition.objects.create(case_id=third, values={"title": ["改"]})
    undone = take_back(context)
    assert undone.deleted == 1
    assert set(Case.objects.values_list("pk", flat=True)) == {second, third}


def test_what_an_editor_changed_since_stays(tmp_path):
    path = tmp_path / "案例.jsonl"
    bring_in(path, FIRST % (0, 0, 0, 0))
    bring_in(path, FIRST.replace("正文", "新正文").replace("案例之", "新案例之") % (0, 0, 0, 0), FIRST % (1, 1, 1, 1))
    context = last_context()
    changed, made = Case.objects.order_by("pk")
    with recording(Kind.FORM):
        Case.objects.filter(pk=changed.pk).update(title="编辑的题")
        Case.objects.filter(pk=made.pk).update(body="编辑写的。")
    undone = take_back(context)
    changed.refresh_from_db()
    assert (changed.title, changed.body) == ("编辑的题", "第 0 个的正文。")
    assert undone.kept == 1
    assert undone.said == ["“案例之1”后来又改过，没有删除。"]
    assert Case.objects.get(pk=made.pk).body == "编辑写的。"


def test_deleted_cases_return_with_their_products_and_numbers_change_back():
    bank, source = make_bank("海洋银行"), make_source(["一"])
    one, two = (make_case(f"案例{n}", bank=bank, source=source, number=n, products=(f"贷{n}",)) for n in (1, 2))
    gone = make_case("将删", "正文。", bank=bank, source=source, ref="x#1", products=("贷3",))
    before = everything()
    with recording(Kind.BULK) as context:
        Case.objects.filter(pk=one.pk).update(number=None)
        Case.objects.filter(pk=two.pk).update(number=1)
        Case.objects.filter(pk=one.pk).update(number=2, status="draft")
        two.products.clear()
        Case.objects.filter(pk=gone.pk).delete()
    undone = take_back(context)
    assert (undone.changed, undone.restored) == (2, 1)
    assert everything() == before
    source.refresh_from_db()
    assert source.removed == []
    assert not find_differences()


def test_an_undo_is_undone_too(tmp_path):
    path = tmp_path / "案例.jsonl"
    bring_in(path, FIRST % (0, 0, 0, 0))
    bring_in(path, FIRST.replace("正文", "新正文") % (0, 0, 0, 8))
    after = everything()
    take_back(last_context())
    assert everything() != after
    take_back(last_context())
    assert everything() == after


@pytest.mark.slow
def test_thousands_are_taken_back_in_few_queries(tmp_path, django_assert_max_num_queries):
    path = tmp_path / "案例.jsonl"
    bring_in(path, *(FIRST % ((number,) * 4) for number in range(1000)))
    before = everything()
    bring_in(path, *(FIRST.replace("正文", "新正文") % ((number,) * 4) for number in range(1000)))
    context = last_context()
    with django_assert_max_num_queries(200):
        take_back(context)
    assert everything() == before
