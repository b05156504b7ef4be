"""Several who write and search at once: nobody waits for an editor or an import, and no mark is lost."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from catalog.models import Case, ChangedCase
from catalog.search import bulk, find_differences, make_batch, search_deadline, settle
from catalog.search.maintenance import rebuild

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PATIENCE = 20  # seconds


def execute(sql: str, *params) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


class Other:
    """Does something by a connection of its own, in a transaction that is open until `end`."""

    def __init__(self, action: Callable[[], object]):
        self.acted, self.may_end = threading.Event(), threading.Event()
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, args=[action])
        self.thread.start()
        assert self.acted.wait(PATIENCE)

    def _run(self, action: Callable[[], object]) -> None:
        try:
            with transaction.atomic():
                action()
                self.acted.set()
                self.may_end.wait(PATIENCE)
        except BaseException as error:
            self.error = error
        finally:
            self.acted.set()
            connection.close()

    def end(self) -> None:
        self.may_end.set()
        self.thread.join(PATIENCE)
        assert self.error is None


def is_done_meanwhile(action: Callable[[], object]) -> bool:
    """Whether the action ends while others have their transactions open."""

    def run():
        action()
        connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(5)
    return not thread.is_alive()


def test_a_reader_does_not_wait_for_one_who_is_writing_a_marked_case(make_case, find):
    make_case("甲", "渔民")
    execute("UPDATE catalog_case SET body = '茶农'")
    editor = Other(lambda: execute("UPDATE catalog_case SET branch = '支行'"))

    def search():
        with search_deadline():
            find("茶农")

    assert is_done_meanwhile(search)
    editor.end()
    assert find("茶农") == ["甲"]
    assert not find_differences()


def test_editors_of_two_cases_settle_their_own(make_case):
    """Each holds a case that is marked anyway: none is to wait for the other's."""
    cases = [make_case(title, "渔民") for title in "甲乙"]
    execute("UPDATE catalog_case SET body = '茶农'")
    together, errors = threading.Barrier(2), []

    def edit(case: Case):
        try:
            with transaction.atomic():
                execute("SELECT FROM catalog_case WHERE id = %s FOR NO KEY UPDATE", case.pk)
                together.wait(PATIENCE)
                case.branch = "支行"
                case.save()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    editors = [threading.Thread(target=edit, args=[case]) for case in cases]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join(PATIENCE)
    assert errors == []
    settle()
    assert not find_differences()


def test_a_bank_is_renamed_while_its_case_is_written(make_case, find, icbc):
    make_case("甲", "渔民", bank=icbc)
    writer = Other(lambda: execute("UPDATE catalog_case SET branch = '支行'"))

    def rename():
        icbc.name = "宇宙大银行"
        icbc.save()

    assert is_done_meanwhile(rename)
    writer.end()
    assert find("宇宙大银行") == ["甲"]
    assert not find_differences()


def test_an_import_leaves_the_marks_of_others(make_case, icbc):
    """It has made its rows before another renamed the bank."""
    case = make_case("甲", "渔民", bank=icbc)
    batch = make_batch(Case.objects.filter(pk=case.pk).indexed_text())
    execute("UPDATE catalog_bank SET name = '宇宙大银行'")
    with transaction.atomic(), bulk() as writer:
        writer.replace_rows(batch, [case.pk])
    assert ChangedCase.objects.filter(case_id=case.pk).exists()
    settle()
    assert not find_differences()


@pytest.mark.parametrize("mode", ["READ ONLY", "ISOLATION LEVEL REPEATABLE READ"])
def test_who_may_or_can_not_write_searches_all_the_same(make_case, find, mode):
    make_case("甲", "渔民")
    execute("UPDATE catalog_case SET body = '茶农'")
    with transaction.atomic():
        execute(f"SET TRANSACTION {mode}")
        execute("SELECT FROM catalog_case")
        other = Other(settle)
        other.end()
        find("渔民")
    assert find("茶农") == ["甲"]


def test_two_who_settle_at_once_count_once(make_case):
    for title in "甲乙丙":
        make_case(title, "渔民")
    execute("UPDATE catalog_case SET body = '茶农'")
    errors = []

    def run():
        try:
            settle()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert errors == []
    settle()
    assert not find_differences()


def test_a_search_goes_on_over_the_switch_of_a_rebuild(make_case, find, monkeypatch):
    make_case("甲", "渔民")
    at_the_switch, errors, rewrite = threading.Event(), [], rebuild._rewrite

    def slow(keys):
        at_the_switch.set()
        time.sleep(0.5)
        return rewrite(keys)

    def search():
        try:
            with search_deadline():
                find("渔民")
                at_the_switch.wait(PATIENCE)
                find("渔民 出海")
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(rebuild, "_rewrite", slow)
    reader = threading.Thread(target=search)
    reader.start()
    rebuild.rebuild_index()
    reader.join(PATIENCE)
    assert errors == []
    assert find("渔民") == ["甲"]
    assert not find_differences()


def test_a_rebuild_gives_way_to_one_who_is_writing(make_case, find, monkeypatch):
    """Who has begun to write holds tables that the switch wants, and wants those that it holds."""
    case = make_case("甲", "渔民")
    at_the_switch, errors, rewrite = threading.Event(), [], rebuild._rewrite

    def tell(keys):
        at_the_switch.set()
        return rewrite(keys)

    def edit():
        try:
            with transaction.atomic():
                execute("SELECT FROM catalog_casetitle")
                at_the_switch.wait(PATIENCE)
                case.body = "茶农"
                case.save()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(rebuild, "_rewrite", tell)
    editor = threading.Thread(target=edit)
    editor.start()
    rebuild.rebuild_index()
    editor.join(PATIENCE)
    assert errors == []
    assert find("茶农") == ["甲"]
    assert not find_differences()


def test_a_rebuild_waits_for_another(make_case, find, monkeypatch):
    make_case("甲", "渔民")
    errors, others = [], []

    def run():
        try:
            rebuild.rebuild_index()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    def begin_another(done):
        if not others:
            others.append(threading.Thread(target=run))
            others[0].start()
            others[0].join(2)

    rebuild.rebuild_index(begin_another)
    others[0].join(PATIENCE)
    assert errors == []
    assert find("渔民") == ["甲"]
    assert not find_differences()
