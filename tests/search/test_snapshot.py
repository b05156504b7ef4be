"""A snapshot answers as the tables do; what was written since is answered by the tables."""

import random
from datetime import date

import numpy as np
import pytest
from django.core.management import call_command

from catalog.models import Case, PostingList, Snapshot, SynonymGroup, WrittenEntry
from catalog.search.index.lexemes import run
from catalog.search.maintenance import rebuild
from catalog.search.match import reader
from catalog.search.match.reader import IndexReader, open_reader
from catalog.search.query.plan import plan_query
from catalog.search.query.ranking import rank
from catalog.search.snapshot import bitmaps, build, store
from catalog.search.snapshot.store import BLOCK, packed, unpacked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(build, "LEAST", 3)


def both(query: str):
    return plan_query(query).results, plan_query(query, reader=IndexReader()).results


class TestPlaces:
    @pytest.mark.parametrize("count", [0, 1, 2, 100, 3900, 4100, BLOCK - 1, BLOCK])
    def test_are_read_as_they_were_stored(self, count):
        places = np.sort(np.random.default_rng(count).choice(BLOCK, count, replace=False))
        assert bitmaps.places(unpacked(packed(places)), BLOCK).tolist() == places.tolist()

    @pytest.mark.parametrize("size", [1, 7, 8, 9, 1000])
    def test_all_and_none(self, size):
        assert bitmaps.number(bitmaps.all_of(size)) == size
        assert bitmaps.number(bitmaps.none(size)) == 0
        assert bitmaps.places(bitmaps.of_places(np.array([size - 1]), size), size).tolist() == [size - 1]

    def test_the_smallest_are_the_first_of_equal_ones(self):
        assert bitmaps.smallest(np.array([3, 1, 2, 1, 1, 0]), 3).tolist() == [1, 3, 5]
        assert bitmaps.smallest(np.array([3, 1]), 3).tolist() == [0, 1]


class TestReader:
    def test_is_of_the_tables_until_there_is_a_snapshot(self, make_case):
        make_case("甲")
        assert open_reader().snapshot.size == 0
        build.build_snapshot()
        assert open_reader().snapshot.size == 1

    def test_sees_what_was_saved_and_deleted_since(self, make_case):
        for n in range(5):
            make_case(f"渔民{n}")
        build.build_snapshot()
        Case.objects.get(title="渔民0").delete()
        changed = Case.objects.get(title="渔民1")
        changed.title = "农民"
        changed.save()
        make_case("渔民新")
        hidden = Case.objects.get(title="渔民2")
        hidden.status = Case.Status.DRAFT
        hidden.save()
        results = plan_query("渔民").results
        titles = set(Case.objects.filter(pk__in=results.every_key()).values_list("title", flat=True))
        assert titles == {"渔民3", "渔民4", "渔民新"}
        assert results.total == 3

    def test_asks_the_tables_where_very_much_was_written_since(self, make_case, monkeypatch):
        monkeypatch.setattr(reader, "MOST_WRITTEN", 2)
        make_case("甲")
        build.build_snapshot()
        make_case("乙")
        assert open_reader().written
        make_case("丙")
        make_case("丁")
        assert open_reader().written is None


class TestResults:
    ORDERS = [("category__position", "place"), ("-published_on",), ("bank__position",), ("-updated_at",)]

    @pytest.fixture
    def many(self, make_case, icbc, chapter, snapshot_sometimes):
        chance = random.Random(1)
        for n in range(60):
            if n == 45:
                snapshot_sometimes()
            make_case(
                f"案例{n}",
                "企业" * chance.randint(0, 9) + "渔民" * chance.randint(0, 3) + "其他" * 30,
                bank=chance.choice([icbc, None]),
                category=chance.choice([chapter, None]),
                number=chance.choice([None, n]),
                published_on=chance.choice([None, date(2020, 1, n % 28 + 1), date(2021, 1, 1)]),
            )
        snapshot_sometimes()

    @pytest.mark.slow
    @pytest.mark.parametrize("order", ORDERS)
    def test_pages_are_in_the_order_of_the_tables(self, many, order):
        for query in ["企业", "渔民", "年份:2020"]:
            seen, tables = both(query)
            whole = tables.page(order, 0, 100)
            assert seen.page(order, 0, 100) == whole
            assert [key for start in range(0, 60, 7) for key in seen.page(order, start, start + 7)] == whole

    def test_the_best_are_those_of_the_tables_with_the_same_scores(self, many, monkeypatch):
        monkeypatch.setattr("catalog.search.query.ranking.RERANKED", 3)
        for query in ["企业", "渔民 企业", "渔民养鱼的企业", "案例7"]:
            plan = plan_query(query)
            whole = rank(plan, both(query)[1], 0, 100)
            assert rank(plan, plan.results, 0, 100) == whole
            assert [row for start in range(0, 60, 7) for row in rank(plan, plan.results, start, start + 7)] == whole


