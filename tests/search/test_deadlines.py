import time
from collections.abc import Callable

import pytest
from django.db import connection

from catalog.pages.listing import Listing
from catalog.search import deadlines
from catalog.search.deadlines import SearchTimeout, check, deadline, once, paused

pytestmark = pytest.mark.django_db


def sleep(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


def limited_to(seconds: float, work: Callable) -> None:
    with deadline(seconds):
        work()


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return cursor.fetchone()[0]


class TestDeadline:
    def test_a_long_statement_is_broken_off(self):
        start = time.monotonic()
        with pytest.raises(SearchTimeout), deadline(0.2):
            sleep(3)
        assert time.monotonic() - start < 2

    def test_so_are_short_ones_that_together_take_long(self):
        start = time.monotonic()
        with pytest.raises(SearchTimeout):
            limited_to(0.5, lambda: [sleep(0.1) for _ in range(100)])
        assert 0.4 < time.monotonic() - start < 2

    def test_and_a_long_one_after_the_process_took_its_time(self):
        start = time.monotonic()
        with pytest.raises(SearchTimeout):
            limited_to(0.5, lambda: (time.sleep(0.4), sleep(3)))
        assert time.monotonic() - start < 2

    def test_work_in_the_process_is_broken_off_where_it_asks(self):
        check()
        with pytest.raises(SearchTimeout):
            limited_to(0.1, lambda: (check(), time.sleep(0.15), check()))

    def test_what_is_made_once_for_all_does_not_count(self):
        with deadline(0.3):
            with paused():
                time.sleep(0.4)
                check()
            sleep(0)
            check()

    def test_an_inner_block_gives_no_more_time(self):
        with pytest.raises(SearchTimeout), deadline(0.2), deadline(9):
            sleep(3)

    @pytest.mark.parametrize("seconds", [0.1, 5])
    def test_the_connection_is_as_before_afterwards(self, seconds):
        before = setting("statement_timeout"), setting("enable_seqscan")
        try:
            with deadline(seconds):
                sleep(0.2)
        except SearchTimeout:
            pass
        check()
        assert (setting("statement_timeout"), setting("enable_seqscan")) == before

    def test_so_is_a_transaction_around_it_that_has_settings_of_its_own(self):
        own = {"statement_timeout": "7s", "enable_seqscan": "off", "random_page_cost": "3", "jit": "on"}
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"SET LOCAL {name} = '{value}'" for name, value in own.items()))
        with deadline():
            sleep(0.2)
        assert {name: setting(name) for name in own} == own

    def test_what_it_tells_the_planner_is_told_for_the_search_alone(self):
        def planner():
            return [setting(name) for name in ("enable_seqscan", "random_page_cost", "jit")]

        before = planner()
        with deadline():
            assert planner() == ["off", "1.1", "off"]
        assert planner() == before

    @pytest.mark.django_db(transaction=True)
    def test_a_transaction_of_its_own_sees_one_moment(self):
        with deadline():
            told = [setting(name) for name in ("transaction_isolation", "enable_seqscan", "statement_timeout")]
        assert told == ["repeatable read", "off", "5s"]
        assert setting("transaction_isolation") == "read committed"
        assert setting("enable_seqscan") == "on"
        assert setting("statement_timeout") == "0"

    def test_other_errors_are_what_they_are(self):
        with pytest.raises(ZeroDivisionError), deadline():
            _ = 1 // 0


class TestOnce:
    def test_in_a_limited_block_a_question_is_asked_once(self):
        answers = iter(range(9))

        def ask():
            return next(answers)

        assert (once(ask), once(ask)) == (0, 1)
        with deadline():
            assert (once(ask), once(ask)) == (2, 2)
            with deadline():
                assert once(ask) == 2
        assert once(ask) == 3


class TestAnswers:
    @pytest.fixture(autouse=True)
    def no_time(self, monkeypatch, make_case):
        make_case("贷款", "贷款")
        monkeypatch.setattr(deadlines._Deadline, "left", -1.0)

    def test_a_list_says_so(self, client, rf):
        assert Listing(rf.get("/", {"q": "贷款"}).GET).timed_out
        page = client.get("/cases/?q=贷款")
        assert page.status_code == 200
        assert "用时过长" in page.content.decode()

    @pytest.mark.parametrize("path", ["/", "/banks/", "/chapters/", "/products/"])
    def test_so_does_a_page_of_numbers(self, client, path):
        page = client.get(path)
        assert page.status_code == 503
        assert page["Retry-After"] == "60"
        assert "没有算完" in page.content.decode()

    def test_so_does_the_list_of_editors(self, admin_client):
        page = admin_client.get("/admin/catalog/case/?q=贷款")
        assert page.status_code == 200
        assert "用时过长" in page.content.decode()

    def test_a_program_is_told_to_try_another(self, client):
        reply = client.get("/api/cases/?q=贷款")
        assert reply.status_code == 503
        assert "用时太长" in reply.json()["detail"]
