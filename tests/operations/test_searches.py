"""What becomes known of searches: to operators the slow ones, to editors what is not found. Of persons nothing."""

import json
import re
import threading
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.utils import timezone

from config.logging import JsonFormatter
from operations.models import SearchedText, UsedFilter
from operations.searches import tally as tallies
from operations.searches.personal import countable
from tests.factories import make_bank, make_case

pytestmark = pytest.mark.django_db

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture
def cases():
    icbc = make_bank("工商银行", code="icbc")
    make_case("茶农贷款", "支持茶农采茶，发放小微贷款。", bank=icbc, published_on="2020-03-01")
    make_case("渔民贷款", "支持渔民出海。", published_on="2021-03-01")


class TestSlow:
    @pytest.fixture
    def slow(self, settings, site_log, cases, monkeypatch):
        monkeypatch.setattr("operations.searches.slow._explained_at", float("-inf"))
        settings.SLOW_SEARCH_MS = 0
        return site_log

    def test_its_shape_is_logged_and_not_its_text(self, client, slow):
        client.get("/cases/", {"q": "茶农 -渔民", "bank": "icbc"})
        (record,) = slow.records
        assert re.search(r"WARNING operations.searches.slow .*GET /cases/\] 检索用了 \d+ 毫秒", record)
        assert "characters=6" in record
        assert "groups=2" in record
        assert "filters={'bank': 1}" in record
        assert "茶农" not in slow.text
        assert "渔民" not in slow.text

    @pytest.mark.slow
    @pytest.mark.django_db(transaction=True)
    def test_the_plan_of_a_slow_statement_has_no_values(self, client, slow):
        held, done = threading.Event(), threading.Event()

        def hold():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE catalog_searchtext")
                held.set()
                done.wait(1.5)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait()
        client.get("/cases/", {"q": "茶农采茶 -渔民"})
        done.set()
        holder.join()
        details = "\n".join(line for line in slow.text.splitlines() if line.startswith("    "))
        assert "Scan" in details
        assert "SELECT" in details
        assert "'?'" in details
        assert not re.search("茶|渔", slow.text)

    def test_a_quick_one_is_not(self, client, settings, site_log, cases):
        settings.SLOW_SEARCH_MS = 60_000
        client.get("/cases/?q=茶农")
        assert site_log.text == ""

    def test_its_shape_can_be_read_by_a_program(self, client, slow, monkeypatch):
        monkeypatch.setattr(slow.handler, "formatter", JsonFormatter())
        client.get("/cases/?q=茶农")
        (line,) = slow.text.splitlines()
        assert (json.loads(line)["characters"], json.loads(line)["cases"]) == (2, 1)


@pytest.fixture
def ask(client, cases, settings, mode, monkeypatch):
    """Asks as a reader's browser does; the counts are written after each answer."""
    settings.SEARCH_STATISTICS = True
    tally = tallies.Tally()
    monkeypatch.setattr("operations.receivers.tally", tally)
    monkeypatch.setattr(tallies, "OFTEN", 0)

    def get(query="", address="/cases/", headers=BROWSER, **params):
        return client.get(address, {"q": query, **params}, headers=headers)

    return get


def counted() -> set[tuple[str, str, int]]:
    return set(SearchedText.objects.values_list("text", "outcome", "times"))