class TestLists:
    def test_names_and_words_of_the_thesaurus_have_lists_even_if_they_stand_nowhere(self, make_case, icbc):
        SynonymGroup.objects.create(words="晚点还款 延期还本付息")
        make_case("请晚点还款给我", bank=icbc)
        build.build_snapshot()
        # The dictionary knows the bank's shorter names.
        assert {run("晚点还款"), run("中国工商银行股份有限公司")} <= store.newest().frequent
        assert plan_query('"晚点还款"').results.total == 1
        assert plan_query("中国工商银行股份有限公司").results.total == 1

    def test_common_runs_have_lists(self, make_case):
        for n in range(6):
            make_case(f"第{n}个", "小微企业融资难")
        build.build_snapshot()
        assert run("微企业融") in store.newest().frequent
        make_case("又", "小微企业融资贵")
        assert plan_query("微企业融").results.total == 7

    def test_what_was_found_in_the_texts_is_known_to_the_next_search(self, make_case):
        cases = [make_case(f"第{n}个", "企业塘边养鱼" if n in (1, 4) else "塘边企业养鱼") for n in range(6)]
        build.build_snapshot()
        assert set(plan_query("业塘边").results.every_key()) == {cases[1].pk, cases[4].pk}
        assert run("业塘边") not in store.newest().frequent
        assert store.newest().posting_lists([run("业塘边")])
        # Those written since are looked at all the same.
        cases[1].body = "企业在塘边养鱼"
        cases[1].save()
        cases[0].body = "企业塘边"
        cases[0].save()
        assert set(plan_query("业塘边").results.every_key()) == {cases[0].pk, cases[4].pk}

    def test_a_latin_word_is_found_inside_others_too(self, make_case):
        for n in range(4):
            make_case(f"第{n}", "webank 微众" if n % 2 else "the bank 银行")
        build.build_snapshot()
        assert plan_query("bank").results.total == 4


class TestSealing:
    def test_keeps_only_the_newest(self, make_case):
        for n in range(4):
            make_case(f"渔民{n}")
        build.build_snapshot()
        make_case("渔民")
        build.build_snapshot()
        stored = Snapshot.objects.get()
        assert stored.entries == 5
        assert set(PostingList.objects.values_list("snapshot", flat=True)) == {stored.pk}
        assert not WrittenEntry.objects.exists()

    def test_is_due_when_many_cases_are_not_in_it(self, make_case, monkeypatch):
        make_case("甲")
        assert not build.is_due()
        monkeypatch.setattr(build, "WORTH_IT", 1)
        assert build.is_due()
        build.build_snapshot()
        make_case("乙")
        assert not build.is_due()

    def test_an_import_ends_with_one(self, db, tmp_path, monkeypatch):
        monkeypatch.setattr(build, "WORTH_IT", 1)
        path = tmp_path / "案例.jsonl"
        path.write_text('{"title": "渔民出海", "text": "渔民"}\n', encoding="utf-8")
        call_command("import_cases", str(path), verbosity=0)
        assert Snapshot.objects.get().entries == 1
        assert plan_query("渔民").results.total == 1

    def test_that_of_a_second_rebuild_is_not_taken_for_that_of_the_first(self, make_case, monkeypatch):
        monkeypatch.setattr(build, "WORTH_IT", 1)
        for n in range(3):
            make_case(f"渔民{n}")
            rebuild.rebuild_index()
            assert store.newest().size == n + 1
            assert plan_query("渔民").results.total == n + 1

    def test_so_does_a_rebuild(self, make_case, monkeypatch):
        monkeypatch.setattr(build, "WORTH_IT", 1)
        make_case("渔民")
        rebuild.rebuild_index()
        assert Snapshot.objects.get().entries == 1
        assert open_reader().snapshot.size == 1
        assert plan_query("渔民").results.total == 1
