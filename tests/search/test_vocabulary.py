import logging
import threading
from contextlib import contextmanager
from itertools import product

import psycopg
import pytest
from django.db import connection, transaction

from catalog.models import Phrase, Product
from catalog.search.deadlines import SearchTimeout, deadline
from catalog.search.names import lexicon
from catalog.search.query import current_vocabulary
from catalog.search.query.correction import correct
from catalog.search.query.current_vocabulary import phrases_are_due, refresh_phrases
from catalog.search.query.suggest import suggest
from catalog.text import pinyin
from catalog.text.normalise import fold

pytestmark = pytest.mark.django_db


def gathered() -> dict[str, int]:
    return dict(Phrase.objects.exclude(text="").values_list("text", "texts"))


def is_suggested(phrase: str) -> bool:
    return ("term", phrase) in [(suggestion.kind, suggestion.label) for suggestion in suggest(phrase[:3])]


class TestWords:
    def test_corrections_go_by_what_the_texts_say_now(self, make_case):
        make_case("甲", "知识产权质押融资，支持小微企业。", status="public")
        vocabulary = current_vocabulary.current()
        assert correct("知识产全质押", vocabulary, current_vocabulary.is_word).query == "知识产权质押"
        assert current_vocabulary.stands("产权质押融")
        assert not current_vocabulary.stands("产全")

    def test_no_phrase_of_a_draft_is_known(self, make_case):
        make_case("甲", "浙里办融资码平台", status="draft")
        make_case("乙", "知识产权质押", status="public")
        for gather in (lambda: None, refresh_phrases):
            gather()
            assert "知识产权质押" in current_vocabulary.current()
            assert not any("融资码" in phrase for phrase in current_vocabulary.current().frequency)


class TestPhrases:
    def test_that_stand_in_any_case_are_suggested_and_put_slips_right_once_they_are_gathered(self, make_case):
        """160 cases: 32 phrases in five of them each, and one more in each."""
        common = ["鱼塘" + "".join(pair) for pair in product("青白黑金", "山水木火土石云风")]
        characters = [c for c in map(chr, range(0x6C00, 0x7000)) if fold(c) == c and pinyin.is_read(c)]
        rare = [f"{character}溪棠" for character in characters[:160]]
        for number, phrase in enumerate(rare):
            make_case(f"案例{number}", f"本行推出{common[number % 32]}，设立{phrase}。", status="public")

        def corrected() -> int:
            vocabulary = current_vocabulary.current()
            corrections = [correct(f"{phrase[0]}西棠", vocabulary) for phrase in rare]
            return sum(
                made is not None and made.query == phrase for made, phrase in zip(corrections, rare, strict=True)
            )

        assert corrected() <= 100
        assert not all(map(is_suggested, common))
        assert refresh_phrases() >= 192
        assert corrected() == 160
        assert all(map(is_suggested, common))

    def test_are_the_same_each_time(self, make_case):
        make_case("甲", "本行推出普惠金融服务，支持小微企业融资。", status="public")
        assert refresh_phrases() > 0
        before = gathered()
        refresh_phrases()
        assert gathered() == before

    def test_are_those_of_the_texts_now(self, make_case):
        case = make_case("甲", "鱼塘水库改造", status="public")
        refresh_phrases()
        assert gathered()["鱼塘水库"] == 1
        case.body = "普惠金融服务"
        case.save()
        refresh_phrases()
        assert "鱼塘水库" not in gathered()
        assert gathered()["普惠金融服务"] == 1

    def test_are_due_where_there_are_cases_and_none_were_gathered(self, make_case):
        assert not phrases_are_due()
        make_case("甲", status="draft")
        assert not phrases_are_due()
        make_case("甲", status="public")
        assert phrases_are_due()
        refresh_phrases()
        assert not phrases_are_due()

    def test_are_due_again_when_many_cases_have_come_or_gone(self, make_case):
        make_case("甲", status="public")
        refresh_phrases()
        cases = [make_case(f"乙{number}", status="public") for number in range(50)]
        assert not phrases_are_due()
        cases.append(make_case("丙", status="public"))
        assert phrases_are_due()
        refresh_phrases()
        for case in cases:
            case.delete()
        assert phrases_are_due()

    @pytest.mark.django_db(transaction=True)
    def test_gathered_by_two_at_once_are_gathered(self, make_case):
        make_case("甲", "普惠金融服务", status="public")
        both = threading.Barrier(2)

        def gather():
            both.wait()
            refresh_phrases()
            connection.close()

        threads = [threading.Thread(target=gather) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert gathered()["普惠金融服务"] == 1


@contextmanager
def locked(table: str):
    """In the block nobody can read the table. Yields the connection that has locked it."""
    connection.ensure_connection()
    parameters = connection.get_connection_params()
    address = {key: parameters[key] for key in ("host", "port", "user", "password", "dbname") if parameters.get(key)}
    with psycopg.connect(**address) as other:
        other.execute(f"LOCK TABLE {table}")
        yield other
        other.rollback()


def builders() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "vocabulary"]


