"""What is withdrawn or deleted is gone everywhere, its source's own lines among them, and comes back the same way."""

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from catalog.importing.database import run
from catalog.models import Case, Source
from catalog.search import find_differences
from tests.factories import make_case, make_source, place
from tests.traces import TITLE, make_scene

pytestmark = pytest.mark.django_db

LINES = [
    "目录",
    "复工贷助企业复产  1",
    "园区贷进工业园  2",
    "复工贷助企业复产",
    "复工的正文。",
    "园区贷进工业园",
    "园区的正文。",
    "夹在中间的复工文字。",
]


@pytest.fixture
def source():
    return make_source(LINES)


@pytest.fixture
def loan(source):
    provenance = [place("复工的正文。", 5, 5), place("夹在中间的复工文字。", 8, 8)]
    return make_case("复工贷助企业复产", source=source, first_line=4, last_line=8, provenance=provenance)


@pytest.fixture
def park(source):
    return make_case(
        "园区贷进工业园", source=source, first_line=6, last_line=7, provenance=[place("园区的正文。", 6, 7)]
    )


def bring_in(path) -> None:
    run.import_documents([path], settings.SEEDS_DIR)


def shown(client, source) -> list[str]:
    return [row.text for row in client.get(source.get_absolute_url()).context["rows"] if row.text is not None]