class TestCounting:
    def test_what_is_found_what_in_part_and_what_not(self, ask):
        for query in ("茶农", "茶農", "茶农", "茶农 渔民", "火星移民"):
            ask(query)
        assert counted() == {("茶农", "found", 3), ("茶农 渔民", "partly", 1), ("火星移民", "nothing", 1)}

    def test_the_filters_by_their_values(self, ask):
        ask("茶农", bank="icbc")
        ask("", bank="icbc", year="2020")
        ask("", bank="no-such-bank")
        assert set(UsedFilter.objects.values_list("name", "value", "times")) == {
            ("bank", "icbc", 2),
            ("year", "2020", 1),
        }

    def test_a_text_that_a_filter_leaves_nothing_of_was_not_searched_in_vain(self, ask):
        ask("渔民", bank="icbc")
        assert counted() == set()

    def test_neither_robots_nor_programs_nor_pages_that_follow(self, ask, client):
        ask("茶农", headers={"User-Agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"})
        ask("茶农", headers={})
        ask("茶农", headers=BROWSER | {"Sec-Purpose": "prefetch"})
        ask("茶农", address="/api/cases/")
        ask("茶农", address="/suggestions/")
        ask("茶农", page="1")
        client.head("/cases/?q=茶农", headers=BROWSER)
        assert counted() == set()

    @pytest.mark.django_db(transaction=True)
    def test_nothing_while_the_site_is_only_read(self, ask, mode):
        mode("read-only")
        assert ask("茶农").status_code == 200
        mode("off")
        assert counted() == set()

    def test_nothing_where_it_is_switched_off(self, ask, settings):
        settings.SEARCH_STATISTICS = False
        ask("茶农")
        assert counted() == set()

    def test_a_page_is_answered_though_nothing_can_be_written(self, ask, site_log):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE operations_searchedtext RENAME TO elsewhere")
            assert ask("茶农").status_code == 200
            transaction.set_rollback(True)
        assert "检索统计没有写下" in site_log.text
        assert ask("茶农").status_code == 200
        assert counted() == {("茶农", "found", 1)}

    def test_not_at_every_request(self, ask, client, monkeypatch):
        monkeypatch.setattr(tallies, "OFTEN", 3600)
        for _ in range(3):
            ask("茶农")
        assert counted() == set()

    def test_a_flood_of_different_queries_takes_no_more_memory(self, ask, monkeypatch):
        monkeypatch.setattr(tallies, "OFTEN", 3600)
        monkeypatch.setattr(tallies, "MOST", 5)
        for number in range(9):
            ask(f"茶农{number}")
        monkeypatch.setattr(tallies, "OFTEN", 0)
        ask()
        assert len(counted()) == 5

    def test_so_many_different_ones_a_day_and_no_more(self, ask, monkeypatch):
        monkeypatch.setattr(tallies, "MOST_A_DAY", 3)
        for number in range(9):
            ask(f"茶农{number}", bank="icbc")
            ask(f"茶农{number}")
        assert len(counted()) == 3

    @pytest.mark.parametrize(
        "query",
        [
            "13800138000",
            "138 0013 8000",
            "１３８-００１３-８０００",
            "一三八零零一三八零零零",
            "电话010-62345678",
            "11010519491231002X",
            "li.si@example.org",
            "李四＠example.org",
            "https://example.org/x",
            "京A12345",
            "粤B·D12345",
            "6222 0212 3456 7890 123",
            "贷" * 41,
            "",
            "  ",
        ],
    )
    def test_what_may_tell_of_a_person_is_never_kept(self, query):
        assert countable(query) is None

    @pytest.mark.parametrize(
        "query", ["2020年贷款", "2020-03-01", "1000亿元", "园区e贷", "app 2.0", "二〇二〇年", "7×24"]
    )
    def test_numbers_of_the_trade_are(self, query):
        assert countable(query)


def searched(text, outcome="nothing", days_ago=0, times=1, hours=1):
    day = timezone.localdate() - timedelta(days=days_ago)
    SearchedText.objects.create(day=day, text=text, outcome=outcome, times=times, hours=hours, last_hour=9)


class TestForgetting:
    def test_rare_ones_after_two_weeks_and_all_after_half_a_year(self, ask):
        searched("谁的名字", days_ago=15)
        searched("昨天的名字", days_ago=1)
        searched("两天都问", days_ago=40)
        searched("两天都问", days_ago=20)
        searched("陈年旧事", days_ago=181, hours=9)
        UsedFilter.objects.create(day=timezone.localdate() - timedelta(days=181), name="bank", value="icbc", times=1)
        ask("茶农")
        assert set(SearchedText.objects.values_list("text", flat=True)) == {"昨天的名字", "两天都问", "茶农"}
        assert not UsedFilter.objects.exists()


class TestTheEditorsPage:
    ADDRESS = "/admin/operations/searchedtext/"

    def test_shows_what_was_asked_more_than_once(self, admin_client, cases):
        searched("数字人民币", times=7, hours=3)
        searched("张三", times=9, hours=1)
        searched("茶农", "found", days_ago=20, times=3, hours=2)
        UsedFilter.objects.create(day=timezone.localdate(), name="bank", value="icbc", times=4)
        UsedFilter.objects.create(day=timezone.localdate(), name="bank", value="gone", times=4)
        text = re.sub(r"\s+", " ", admin_client.get(self.ADDRESS).content.decode())
        assert 'q=%E6%95%B0%E5%AD%97%E4%BA%BA%E6%B0%91%E5%B8%81">数字人民币</a>' in text
        assert "共检索 19 次，16% 找到" in text
        assert "银行：工商银行" in text
        assert "张三" not in text
        assert "茶农" in text
        week = admin_client.get(f"{self.ADDRESS}?days=7").content.decode()
        assert "数字人民币" in week
        assert "茶农" not in week

    @pytest.mark.parametrize("days", ["x", "0", "-1", "999999999", "", "\0"])
    def test_any_period_is_answered(self, admin_client, days):
        assert admin_client.get(self.ADDRESS, {"days": days}).status_code == 200

    def test_is_for_those_who_may_see_it(self, client):
        editor = get_user_model().objects.create_user("editor", password="x", is_staff=True)
        client.force_login(editor)
        assert client.get(self.ADDRESS).status_code == 403
        editor.user_permissions.add(Permission.objects.get(codename="view_searchedtext"))
        assert client.get(self.ADDRESS).status_code == 200
        assert client.get(f"{self.ADDRESS}add/").status_code == 403
