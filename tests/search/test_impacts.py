"""What a lexeme says about a case, as the index keeps it, and the scores that come of it."""

import pytest

from catalog.models import SearchEntry
from catalog.models.search import SEPARATOR
from catalog.search.index.impacts import FULL, best_first, impacts
from catalog.search.index.lexemes import tells
from catalog.search.match.sql import best


class TestImpacts:
    def test_are_a_byte_a_lexeme_in_their_order(self):
        assert impacts(["中", "企业", "融资"], {"融资": 1.0, "企业": 0.5}) == bytes([0, FULL // 2 + 1, FULL])

    def test_however_little_a_lexeme_says_it_is_more_than_nothing(self):
        assert impacts(["企业"], {"企业": 0.0001}) == b"\x01"

    @pytest.mark.django_db
    def test_of_a_case_those_of_marks_and_single_characters_are_zero(self, make_case):
        entry = make_case("渔民，出海", "企业融资").search_entry
        impact_of = dict(zip(entry.lexemes.split(SEPARATOR), bytes(entry.content.impacts), strict=True))
        assert {lexeme for lexeme, impact in impact_of.items() if impact} == set(filter(tells, impact_of))
        assert impact_of["渔民"] > impact_of["企业"] > 0


@pytest.mark.django_db
class TestBest:
    def test_is_the_sum_of_what_the_lexemes_say_times_what_they_are_worth(self, make_case):
        case = make_case("渔民", "企业融资")
        told = bytes(case.search_entry.content.impacts)
        held = case.search_entry.lexemes.split(SEPARATOR)
        asked = {"渔民": 2.0, "融资": 3.0, "银行": 5.0}
        wanted = sum(asked[one] * told[held.index(one)] / FULL for one in ("渔民", "融资"))
        [(key, score)] = best(SearchEntry.objects.all(), asked)
        assert key == case.pk
        assert score == pytest.approx(wanted)

    def test_equal_scores_are_in_the_order_of_the_keys(self, make_case):
        keys = [make_case("渔民").pk for _ in range(3)]
        first = make_case("渔民 渔民 渔民").pk
        assert [key for key, _ in best(SearchEntry.objects.all(), {"渔民": 1.0}, 3)] == [first, *keys[:2]]
        assert best_first([(2, 0.5), (1, 0.5), (3, 0.7)]) == [(3, 0.7), (1, 0.5), (2, 0.5)]
