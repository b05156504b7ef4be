"""An editor settles what a source says anew: sees the three texts, takes one or writes a fourth, and goes on."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from catalog.importing.merge import merge_texts
from catalog.models import Bank, Case, Category, Conflict
from catalog.search import find_differences
from tests.admin.forms import form_of
from tests.factories import make_bank, make_case, make_category, make_source

pytestmark = pytest.mark.django_db

OLD = "截至2020年末，贷款余额3.2亿元。"
NEW = "截至2021年末，贷款余额4.5亿元。"
MINE = "截至2020年末，分行贷款余额3.2亿元。"
LIST = "admin:catalog_conflict_changelist"


def body(paragraph: str) -> str:
    return f"开头。\n\n{paragraph}\n\n结尾。"


@pytest.fixture
def case():
    return make_case("众志成城", body(MINE), bank=make_bank("农业银行", code="abc"), source=make_source(["一"]))


def part(case: Case, old: str = OLD, new: str = NEW) -> Conflict:
    """As an import finds it."""
    (region,) = merge_texts(body(old), body(new), case.body).conflicts
    return Conflict.objects.create(
        case=case,
        field="body",
        region=f"{region.before}{len(new)}"[:24],
        before=region.before,
        after=region.after,
        base=region.base,
        theirs=region.theirs,
        mine=region.mine,
    )


def whole(case: Case, field: str, base, theirs) -> Conflict:
    return Conflict.objects.create(case=case, field=field, base=base, theirs=theirs, mine=None)


def page_of(conflict: Conflict) -> str:
    return reverse("admin:catalog_conflict_change", args=[conflict.pk])


@pytest.fixture
def settle(admin_client):
    """settle(conflict, "theirs"): what the button sends from the page as it is now, and the answer."""

    def post(conflict: Conflict, how: str, **changes):
        form = form_of(admin_client, page_of(conflict), "conflict_form", how=how, **changes)
        return admin_client.post(page_of(conflict), form)

    return post


class TestThePage:
    def test_shows_the_three_texts_with_their_differences_and_a_merge_of_both(self, admin_client, case):
        html = admin_client.get(page_of(part(case))).content.decode()
        assert OLD in html
        assert "<ins>分行</ins>贷款" in html
        assert "202<del>0</del><ins>1</ins>年末" in html
        assert "截至2021年末，分行贷款余额4.5亿元。</textarea>" in html

    def test_of_what_it_shows_nothing_is_html(self, admin_client, case):
        case.body = body("<script>一二三四</script>")
        html = admin_client.get(page_of(part(case, "<b>一二三四</b>", "<i>一二三四</i>"))).content.decode()
        assert "<script>一" not in html
        assert "<i>一" not in html

    def test_where_both_changed_the_same_words_the_proposal_keeps_the_editors(self, admin_client, case):
        case.body = body("截至2022年末，贷款余额3.2亿元，增长一成。")
        case.save()
        html = admin_client.get(page_of(part(case))).content.decode()
        assert "截至2022年末，贷款余额4.5亿元，增长一成。</textarea>" in html

    def test_of_an_unknown_base_the_two_are_compared_with_each_other(self, admin_client, case):
        html = admin_client.get(page_of(whole(case, "body", None, body(NEW)))).content.decode()
        assert "没有记下" in html
        assert "<del>分行</del>" in html

    def test_names_banks_and_chapters_by_their_names(self, admin_client, case):
        make_bank("工商银行", code="icbc")
        html = admin_client.get(page_of(whole(case, "bank", None, "icbc"))).content.decode()
        assert "工商银行" in html
        assert "农业银行" in html
        assert "<textarea" not in html

    def test_the_form_of_the_case_has_the_way_to_each(self, admin_client, case):
        conflicts = [part(case), whole(case, "title", "旧", "新")]
        html = admin_client.get(reverse("admin:catalog_case_change", args=[case.pk])).content.decode()
        assert "2 处待处理" in html
        assert all(page_of(conflict) in html for conflict in conflicts)


class TestSettling:
    @pytest.mark.parametrize(
        ("how", "paragraph"), [("theirs", NEW), ("mine", MINE), ("merged", "截至2021年末，分行贷款余额4.5亿元。")]
    )
    def test_the_case_has_what_was_chosen_and_the_search_with_it(self, settle, case, how, paragraph):
        conflict = part(case)
        settle(conflict, how)
        conflict.refresh_from_db()
        assert Case.objects.get().body == body(paragraph)
        assert (conflict.how, conflict.settled_by.username) == (how, "admin")
        assert not find_differences()

    def test_what_the_editor_writes_is_taken_with_its_lines(self, settle, case):
        settle(part(case), "merged", written="一段。\r\n\r\n又一段。")
        assert Case.objects.get().body == "开头。\n\n一段。\n\n又一段。\n\n结尾。"

    def test_a_change_is_in_the_history_of_the_case(self, settle, case):
        settle(part(case), "theirs")
        entries = LogEntry.objects.filter(content_type__model="case", object_id=case.pk)
        assert "用新文本：正文" in entries.get().change_message

    @pytest.mark.parametrize(
        ("field", "value", "stored"),
        [
            ("title", "新的标题", "新的标题"),
            ("bank", "icbc", "工商银行"),
            ("bank", None, "None"),
            ("category", "kangyi", "聚力抗疫"),
            ("authors", ["甲", "乙"], "['甲', '乙']"),
            ("published_on", "2024-03-01", "2024-03-01"),
            ("summary", "新的简介。", "新的简介。"),
        ],
    )
    def test_any_field_can_follow_the_source(self, settle, case, field, value, stored):
        make_bank("工商银行", code="icbc")
        make_category("聚力抗疫", code="kangyi")
        Case.objects.update(category_confidence=0.4, title_inferred=True)
        settle(whole(case, field, None, value), "theirs")
        case = Case.objects.get()
        assert str(getattr(case, field)) == stored
        assert case.title_inferred == (field != "title")
        assert (case.category_confidence is None) == (field == "category")
        assert not find_differences()

    def test_products(self, settle, case):
        old, new = (make_case(name, bank=case.bank, products=(name,)).products.get() for name in ("复工贷", "园区贷"))
        case.products.add(old)
        settle(whole(case, "products", None, [new.pk]), "theirs")
        assert list(case.products.all()) == [new]
        assert not find_differences()

    def test_lists_are_written_one_a_line(self, settle, case):
        settle(whole(case, "authors", ["甲"], ["乙"]), "merged", written="甲\r\n\r\n 乙 ")
        assert Case.objects.get().authors == ["甲", "乙"]


class TestRefused:
    def refused(self, response, conflict: Conflict) -> str:
        conflict.refresh_from_db()
        assert conflict.settled_at is None
        assert response.status_code == 200
        return " ".join(map(str, response.context["messages"]))

    def test_where_the_paragraph_has_changed_since_and_what_was_typed_stays(self, settle, case):
        conflict = part(case)
        Case.objects.update(body=body("编辑后来又改写了。"))
        response = settle(conflict, "merged", written="我合并的文字。")
        assert "找不到" in self.refused(response, conflict)
        assert "我合并的文字。</textarea>" in response.content.decode()
        assert Case.objects.get().body == body("编辑后来又改写了。")
        settle(conflict, "mine")
        conflict.refresh_from_db()
        assert conflict.how == "mine"

    def test_where_the_source_has_said_something_newer_since(self, admin_client, case):
        conflict = part(case)
        form = form_of(admin_client, page_of(conflict), "conflict_form", how="theirs")
        Conflict.objects.update(theirs="来源又改了。")
        assert "又变了" in self.refused(admin_client.post(page_of(conflict), form), conflict)

    def test_where_a_colleague_has_changed_the_whole_since(self, admin_client, case):
        conflict = whole(case, "title", "旧", "新")
        form = form_of(admin_client, page_of(conflict), "conflict_form", how="theirs")
        Case.objects.update(title="同事改的")
        assert "又变了" in self.refused(admin_client.post(page_of(conflict), form), conflict)
        assert Case.objects.get().title == "同事改的"

    def test_where_it_was_settled_meanwhile(self, admin_client, settle, case):
        conflict = part(case)
        form = form_of(admin_client, page_of(conflict), "conflict_form", how="theirs")
        settle(conflict, "mine")
        told = admin_client.post(page_of(conflict), form).content.decode()
        assert "已经处理了这个冲突：保留" in told
        assert Case.objects.get().body == body(MINE)

    @pytest.mark.parametrize(
        ("field", "written"), [("title", " " * 3), ("title", "长" * 301), ("summary", "长" * 20_001)]
    )
    def test_where_no_case_may_be_so(self, settle, case, field, written):
        conflict = whole(case, field, "旧", "新")
        assert "没有处理" in self.refused(settle(conflict, "merged", written=written), conflict)

    def test_where_the_bank_is_gone(self, settle, case):
        conflict = whole(case, "bank", None, "gone")
        assert "删除" in self.refused(settle(conflict, "theirs"), conflict)
        assert Case.objects.get().bank == Bank.objects.get()

    @pytest.mark.parametrize("field", ["published_on", "bank", "products", "number"])
    def test_where_no_text_can_be_written(self, settle, case, field):
        conflict = whole(case, field, None, None)
        assert "没有处理" in self.refused(settle(conflict, "merged", written="随便写的"), conflict)

    def test_to_whoever_may_not_change_cases(self, case, django_user_model):
        conflict = part(case)
        reader = django_user_model.objects.create_user("reader", password="a good long secret", is_staff=True)
        client = Client()
        client.force_login(reader)
        assert client.get(page_of(conflict)).status_code == 403
        reader.user_permissions.add(Permission.objects.get(codename="view_case"))
        assert "用新文本（" not in client.get(page_of(conflict)).content.decode()
        assert client.post(page_of(conflict), {"how": "theirs"}).status_code == 403

    @pytest.mark.parametrize("key", ["0", "x", "99999999999999999999"])
    def test_a_conflict_that_is_not_there(self, admin_client, key):
        response = admin_client.get(f"/admin/catalog/conflict/{key}/change/")
        assert response.status_code == 404

    def test_a_button_that_is_not_there_does_nothing(self, settle, case):
        conflict = part(case)
        self.refused(settle(conflict, "else"), conflict)


class TestTheList:
    @pytest.fixture
    def conflicts(self, case):
        other = make_case("另一个案例", bank=make_bank("工商银行", code="icbc"), source=make_source(["二"]))
        return [whole(case, "title", "旧", "新"), part(case), whole(other, "title", "旧", "新的题目")]

    def shown(self, client, **filters) -> list[Conflict]:
        return list(client.get(reverse(LIST), filters).context["cl"].result_list)

    def test_what_waits_and_by_field_bank_and_source(self, admin_client, settle, conflicts):
        settle(conflicts[0], "mine")
        assert self.shown(admin_client) == conflicts[1:]
        assert self.shown(admin_client, settled="yes") == conflicts[:1]
        assert self.shown(admin_client, field="body") == [conflicts[1]]
        case = conflicts[2].case
        assert self.shown(admin_client, case__bank__id__exact=case.bank_id) == [conflicts[2]]
        assert self.shown(admin_client, case__source__id__exact=case.source_id) == [conflicts[2]]

    def test_one_leads_to_the_next_of_the_same_list_and_the_last_back_to_it(self, admin_client, conflicts):
        page = f"{page_of(conflicts[0])}?_changelist_filters=field%3Dtitle"
        form = form_of(admin_client, page, "conflict_form", how="mine")
        answer = admin_client.post(page, form)
        assert answer.url == f"{page_of(conflicts[2])}?_changelist_filters=field%3Dtitle"
        form = form_of(admin_client, answer.url, "conflict_form", how="mine")
        assert admin_client.post(answer.url, form).url == f"{reverse(LIST)}?field=title"

    def test_without_filters_the_others_of_the_case_come_first(self, settle, conflicts):
        assert settle(conflicts[1], "mine").url == page_of(conflicts[0])
        assert settle(conflicts[0], "mine").url == page_of(conflicts[2])

    def test_the_number_of_queries_does_not_grow_with_it(self, admin_client, conflicts, django_assert_max_num_queries):
        for field in ("subtitle", "branch", "summary", "authors", "captions", "script", "number", "published_on"):
            whole(conflicts[0].case, field, None, None)
        with django_assert_max_num_queries(16):
            assert len(self.shown(admin_client)) == 11

    def test_a_case_with_conflicts_can_be_deleted(self, admin_client, conflicts):
        case = conflicts[2].case
        answer = admin_client.post(reverse("admin:catalog_case_delete", args=[case.pk]), {"post": "yes"})
        assert answer.status_code == 302
        assert Conflict.objects.count() == 2


def test_categories_that_were_merged_away_are_said_to_be_gone(admin_client, case):
    conflict = whole(case, "category", None, "gone")
    assert "已不在目录里" in admin_client.get(page_of(conflict)).content.decode()
    assert not Category.objects.exists()
