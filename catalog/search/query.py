"""Which cases match a query, and in what order.

A case matches a term when it has all the words of the term, or the term as a run of characters, or the bank or product
that the term names. The vector's index answers the words and names exactly, and a run by its bigrams; only the cases it
lets through are checked for the run itself. A query of several terms wants all of them; when no case has all, any word
will do.
"""

from django.db.models import BooleanField, F, FloatField, Func, Q, QuerySet, Value, When
from django.db.models import Case as Choice

from catalog.search.lexicon import current
from catalog.search.segment import bigrams
from catalog.search.terms import Term, Word, parse
from catalog.search.vector import OVERFULL, quote

# Of body, headings, summary, title: the order in which `ts_rank` takes weights.
WEIGHTS = [0.1, 0.25, 0.5, 1.0]
# For a case that has a whole term as typed.
RUN_BONUS = 0.1
# A long run is found by bigrams taken evenly from it; the check of the run is for the rest.
_MOST_BIGRAMS = 48

_VECTOR = "search_entry__vector"
_TEXT = "search_entry__text"


def search_cases(queryset: QuerySet, query: str) -> QuerySet:
    """The cases of `queryset` that match, with `rank`, best first; equal ranks by key.

    Any string is a query. One with nothing to search for (empty, blanks, invisible characters) leaves the queryset as
    it is, order included, with rank 0. Costs two short queries at once: for the names, and whether all terms match.
    """
    terms = parse(query, current())
    if not terms:
        return queryset.annotate(rank=Value(0.0, output_field=FloatField()))
    found = _having_all(queryset, terms)
    if not found.exists():
        found = _having_any(queryset, terms)
    return found.annotate(rank=_rank(terms)).order_by("-rank", "pk")


class Matches(Func):
    """`vector @@ tsquery`; the query's lexemes are quoted by us and go in as a parameter."""

    arg_joiner = " @@ "
    template = "(%(expressions)s)"
    output_field = BooleanField()

    def __init__(self, tsquery: str):
        super().__init__(F(_VECTOR), TsQuery(tsquery))


class TsQuery(Func):
    template = "(%(expressions)s)::tsquery"

    def __init__(self, tsquery: str):
        super().__init__(Value(tsquery))


def _having_all(queryset: QuerySet, terms: list[Term]) -> QuerySet:
    for term in terms:
        exact = _either([_words(term), *([_run(term.text)] if len(term.text) <= 2 else [])])
        probable = _either([exact, _run(term.text), quote(OVERFULL)])
        queryset = queryset.filter(Matches(probable)).filter(Q(Matches(exact)) | Q(**{f"{_TEXT}__contains": term.text}))
    return queryset


def _having_any(queryset: QuerySet, terms: list[Term]) -> QuerySet:
    words = [word for term in terms for word in term.words]
    # A single character is in nearly every case.
    telling = [word for word in words if len(word.text) > 1] or words
    if not telling:
        return queryset.none()
    return queryset.filter(Matches(_either([_word(word) for word in telling])))


def _rank(terms: list[Term]):
    words = [word for term in terms for word in term.words]
    lexemes = [lexeme for word in words for lexeme in [*word.parts, *word.owners]]
    lexemes += [lexeme for term in terms for lexeme in _run_lexemes(term.text)]
    ranked = Func(
        Func(Value(WEIGHTS), template="(%(expressions)s)::float4[]"),
        F(_VECTOR),
        TsQuery(_either(map(quote, dict.fromkeys(lexemes)))),
        function="ts_rank",
        template="%(function)s(%(expressions)s)",
        output_field=FloatField(),
    )
    for term in terms:
        whole = When(**{f"{_TEXT}__contains": term.text}, then=Value(RUN_BONUS / len(terms)))
        ranked += Choice(whole, default=Value(0.0), output_field=FloatField())
    return ranked


def _words(term: Term) -> str:
    return _all([_word(word) for word in term.words])


def _word(word: Word) -> str:
    return _either([_all([quote(part) for part in word.parts]), *map(quote, word.owners)])


def _run(text: str) -> str:
    return _all([quote(lexeme) for lexeme in _run_lexemes(text)])


def _run_lexemes(text: str) -> list[str]:
    """A single character is a lexeme of its own."""
    found = list(dict.fromkeys(bigrams(text))) or [text]
    return found[:: -(-len(found) // _MOST_BIGRAMS)]


def _all(queries) -> str:
    return _joined(" & ", queries)


def _either(queries) -> str:
    return _joined(" | ", queries)


def _joined(operator: str, queries) -> str:
    """A tsquery of tsqueries; the empty one, which matches nothing, is left out."""
    queries = [query for query in queries if query]
    return f"({operator.join(queries)})" if len(queries) > 1 else "".join(queries)
