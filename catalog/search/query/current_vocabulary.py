"""The vocabulary of the catalogue of this moment: its words, phrases and names, for correcting and suggestions."""

import math
import random
from collections.abc import Iterator

from django.db import connection, transaction

from catalog.models import Category, Phrase, SearchText
from catalog.search.deadlines import paused
from catalog.search.match.phrases import PhraseMatcher
from catalog.search.match.reader import open_reader
from catalog.search.names import lexicon, thesaurus
from catalog.search.query.vocabulary import Vocabulary, phrases
from catalog.text import segment
from catalog.text.normalise import fold, is_chinese

# Enough to know the trade's phrases; and what may be read while somebody waits, where none were gathered yet.
_SAMPLE = 3_000
_SAMPLE_AT_ONCE = 100
_MOST_PHRASES = 100_000
_MOST_WORDS = 100_000
# The dictionary has words that nobody has met more often than this.
_RARE = 3
# A name is meant more often than a phrase as frequent.
_NAME = 20

_latest: tuple[tuple, Vocabulary] | None = None


def current() -> Vocabulary:
    """Built anew when names or phrases have changed, or the catalogue has grown by a tenth: some seconds when large."""
    global _latest
    names = lexicon.current()
    version = (names, _chapters(), *_size())
    if _latest is None or _latest[0] != version:
        with paused():
            made = _made(names)
            made.prepare()
        _latest = version, made
    return _latest[1]


def stands(run: str) -> bool:
    """Whether a folded run of characters stands in any case as it is."""
    return PhraseMatcher(open_reader()).stands(run)


def is_word(word: str) -> bool:
    """Whether a folded word is one, in the language or among the editors' synonyms: no slip then."""
    return _in_dictionary(word) or word in thesaurus.latest()


@transaction.atomic
def gather(sample: int = _SAMPLE) -> int:
    """Reads the phrases out of the texts, or of a sample of them, and returns how many there are.

    For the end of an import or a rebuild. Deterministic.
    """
    found = _phrases(sample).most_common(_MOST_PHRASES)
    Phrase.objects.all().delete()
    Phrase.objects.bulk_create((Phrase(text=text, texts=count) for text, count in found), batch_size=5_000)
    return len(found)


def _made(names: lexicon.Lexicon) -> Vocabulary:
    pairs = _lexemes("length(lexeme) = 2")
    return Vocabulary(_terms(names, pairs), (pair for pair, _ in pairs), holds=stands)


def _in_dictionary(word: str) -> bool:
    return segment._dictionary()[0].get(word, 0) >= _RARE


def _terms(names: lexicon.Lexicon, pairs: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    stored = list(Phrase.objects.values_list("text", "texts"))
    yield from stored or _phrases(_SAMPLE_AT_ONCE).items()
    # Banks of which nothing is told yet are known, but seldom meant.
    told = dict(_lexemes("lexeme BETWEEN chr(1) AND chr(2)"))
    for lexeme, owned in names.owners.items():
        for name in set(map(fold, owned)):
            yield name, _NAME if lexeme in told else 1
    yield from ((fold(name), _NAME) for name in _chapters())
    for word, count in _lexemes("length(lexeme) > 2 AND lexeme !~ '[\\x01 ]'", _MOST_WORDS):
        if word.isalpha() or any(map(is_chinese, word)):
            yield word, count
    yield from ((pair, count) for pair, count in pairs if _in_dictionary(pair))


def _lexemes(condition: str, most: int | None = None) -> list[tuple[str, int]]:
    """From the ledger; `condition` is SQL of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT lexeme, sum(entries) FROM catalog_lexemecount WHERE {condition} "
            "GROUP BY lexeme HAVING sum(entries) > 0 ORDER BY 2 DESC, 1 LIMIT %s",
            [most],
        )
        return cursor.fetchall()


def _phrases(sample: int):
    keys = list(SearchText.objects.order_by("pk").values_list("pk", flat=True))
    if len(keys) > sample:
        keys = sorted(random.Random(sample).sample(keys, sample))
    texts = (
        SearchText.objects.filter(pk__in=keys).order_by("pk").values_list("text", flat=True).iterator(chunk_size=100)
    )
    # In a small catalogue what is said once is said; in a large one it is chance.
    return phrases(texts, lexicon.current().segmenter.cut, least=1 if len(keys) < 500 else 2)


def _chapters() -> tuple[str, ...]:
    return tuple(Category.objects.order_by("pk").values_list("name", flat=True))


def _size() -> tuple[int, int, str]:
    """How large the catalogue is, to a tenth, and which phrases were gathered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(sum(entries), 0) FROM catalog_lexemecount WHERE lexeme = ''), "
            "(SELECT count(*) FROM catalog_phrase), "
            # Every gathering writes all phrases, in a transaction of its own.
            "(SELECT coalesce(max(xmin::text::bigint), 0)::text FROM (SELECT xmin FROM catalog_phrase LIMIT 1) AS one)"
        )
        entries, count, gathered = cursor.fetchone()
    return round(10 * math.log(int(entries) + 1)), count, gathered