def in_threads(number: int, work) -> list:
    """What `work` returns in so many threads that begin at once, each with its own connection."""
    answers, begun = [], threading.Barrier(number)

    def run():
        begun.wait()
        answers.append(work())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
class TestBuilding:
    """A vocabulary reads the texts where no phrases were gathered: it cannot be built while they are locked."""

    @pytest.fixture
    def new_process(self, icbc, make_case, monkeypatch) -> None:
        make_case("甲", "知识产权质押", bank=icbc, status="public")
        monkeypatch.setattr(current_vocabulary, "_builder", current_vocabulary._Builder())

    @pytest.fixture
    def first(self, new_process):
        return current_vocabulary.current()

    def test_the_first_of_a_process_is_waited_for(self, new_process):
        assert "知识产权" in current_vocabulary.current()

    def test_readers_have_the_last_one_at_once_while_the_next_is_built(self, first, icbc):
        with locked("catalog_searchtext"):
            icbc.aliases.create(name="宇宙行")
            assert in_threads(3, current_vocabulary.current) == [first] * 3
            assert len(builders()) == 1
            assert "宇宙行" in lexicon.current().by_name
        current_vocabulary.wait()
        assert builders() == []
        assert "宇宙行" not in first
        assert "宇宙行" in current_vocabulary.current()

    def test_what_changes_while_one_is_built_is_in_the_next(self, first, icbc):
        with locked("catalog_searchtext"):
            icbc.aliases.create(name="宇宙行")
            current_vocabulary.current()
            icbc.aliases.create(name="全球行")
        current_vocabulary.wait()
        current_vocabulary.current()
        current_vocabulary.wait()
        assert {"宇宙行", "全球行"} <= current_vocabulary.current().frequency.keys()

    def test_readers_of_a_new_process_wait_no_longer_than_their_deadline(self, new_process):
        with locked("catalog_searchtext"):
            with pytest.raises(SearchTimeout), deadline(0.2):
                current_vocabulary.current()
            assert len(builders()) == 1
        current_vocabulary.wait()
        assert "知识产权" in current_vocabulary.current()

    def test_one_that_fails_is_logged_and_tried_again_and_the_last_one_serves(self, first, icbc, monkeypatch, caplog):
        with locked("catalog_searchtext") as other:
            icbc.aliases.create(name="宇宙行")
            assert current_vocabulary.current() is first
            end_who_waits_for("catalog_searchtext", other)
            current_vocabulary.wait()
        assert [record.levelno for record in caplog.records if record.name.endswith("vocabulary")] == [logging.ERROR]
        assert current_vocabulary.current() is first
        assert builders() == []  # not at once: a reader a second would try it a hundred times
        monkeypatch.setattr(current_vocabulary._Builder, "RETRY", 0)
        assert current_vocabulary.current() is first
        current_vocabulary.wait()
        assert "宇宙行" in current_vocabulary.current()

    def test_without_any_nothing_is_corrected(self, new_process):
        with locked("catalog_searchtext") as other:
            reader = threading.Thread(target=lambda: (current_vocabulary.current(), connection.close()))
            reader.start()
            end_who_waits_for("catalog_searchtext", other)
            reader.join()
        assert correct("知识产全质押", current_vocabulary.current(), current_vocabulary.is_word) is None

    def test_a_transaction_has_its_own_changes_at_once_and_others_when_it_is_committed(self, first, icbc):
        with transaction.atomic():
            Product.objects.create(bank=icbc, name="渔民贷")
            assert "渔民贷" in current_vocabulary.current()
            assert in_threads(1, current_vocabulary.current) == [first]
        assert current_vocabulary.current() is first
        current_vocabulary.wait()
        assert "渔民贷" in current_vocabulary.current()

    def test_nothing_is_left_of_a_transaction_that_was_rolled_back(self, first, icbc):
        with transaction.atomic():
            Product.objects.create(bank=icbc, name="渔民贷")
            assert "渔民贷" in current_vocabulary.current()
            transaction.set_rollback(True)
        current_vocabulary.wait()
        assert "渔民贷" not in current_vocabulary.current()


def end_who_waits_for(table: str, other: psycopg.Connection) -> None:
    """Ends the first connection that waits for the lock on the table."""
    query = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
    while not other.execute(query, [table]).fetchone():
        pass