def withdraw(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(status=Case.Status.DRAFT)


def delete(case: Case) -> None:
    case.delete()


def delete_by_sql(case: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalog_doubt WHERE case_id = %s", [case.pk])
        cursor.execute("DELETE FROM catalog_case WHERE id = %s", [case.pk])


ways = pytest.mark.parametrize("take_down", [withdraw, delete, delete_by_sql])


@ways
def test_a_case_that_is_taken_down_stands_no_longer_in_its_source(client, source, loan, park, take_down):
    assert shown(client, source) == LINES
    take_down(loan)
    assert shown(client, source) == ["目录", LINES[2], "园区贷进工业园", "园区的正文。"]
    assert "第 8 行属于没有公开的案例" in client.get(source.get_absolute_url()).content.decode()


@ways
def test_lines_that_a_public_case_was_made_of_stay(client, source, loan, park, take_down):
    take_down(park)
    assert shown(client, source) == ["目录", LINES[1], LINES[3], LINES[4], LINES[7]]


@ways
def test_where_nothing_is_public_any_more_nothing_is_shown(client, source, loan, park, take_down):
    take_down(loan)
    take_down(park)
    assert client.get(source.get_absolute_url()).status_code == 404
    assert source.name not in client.get("/sources/").content.decode()
    assert client.get("/").context["source_count"] == 0


def test_a_title_that_runs_over_lines_of_the_contents_is_withheld(client, loan, park, source):
    Case.objects.filter(pk=loan.pk).update(title="复工贷助企业复产", subtitle="某行深圳分行多措并举助力复工")
    contents = ["聚力抗疫", "复工贷助企业", "——某行深圳分行多措并举", "助力复工……12", "附录"]
    Source.objects.filter(pk=source.pk).update(lines=[*LINES, *contents])
    withdraw(loan)
    assert [line for line in shown(client, source) if line in contents] == ["聚力抗疫", "助力复工……12", "附录"]


def test_where_it_is_not_known_what_was_deleted_only_lines_of_public_cases_are_shown(client, source, park):
    Source.objects.filter(pk=source.pk).update(removed=["book#1"])
    assert shown(client, source) == ["园区贷进工业园", "园区的正文。"]


@pytest.mark.parametrize("lines", [[1, 10**12], [7, None]])
def test_ranges_that_make_no_sense_are_no_error(client, source, loan, park, lines):
    strange = [{"key": "x", "lines": [lines], "page": None}]
    Case.objects.filter(pk=loan.pk).update(status=Case.Status.DRAFT, provenance=strange)
    assert client.get(source.get_absolute_url()).status_code == 200


def test_a_withdrawn_case_comes_back_with_its_lines(client, source, loan, park):
    withdraw(loan)
    Case.objects.filter(pk=loan.pk).update(status=Case.Status.PUBLIC)
    assert shown(client, source) == LINES


def test_a_document_of_which_no_case_was_made_is_shown(client, source):
    assert shown(client, source) == LINES


def test_editors_see_all_lines(admin_client, source, loan, park):
    withdraw(loan)
    page = admin_client.get(reverse("admin:catalog_source_lines", args=[source.pk]))
    assert [row.text for row in page.context["rows"]] == LINES
    assert "给编辑看的全部原文" in page.content.decode()


def test_strangers_do_not_reach_the_editors_page_of_lines(client, source):
    assert client.get(reverse("admin:catalog_source_lines", args=[source.pk])).status_code == 302


class TestANewEdition:
    """Lines move in it; what was deleted stays unseen."""

    TEXT = "园区贷服务小微企业\n\n深圳市某银行推出园区贷，支持园区内的小微企业复工复产，首批企业已经拿到贷款。\n"

    def test_a_deleted_article_shows_nothing_of_its_next_edition(self, client, tmp_path):
        path = tmp_path / "文章.txt"
        path.write_text(self.TEXT, encoding="utf-8")
        bring_in(path)
        source = Source.objects.get(name="文章.txt")
        source.cases.get().delete()
        path.write_text("新加的一行说明文字在最前面。\n\n" + self.TEXT, encoding="utf-8")
        bring_in(path)
        assert not source.cases.exists()
        assert client.get(source.get_absolute_url()).status_code == 404

    def test_what_was_deleted_before_its_lines_were_noted_is_known_once_it_is_read_again(self, client, tmp_path):
        path = tmp_path / "案例.txt"
        path.write_text(self.TEXT, encoding="utf-8")
        bring_in(path)
        source = Source.objects.get(name="案例.txt")
        source.cases.get().delete()
        noted = Source.objects.get(pk=source.pk).withheld
        Source.objects.filter(pk=source.pk).update(withheld=[])
        run.import_documents([path], settings.SEEDS_DIR, again=True)
        (entry,) = Source.objects.get(pk=source.pk).withheld
        assert entry["ref"] == noted[0]["ref"]
        assert {tuple(lines) for lines in entry["lines"]} == {tuple(lines) for lines in noted[0]["lines"]}


class TestASource:
    @pytest.fixture
    def act(self, admin_client):
        def post(action: str, source: Source) -> str:
            address = reverse("admin:catalog_source_changelist")
            data = {"action": action, "_selected_action": [source.pk]}
            return admin_client.post(address, data, follow=True).content.decode()

        return post

    def test_it_goes_with_all_its_cases_and_comes_back_with_those_that_were_public(self, client, admin_client, act):
        scene = make_scene()
        source = scene.case.source
        draft = make_case("早就是草稿的案例", source=source, status=Case.Status.DRAFT)
        everywhere = {
            name for name, address in scene.addresses.items() if TITLE in client.get(address).content.decode()
        }
        assert everywhere

        assert "1 个案例转为草稿" in act("withdraw", source)
        assert {
            name for name, address in scene.addresses.items() if TITLE in client.get(address).content.decode()
        } == set()
        assert client.get(source.get_absolute_url()).status_code == 404
        assert source.name not in client.get("/sources/").content.decode()
        page = admin_client.get(reverse("admin:catalog_source_change", args=[source.pk])).content.decode()
        assert "已撤下" in page
        assert source.get_absolute_url() not in page.replace(
            reverse("admin:catalog_source_lines", args=[source.pk]), ""
        )
        assert "在站点上查看" not in page
        assert not find_differences()

        assert "1 个案例重新公开" in act("put_back", source)
        assert client.get(scene.case.get_absolute_url()).status_code == 200
        assert client.get(source.get_absolute_url()).status_code == 200
        draft.refresh_from_db()
        assert draft.status == Case.Status.DRAFT
        assert not find_differences()

    def test_twice_is_as_once(self, act):
        scene = make_scene()
        act("withdraw", scene.case.source)
        act("withdraw", scene.case.source)
        act("put_back", scene.case.source)
        scene.case.refresh_from_db()
        assert scene.case.status == Case.Status.PUBLIC

    def test_a_case_published_by_itself_meanwhile_leads_to_no_missing_page(self, client, act):
        scene = make_scene()
        line = place("渔民出海捕鱼，渔船贷款，休渔期补贴。", 1, 1)
        Case.objects.filter(pk=scene.case.pk).update(provenance=[line], first_line=1, last_line=1)
        assert scene.case.source.get_absolute_url() in client.get(scene.case.get_absolute_url()).content.decode()
        act("withdraw", scene.case.source)
        Case.objects.filter(pk=scene.case.pk).update(status=Case.Status.PUBLIC)
        page = client.get(scene.case.get_absolute_url()).content.decode()
        assert scene.case.source.get_absolute_url() not in page

    def test_what_an_import_adds_to_it_is_no_more_public_than_it_is(self, act, tmp_path):
        path = tmp_path / "案例.jsonl"
        path.write_text('{"id": "1", "title": "甲案例", "text": "甲的正文。"}\n', encoding="utf-8")
        bring_in(path)
        source = Source.objects.get(name="案例.jsonl")
        act("withdraw", source)
        with path.open("a", encoding="utf-8") as file:
            file.write('{"id": "2", "title": "乙案例", "text": "乙的正文。"}\n')
        bring_in(path)
        assert set(source.cases.values_list("status", flat=True)) == {Case.Status.DRAFT}


class Deleting(run.Progress):
    """An editor who deletes all cases when a file begins to be read."""

    def bytes(self, total, label):
        Case.objects.all().delete()
        return super().bytes(total, label)


def test_a_deletion_while_a_document_is_read_is_not_forgotten(tmp_path):
    path = tmp_path / "案例.jsonl"
    path.write_text('{"id": "1", "title": "甲案例", "text": "甲的正文。"}\n', encoding="utf-8")
    bring_in(path)
    path.write_text('{"id": "1", "title": "甲案例改", "text": "甲的正文。"}\n', encoding="utf-8")
    run.import_documents([path], settings.SEEDS_DIR, progress=Deleting())
    bring_in(path)
    assert len(Source.objects.get(name="案例.jsonl").removed) == 1
    assert not Case.objects.exists()


def test_many_deleted_at_once_are_all_remembered(source):
    refs = [f"book#{number}" for number in range(250)]
    Case.objects.bulk_create([Case(title=ref, ref=ref, slug=ref, source=source) for ref in refs])
    make_case("手工加的案例", source=source)
    source.cases.all().delete()
    source.refresh_from_db()
    assert sorted(source.removed) == sorted(refs)
    assert sorted(entry["title"] for entry in source.withheld) == sorted([*refs, "手工加的案例"])
