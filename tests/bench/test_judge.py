"""The figures of the judged queries, by values worked out by hand."""

import json
import math

import pytest

from bench.catalogue import keys_shown, public_cases
from bench.judge import JUDGED, figures, judge, missing
from bench.judgements import JudgedCase, JudgedQuery, Listed, grades_of, load, ndcg, reciprocal_rank
from tests.factories import make_case, make_source

LOG3 = math.log2(3)  # the discount of the second place; that of the first is 1, that of the third 2


class TestNdcg:
    def test_the_best_order_is_1(self):
        assert ndcg([3, 2, 1], [1, 2, 3]) == 1

    def test_a_case_in_a_worse_place_gains_less(self):
        # 7/1 + 0 + 1/2 of the 7/1 + 1/log2(3) that were possible
        assert ndcg([3, 0, 1], [3, 1]) == pytest.approx(7.5 / (7 + 1 / LOG3)) == pytest.approx(0.98284, abs=1e-5)

    def test_a_grade_counts_as_two_to_its_power_less_one(self):
        assert ndcg([1, 3], [1, 3]) == pytest.approx((1 + 7 / LOG3) / (7 + 1 / LOG3))

    def test_cases_of_one_grade_may_change_places(self):
        assert ndcg([2, 2, 1], [1, 2, 2]) == 1
        assert ndcg([2, 1, 2], [1, 2, 2]) == pytest.approx((3 + 1 / LOG3 + 3 / 2) / (3 + 3 / LOG3 + 1 / 2))

    def test_a_case_that_is_missing_gains_nothing(self):
        assert ndcg([3], [3, 3]) == pytest.approx(7 / (7 + 7 / LOG3))
        assert ndcg([], [3, 1]) == 0

    def test_a_case_of_grade_0_is_as_one_that_nobody_judged(self):
        assert ndcg([0, 3], [3, 0]) == pytest.approx(1 / LOG3)
        assert ndcg([3], [3, 0]) == 1

    def test_fewer_than_ten_may_be_the_best_order(self):
        assert ndcg([3, 1], [3, 1]) == 1

    def test_of_more_than_ten_relevant_cases_ten_are_the_best_order(self):
        assert ndcg([1] * 10, [1] * 12) == 1
        assert ndcg([1] * 10, [3, *[1] * 12]) < 1

    def test_what_comes_after_ten_places_gains_nothing(self):
        assert ndcg([0] * 10 + [3], [3]) == 0
        assert ndcg([0] * 9 + [3], [3]) == pytest.approx(1 / math.log2(11))


class TestReciprocalRank:
    @pytest.mark.parametrize(
        ("grades", "value"),
        [([3, 3], 1), ([2, 3, 3], 1 / 2), ([2, 1, 0], 0), ([], 0), ([0] * 9 + [3], 1 / 10), ([0] * 10 + [3], 0)],
    )
    def test_is_that_of_the_first_case_of_grade_3_within_ten_places(self, grades, value):
        assert reciprocal_rank(grades) == value


class TestGrades:
    def test_a_case_is_named_by_its_title_whatever_the_marks_and_width(self):
        judged = [JudgedCase("化“知产”为“资产”——ＡＢＮ", None, 2)]
        assert grades_of([Listed("别的", "a.txt"), Listed("化知产为资产 abn", "b.txt")], judged) == [0, 2]

    def test_or_by_its_document(self):
        assert grades_of([Listed("甲", "a.txt"), Listed("乙", "aa.txt")], [JudgedCase(None, "a.txt", 3)]) == [3, 0]

    def test_a_case_without_a_document_is_not_one_of_no_name(self):
        assert grades_of([Listed("甲", "")], [JudgedCase(None, None, 3)]) == [0]

    def test_a_judged_case_that_is_listed_again_counts_once(self):
        assert grades_of([Listed("甲", ""), Listed("甲", "")], [JudgedCase("甲", None, 3)]) == [3, 0]

    def test_two_cases_of_one_title_are_two(self):
        judged = [JudgedCase("甲", None, 3), JudgedCase("甲", None, 1)]
        assert grades_of([Listed("甲", ""), Listed("甲", "")], judged) == [3, 1]


class TestFiles:
    @pytest.mark.parametrize("path", sorted(JUDGED.glob("*.json")), ids=lambda path: path.stem)
    def test_those_of_the_project_can_be_read(self, path):
        queries = load(path)
        assert len(queries) > 20
        assert all(query.text and query.kind for query in queries)
        assert all(set(query.grades) <= {0, 1, 2, 3} for query in queries)

    def test_a_query_with_nothing_to_find_is_refused(self, tmp_path):
        path = tmp_path / "topics.json"
        rel = [{"title": "甲", "source": None, "grade": 0}]
        path.write_text(json.dumps([{"q": "渔民", "kind": "keyword", "rel": rel}]), encoding="utf-8")
        with pytest.raises(ValueError, match="渔民"):
            load(path)


class TestReport:
    def test_a_row_a_kind_and_one_of_all(self):
        relevant = (JudgedCase("甲", None, 3),)
        answers = {"a": [Listed("甲", "")], "b": [Listed("乙", ""), Listed("甲", "")], "c": []}
        queries = [JudgedQuery("a", "x", relevant), JudgedQuery("b", "x", relevant), JudgedQuery("c", "y", relevant)]
        assert figures([judge(query, answers.__getitem__) for query in queries]) == [
            ["x", "0.8155", "0.7500", "2", "0"],  # (1 + 1/log2(3)) / 2 and (1 + 1/2) / 2
            ["y", "0.0000", "0.0000", "1", "1"],
            ["合计", "0.5436", "0.5000", "3", "1"],
        ]

    def test_judged_cases_that_the_catalogue_lacks_are_counted_once(self):
        judged = (JudgedCase("甲", None, 3), JudgedCase("乙", None, 1), JudgedCase(None, "a.txt", 1))
        queries = [JudgedQuery("渔民", "x", judged), JudgedQuery("光伏", "x", judged)]
        assert missing(queries, [Listed("甲", "")]) == 2

    @pytest.mark.django_db
    def test_the_order_is_that_of_a_page(self):
        make_case("部分", "渔民")
        make_case("草稿", "渔民 光伏", status="draft")
        make_case("全部", "渔民 光伏", source=make_source([], name="a.txt"))
        cases = public_cases()
        assert [cases[key] for key in keys_shown("渔民 光伏", 10)] == [Listed("全部", "a.txt"), Listed("部分", "")]
        assert len(keys_shown("渔民", 1)) == 1
