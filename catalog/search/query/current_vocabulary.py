"""The vocabulary of the catalogue of this moment: its words, phrases and names, for correcting and suggestions.

A vocabulary takes seconds to build where the catalogue is large. So when a name has changed, or the catalogue has grown
by a tenth, no reader waits: a thread, one in the process, builds the next vocabulary, and readers have the last one
until it is there. Corrections and term suggestions know of the change some seconds later; a search for the name itself
goes by the lexicon, which knows it at once. Only where a process has no vocabulary yet do its readers wait for the
thread, up to their deadline; a server has the first one built before it forks (`maintenance.warm`).

The thread has a connection of its own, which sees nothing that is not committed. A transaction that has written
(PostgreSQL has given it a number: an import, a command, a test) may see names and texts that no other sees: for it the
vocabulary is built in place, and kept apart from that of the readers.
"""

import logging
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic

from django.db import connection, transaction

from catalog.models import Category, Phrase, SearchEntry, SearchText
from catalog.search.deadlines import check
from catalog.search.match.phrases import PhraseMatcher
from catalog.search.match.reader import open_reader
from catalog.search.names import lexicon, thesaurus
from catalog.search.query.vocabulary import Vocabulary, phrases
from catalog.text import segment
from catalog.text.normalise import fold, is_chinese
from config.database.connections import leave_pool
from config.database.copying import copy_rows

# Enough texts to know the trade's phrases; and so many where none were gathered yet.
_SAMPLE = 3_000
_SAMPLE_AT_ONCE = 100
# In a smaller sample what is said once is said; in a larger one it is chance.
_LARGE_SAMPLE = 500
_MOST_PHRASES = 100_000
_MOST_WORDS = 100_000
# The text of the one row of `Phrase` that is no phrase: its `texts` are the public entries at the last gathering.
_GATHERED = ""
# Phrases are gathered anew when so many public entries more or fewer, and such a share, have come or gone.
_DUE, _DUE_SHARE = 50, 0.1
# The dictionary has words that nobody has met more often than this.
_RARE = 3
# A name is meant more often than a phrase as frequent.
_NAME = 20

logger = logging.getLogger(__name__)


def current() -> Vocabulary:
    """The newest vocabulary that is built; see the module for when it lags behind the catalogue."""
    state = _state()
    if state.transaction:
        return _builder.in_place(state)
    return _builder.newest(state)


def wait() -> None:
    """Until no vocabulary is being built; raises `SearchTimeout` at the deadline of the caller."""
    _builder.wait()


def stands(run: str) -> bool:
    """Whether a folded run of characters stands in any public case as it is."""
    return PhraseMatcher(open_reader()).stands(run)


def is_word(word: str) -> bool:
    """Whether a folded word is one, in the language or among the editors' synonyms: no slip then."""
    return _in_dictionary(word) or word in thesaurus.latest()


# --- Phrases ----------------------------------------------------------------------------------------------------------


def phrases_are_due() -> bool:
    """Whether the phrases were never gathered though there are public entries, or from far fewer or more of them."""
    entries = SearchEntry.objects.public().count()
    gathered = Phrase.objects.filter(text=_GATHERED).values_list("texts", flat=True).first()
    if gathered is None:
        return entries > 0
    return abs(entries - gathered) > max(_DUE, _DUE_SHARE * gathered)


def refresh_phrases(sample: int = _SAMPLE) -> int:
    """Gathers the phrases of the public entries' texts, or of `sample` of them, anew; returns how many there are.

    For the end of an import or a rebuild: takes some seconds for 3,000 texts. The same texts give the same phrases.
    """
    entries = SearchEntry.objects.public().count()
    ordered = sorted(_phrases(sample).items(), key=lambda phrase: (-phrase[1], len(phrase[0]), phrase[0]))
    kept = ordered[:_MOST_PHRASES]
    with transaction.atomic(), connection.cursor() as cursor:
        # Of two at once the second waits; readers do not.
        cursor.execute("LOCK TABLE catalog_phrase IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM catalog_phrase")
        copy_rows("catalog_phrase", "text, texts", [(_GATHERED, entries), *kept])
    return len(kept)


def _phrases(sample: int) -> Counter[str]:
    """Per phrase the number of texts in the sample that have it. Drafts are no part of it: phrases are shown."""
    keys = list(SearchEntry.objects.public().order_by("pk").values_list("pk", flat=True))
    if len(keys) > sample:
        keys = sorted(random.Random(sample).sample(keys, sample))
    least = 1 if len(keys) < _LARGE_SAMPLE else 2
    return phrases(_texts(keys), lexicon.current().segmenter.cut, least)


def _texts(keys: list[int]) -> Iterator[str]:
    texts = SearchText.objects.filter(pk__in=keys).order_by("pk").values_list("text", flat=True)
    for text in texts.iterator(chunk_size=100):
        check()
        yield text


