"""批量设为…: many cases at once, seen before, and then done as it was seen or not at all."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection

from catalog.models import Case, CaseEvent, ChangedCase, Product
from catalog.search import catch_up, find_differences, search_cases
from tests.admin.forms import Form
from tests.factories import make_bank, make_case, make_category

pytestmark = pytest.mark.django_db

CASES = "/admin/catalog/case/"


@pytest.fixture
def icbc():
    return make_bank("工商银行")


@pytest.fixture
def ccb():
    return make_bank("建设银行")


@pytest.fixture
def chapter():
    return make_category("助农")


@pytest.fixture
def cases(icbc):
    return [make_case(f"案例{n}", "正文。", bank=icbc, status="draft") for n in range(5)]


@pytest.fixture
def drafts_only(client, django_user_model):
    """A client that may change cases, and none that readers see."""
    user = django_user_model.objects.create_user("王芳", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_case", "change_case"]))
    client.force_login(user)
    return client


def look(client, rows, address=CASES, *, everything=False, **wanted):
    """The page that says what would become of the cases."""
    chosen = {"action": "set_fields", "select_across": "1" if everything else "0", "look": "看看"}
    return client.post(address, chosen | {"_selected_action": [row.pk for row in rows]} | wanted)


def confirm(client, page, address=CASES, **changes):
    sent = Form(page.content.decode(), "set-cases").values
    assert sum(map(len, sent.values())) < 100
    return client.post(address, sent | {"confirmed": "确定"} | changes, follow=True)


def outcome(page) -> str:
    """会改、已经是这样、不能改……, as the page says it."""
    text = page.content.decode().partition('<p class="outcome">')[2].partition("</p>")[0]
    return text.replace("<strong>", "").replace("</strong>", "").strip()


def done(response) -> str:
    return "".join(map(str, response.context["messages"]))


def test_bank_chapter_and_status_of_those_that_were_chosen(admin_client, cases, ccb, chapter):
    page = look(admin_client, cases[:3], bank=ccb.pk, category=chapter.pk, status="public")
    assert outcome(page) == "3 个会改，0 个已经是这样。"
    assert Case.objects.filter(bank=ccb).count() == 0  # nothing before it is confirmed
    before = {case.pk: case.updated_at for case in cases}
    assert "已修改 3 个案例" in done(confirm(admin_client, page))
    set_ones = Case.objects.filter(bank=ccb, category=chapter, status="public")
    assert set(set_ones) == set(cases[:3])
    assert all(case.updated_at > before[case.pk] for case in set_ones)
    assert not find_differences()
    assert {case.pk for case in search_cases(Case.objects.public(), "建设银行")} == {case.pk for case in cases[:3]}


def test_what_is_not_chosen_to_be_set_stays(admin_client, cases, icbc, chapter):
    confirm(admin_client, look(admin_client, cases, category=chapter.pk))
    assert Case.objects.filter(bank=icbc, status="draft", category=chapter).count() == 5


def test_nothing_chosen_is_asked_for(admin_client, cases):
    assert "请至少选一项" in look(admin_client, cases).content.decode()
    assert "请选至少一个产品" in look(admin_client, cases, how="add").content.decode()


def test_those_that_are_so_already_are_counted_and_not_written(admin_client, cases, chapter):
    Case.objects.filter(pk__in=[case.pk for case in cases[:2]]).update(category=chapter)
    written = {case.pk: case.updated_at for case in Case.objects.all()}
    page = look(admin_client, cases, category=chapter.pk)
    assert outcome(page) == "3 个会改，2 个已经是这样。"
    confirm(admin_client, page)
    assert {case.pk for case in Case.objects.all() if case.updated_at != written[case.pk]} == {
        case.pk for case in cases[2:]
    }


def test_a_chapter_that_is_set_is_a_guess_no_more(admin_client, cases, chapter):
    Case.objects.filter(pk=cases[0].pk).update(category=chapter, category_confidence=0.4)
    Case.objects.filter(pk=cases[1].pk).update(category_confidence=0.6)
    page = look(admin_client, cases[:2], category=chapter.pk)
    assert "其中 1 个的章节不变，只是不再标为推断" in page.content.decode()
    confirm(admin_client, page)
    assert set(Case.objects.filter(category=chapter).values_list("category_confidence", flat=True)) == {None}


def test_bank_and_chapter_can_be_taken_off(admin_client, cases, chapter):
    Case.objects.update(category=chapter)
    confirm(admin_client, look(admin_client, cases, bank="none", category="none"))
    assert Case.objects.filter(bank=None, category=None).count() == 5
    assert not find_differences()


class TestProducts:
    @pytest.fixture
    def loan(self, icbc):
        return Product.objects.create(bank=icbc, name="惠农贷")

    @pytest.fixture
    def card(self, icbc):
        return Product.objects.create(bank=icbc, name="惠农卡")

    @pytest.fixture
    def with_products(self, cases, loan, card):
        cases[0].products.set([loan])
        cases[1].products.set([card])
        cases[2].products.set([loan, card])
        return cases

    @pytest.mark.parametrize(
        ("how", "expected", "changed"),
        [
            ("add", ["惠农贷", "惠农卡 惠农贷", "惠农卡 惠农贷", "惠农贷", "惠农贷"], 3),
            ("remove", ["", "惠农卡", "惠农卡", "", ""], 2),
            ("replace", ["惠农贷"] * 5, 4),
        ],
    )
    def test_are_added_taken_off_or_replaced(self, admin_client, with_products, loan, how, expected, changed):
        page = look(admin_client, with_products, how=how, products=[loan.pk])
        assert outcome(page) == f"{changed} 个会改，{5 - changed} 个已经是这样。"
        confirm(admin_client, page)
        names = [
            " ".join(sorted(product.name for product in Case.objects.get(pk=case.pk).products.all()))
            for case in with_products
        ]
        assert names == expected
        assert not find_differences()

    def test_replaced_by_none_are_gone(self, admin_client, with_products):
        confirm(admin_client, look(admin_client, with_products, how="replace"))
        assert not Case.products.through.objects.exists()

    def test_of_another_bank_can_not_be_added(self, admin_client, cases, ccb):
        strange = Product.objects.create(bank=ccb, name="龙卡")
        others = make_case("建行的", bank=ccb)
        page = look(admin_client, [*cases, others], how="add", products=[strange.pk])
        assert outcome(page) == "1 个会改，0 个已经是这样，5 个不能改。"
        assert "属于别家银行，不能有要加上的产品" in page.content.decode()
        confirm(admin_client, page)
        assert [link.case for link in Case.products.through.objects.all()] == [others]

    def test_a_change_of_bank_that_leaves_products_behind_asks_first(self, admin_client, with_products, ccb):
        page = look(admin_client, with_products, bank=ccb.pk)
        assert outcome(page) == "2 个会改，0 个已经是这样，3 个要您决定。"
        assert "惠农贷（工商银行） 2 个" in page.content.decode()
        assert "确定修改" not in page.content.decode()
        confirm(admin_client, page)  # as a browser would not
        assert not Case.objects.filter(bank=ccb).exists()

    def test_they_can_be_taken_off_with_it(self, admin_client, with_products, ccb):
        page = look(admin_client, with_products, bank=ccb.pk, left="drop")
        assert outcome(page) == "5 个会改，0 个已经是这样。"
        confirm(admin_client, page)
        assert Case.objects.filter(bank=ccb).count() == 5
        assert not Case.products.through.objects.exists()
        assert not find_differences()

    def test_or_these_cases_stay_as_they_are(self, admin_client, with_products, ccb, icbc):
        page = look(admin_client, with_products, bank=ccb.pk, left="skip")
        assert outcome(page) == "2 个会改，0 个已经是这样，3 个不能改。"
        confirm(admin_client, page)
        assert set(Case.objects.filter(bank=icbc)) == set(with_products[:3])
        assert Case.products.through.objects.count() == 4


class TestTwoEditors:
    @pytest.mark.parametrize("change", ["one more", "one changed", "one with a product"])
    def test_nothing_is_done_where_it_would_do_something_else_than_was_seen(
        self, admin_client, cases, icbc, ccb, change
    ):
        drafts = f"{CASES}?status__exact=draft"
        page = look(admin_client, cases[:1], drafts, everything=True, bank=ccb.pk)
        if change == "one more":
            make_case("又一个", bank=icbc, status="draft")
        elif change == "one changed":
            Case.objects.filter(pk=cases[3].pk).update(bank=ccb)
        else:
            cases[3].products.add(Product.objects.create(bank=icbc, name="惠农贷"))
        answer = confirm(admin_client, page, drafts)
        assert "什么也没有改" in answer.content.decode()
        assert Case.objects.filter(bank=ccb).count() == (change == "one changed")

    def test_nor_where_the_choice_is_another_one(self, admin_client, cases, ccb, chapter):
        page = look(admin_client, cases, bank=ccb.pk)
        assert "什么也没有改" in confirm(admin_client, page, category=chapter.pk).content.decode()
        assert not Case.objects.filter(bank=ccb).exists()

    def test_what_has_no_bearing_on_it_may_change(self, admin_client, cases, ccb):
        page = look(admin_client, cases, bank=ccb.pk)
        Case.objects.filter(pk=cases[0].pk).update(body="改过")
        confirm(admin_client, page)
        assert Case.objects.filter(bank=ccb).count() == 5


class TestRights:
    def test_without_the_right_to_publish_nothing_becomes_public(self, drafts_only, cases):
        page = look(drafts_only, cases, status="public")
        assert '<option value="public"' not in page.content.decode()
        assert "会怎样" not in outcome(page)
        confirm(drafts_only, page, status="public")
        assert not Case.objects.public().exists()

    def test_nor_is_what_is_public_changed(self, drafts_only, cases, chapter):
        Case.objects.filter(pk=cases[0].pk).update(status="public")
        page = look(drafts_only, cases, category=chapter.pk)
        assert outcome(page) == "4 个会改，0 个已经是这样，1 个不能改。"
        confirm(drafts_only, page)
        assert set(Case.objects.filter(category=chapter)) == set(cases[1:])
        for wanted in ({"status": "draft"}, {"bank": "none"}, {"how": "replace"}):
            confirm(drafts_only, look(drafts_only, cases[:1], **wanted))
        assert Case.objects.public().get().bank is not None

    def test_what_was_seen_with_the_right_is_not_done_without_it(self, admin_client, drafts_only, cases, chapter):
        Case.objects.update(status="public")
        page = look(admin_client, cases, category=chapter.pk)
        confirm(drafts_only, page)
        assert not Case.objects.filter(category=chapter).exists()

    def test_without_the_right_to_change_there_is_no_such_action(self, client, cases, django_user_model, chapter):
        user = django_user_model.objects.create_user("张伟", password="x", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename="view_case"))
        client.force_login(user)
        look(client, cases, category=chapter.pk, confirmed="1")
        assert not Case.objects.filter(category=chapter).exists()


@pytest.mark.django_db(transaction=True)
def test_a_case_from_before_the_limits_is_named_and_the_others_are_changed(admin_client, cases, icbc, chapter):
    rule = next(rule for rule in Case._meta.constraints if rule.name == "case_summary_length")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Case, rule)
    try:
        old = make_case("旧的长案例", summary="长" * 20_001, bank=icbc)
        with connection.cursor() as cursor:  # as the migration did: it does not look at the rows that are there
            cursor.execute(
                "ALTER TABLE catalog_case ADD CONSTRAINT case_summary_length CHECK (length(summary) <= 20000) NOT VALID"
            )
        page = look(admin_client, [*cases, old], category=chapter.pk)
        assert outcome(page) == "5 个会改，0 个已经是这样，1 个不能改。"
        assert "旧的长案例" in page.content.decode()
        confirm(admin_client, page)
        assert set(Case.objects.filter(category=chapter)) == set(cases)
    finally:
        Case.objects.filter(title="旧的长案例").delete()
        with connection.schema_editor() as editor:
            editor.remove_constraint(Case, rule)
            editor.add_constraint(Case, rule)


@pytest.mark.django_db(transaction=True)
def test_the_history_says_who_how_and_why(admin_client, cases, chapter):
    page = look(admin_client, cases, category=chapter.pk)
    confirm(admin_client, page, history_reason="新版目录")
    events = CaseEvent.objects.filter(pgh_label="update")
    told = {(e.pgh_context.metadata["kind"], e.pgh_context.metadata["reason"]) for e in events}
    assert (events.count(), told) == (5, {("bulk", "新版目录")})
    assert LogEntry.objects.get().change_message == "批量设为 章节：助农"


class TestManyAtOnce:
    """More than are indexed on the spot."""

    @pytest.fixture
    def many(self, icbc):
        rows = [Case(title=f"多{n}", slug=f"多{n}", body="正文。", bank=icbc, status="draft") for n in range(700)]
        Case.objects.bulk_create(rows)
        find_differences()
        catch_up()
        return rows

    def test_all_of_a_filtered_list_without_a_key_in_the_form(self, admin_client, many, ccb, chapter):
        make_case("公开的", status="public")
        drafts = f"{CASES}?status__exact=draft"
        page = look(admin_client, many[:1], drafts, everything=True, bank=ccb.pk, category=chapter.pk)
        assert "状态：草稿" in page.content.decode()
        assert "已修改 700 个案例" in done(confirm(admin_client, page, drafts))
        assert Case.objects.filter(bank=ccb, category=chapter).count() == 700
        # What is filtered and counted is right at once, and the job that makes the texts anew is asked for.
        entries = Case.objects.filter(search_entry__bank=ccb.pk, search_entry__category=chapter.pk)
        assert entries.count() == 700
        assert ChangedCase.objects.values("case_id").distinct().count() == 700
        run_jobs()
        assert not find_differences()

    def test_their_status_leaves_nothing_to_do(self, admin_client, many):
        confirm(admin_client, look(admin_client, many[:1], everything=True, status="public"))
        assert Case.objects.public().count() == 700
        assert not find_differences()


def run_jobs() -> None:
    from django_tasks_db.models import DBTaskResult

    waiting = DBTaskResult.objects.filter(status="READY")
    assert [job.task_path for job in waiting] == ["operations.jobs.index_written_cases"]
    waiting.get().task.func()