# --- Building ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _State:
    """All that a vocabulary depends on, as far as another one is worth building.

    `names`: the digest of the lexicon; `size`: of the catalogue, to a tenth; `phrases`: by which transaction they were
    gathered; `transaction`: the number of this one, if it has written.
    """

    names: str
    chapters: tuple[str, ...]
    size: int
    phrases: str
    transaction: str | None


def _state() -> _State:
    names, chapters = lexicon.current().digest, _chapters()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(sum(entries), 0) FROM catalog_lexemecount WHERE lexeme = ''), "
            # Every gathering writes all phrases, in a transaction of its own.
            "(SELECT coalesce(max(xmin::text), '') FROM (SELECT xmin FROM catalog_phrase LIMIT 1) AS phrase), "
            "pg_current_xact_id_if_assigned()::text"
        )
        entries, gathered, writing = cursor.fetchone()
    return _State(names, chapters, round(10 * math.log(int(entries) + 1)), gathered, writing)


class _Builder:
    """The vocabularies of a process, and the thread that builds the next one."""

    RETRY = 30.0  # seconds after a build that failed
    _TICK = 0.02  # seconds between two looks at the deadline of one who waits

    def __init__(self):
        self._newest: tuple[_State, Vocabulary] | None = None
        self._in_place: tuple[_State, Vocabulary] | None = None
        self._lock = Lock()
        self._thread: Thread | None = None
        self._failed = -math.inf

    def newest(self, state: _State) -> Vocabulary:
        """The last one built, at once; where it is not of this state, the thread is sent to build the next.

        The first one is waited for; where it could not be built there are no words: nothing is corrected.
        """
        newest, self._in_place = self._newest, None
        if newest is None or newest[0] != state:
            self._start()
        if newest is None:
            self.wait()
            newest = self._newest
        return newest[1] if newest else Vocabulary(())

    def in_place(self, state: _State) -> Vocabulary:
        """For a transaction that has written."""
        kept = self._in_place
        if kept is None or kept[0] != state:
            kept = self._in_place = state, _build()
        return kept[1]

    def wait(self) -> None:
        """Until the thread, if there is any, has ended; raises `SearchTimeout` at the deadline of the caller."""
        thread = self._thread
        while thread and thread.is_alive():
            thread.join(self._TICK)
            check()

    def _start(self) -> None:
        with self._lock:
            # A thread does not live on in a fork.
            idle = self._thread is None or not self._thread.is_alive()
            if idle and monotonic() >= self._failed + self.RETRY:
                self._thread = Thread(target=self._run, name="vocabulary", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        leave_pool()  # those who wait for this thread may have all connections of it
        try:
            # Read before what it stands for: what changes meanwhile is built again.
            state = _state()
            if self._newest is None or self._newest[0] != state:
                self._newest = state, _build()
        except Exception:
            logger.exception("The vocabulary could not be built; the last one serves on")
            self._failed = monotonic()
        finally:
            connection.close()


_builder = _Builder()


def _build() -> Vocabulary:
    names = lexicon.current()
    pairs = _lexemes("length(lexeme) = 2")
    vocabulary = Vocabulary(_terms(names, pairs), (pair for pair, _ in pairs), holds=stands)
    vocabulary.prepare()
    return vocabulary


def _terms(names: lexicon.Lexicon, pairs: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    gathered = list(Phrase.objects.exclude(text=_GATHERED).values_list("text", "texts"))
    yield from gathered or _phrases(_SAMPLE_AT_ONCE).items()
    # Banks without a case are known, but seldom meant.
    owners = dict(_lexemes("lexeme BETWEEN chr(1) AND chr(2)"))
    for lexeme, owned in names.owners.items():
        for name in set(map(fold, owned)):
            yield name, _NAME if lexeme in owners else 1
    yield from ((fold(name), _NAME) for name in _chapters())
    for word, count in _lexemes("length(lexeme) > 2 AND lexeme !~ '[\\x01 ]'", _MOST_WORDS):
        if word.isalpha() or any(map(is_chinese, word)):
            yield word, count
    yield from ((pair, count) for pair, count in pairs if _in_dictionary(pair))


def _lexemes(condition: str, most: int | None = None) -> list[tuple[str, int]]:
    """Lexemes and the number of their entries, the most frequent first; `condition` is SQL of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT lexeme, sum(entries) FROM catalog_lexemecount WHERE {condition} "
            "GROUP BY lexeme HAVING sum(entries) > 0 ORDER BY 2 DESC, 1 LIMIT %s",
            [most],
        )
        return cursor.fetchall()


def _chapters() -> tuple[str, ...]:
    return tuple(Category.objects.order_by("pk").values_list("name", flat=True))


def _in_dictionary(word: str) -> bool:
    return segment._dictionary()[0].get(word, 0) >= _RARE
