"""What a reader may mean while still typing: banks, products, chapters, terms and cases.

What is typed may be Chinese in either script, letters, pinyin (fugong for 复工贷) or initials (gsyh). Names that
begin so come before those that have it inside. Names and terms are looked up in the process, titles by one query.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from catalog.models import Bank, Case, CaseTitle, Category, Product
from catalog.search.deadlines import paused
from catalog.search.names import lexicon
from catalog.search.query import current_vocabulary
from catalog.search.query.correction import shown
from catalog.text import pinyin
from catalog.text.normalise import fold, is_chinese, normalise

LIMIT = 10
LONGEST_PREFIX = 50
# Of so many the best are taken, and the rest is not looked at: the next letter tells more.
_MOST = 60
_SHORTEST_INSIDE = 2
# In so many cases at least.
_WORD, _PHRASE = 2, 5


@dataclass(frozen=True)
class Suggestion:
    """`label` is shown; label[match[0]:match[1]] is what was typed, empty where it was typed in letters.

    `note` tells it from others of the same label: of a product, whose it is.
    """

    kind: str
    label: str
    url: str
    match: tuple[int, int] = (0, 0)
    note: str = ""

    @property
    def parts(self) -> tuple[str, str, str]:
        """The label before, in and after the match."""
        start, end = self.match
        return self.label[:start], self.label[start:end], self.label[end:]


@dataclass(frozen=True, slots=True)
class _Name:
    """A name of the row `key` of `model`, and how it may be typed. `nth`: 0 for the one by which it is listed."""

    model: type
    key: int
    nth: int
    folded: str
    sounds: tuple[str, ...]
    initials: tuple[str, ...]


# How many of each kind at most, in the order in which they are shown.
_SHARES = {"银行": 3, "章节": 2, "产品": 4, "检索": 3, "案例": 5}


def suggest(prefix: str, limit: int = LIMIT) -> list[Suggestion]:
    """At most `limit`, a few of each kind, what begins as typed first. Nothing for what nothing begins with."""
    typed = fold(prefix[:LONGEST_PREFIX])
    if not typed:
        return []
    found = [*_named(typed), *_terms(typed), *_titles(typed)]
    return _balanced(found, limit)


def _balanced(found: list[Suggestion], limit: int) -> list[Suggestion]:
    """Each kind's share first; places that are left go to whatever there is more of."""
    kinds: dict[str, list[Suggestion]] = defaultdict(list)
    names = {one.label for one in found if one.kind != "检索"}
    for one in dict.fromkeys(found):
        # A term that is a name is suggested as the name.
        if one.kind != "检索" or one.label not in names:
            kinds[one.kind].append(one)
    chosen = {kind: kinds[kind][:share] for kind, share in _SHARES.items()}
    left = limit - sum(map(len, chosen.values()))
    for kind, share in reversed(_SHARES.items()):
        more = kinds[kind][share : share + max(0, left)]
        chosen[kind] += more
        left -= len(more)
    return [one for kind in _SHARES for one in chosen[kind]][:limit]


# --- Names ------------------------------------------------------------------------------------------------------------


def _named(typed: str) -> Iterator[Suggestion]:
    ranks: dict[tuple[type, int], tuple] = {}
    sound = pinyin.typed(typed).replace(" ", "") if typed.isascii() else ""
    for name in names().having(*filter(None, [typed, sound])):
        rank = _rank(name, typed, sound)
        if rank is not None:
            place = (rank, name.nth, len(name.folded), name.folded)
            row = name.model, name.key
            ranks[row] = min(place, ranks.get(row, place))
    best = sorted(ranks, key=lambda row: (*ranks[row], row[1]))
    for model, kind in ((Bank, "银行"), (Category, "章节"), (Product, "产品")):
        keys = [key for row_model, key in best if row_model is model][:_MOST]
        rows = model.objects.in_use()
        rows = (rows.select_related("bank") if model is Product else rows).in_bulk(keys) if keys else {}
        for row in (rows[key] for key in keys if key in rows):
            note = row.bank.name if model is Product else ""
            yield Suggestion(kind, row.name, row.get_absolute_url(), _match(row.name, typed), note)


def _rank(name: _Name, typed: str, sound: str) -> int | None:
    """0 for the name itself, then names that begin so as written, by letters, and those that have it inside."""
    if name.folded == typed:
        return 0
    if name.folded.startswith(typed):
        return 1
    if sound and typed in name.initials:
        return 1
    if sound and any(written.startswith(sound) for written in (*name.sounds, *name.initials)):
        return 2
    if len(typed) < _SHORTEST_INSIDE:
        return None
    if typed in name.folded:
        return 3
    # Inside a name spoken only from a syllable on, and two syllables at least, or everything has something.
    if len(sound) > 3 and any(sound in spoken for spoken in name.sounds) and len(pinyin.segment(sound)) > 1:
        return 4
    return None


class _Names:
    """All names; which of them have a text inside, as written or by sound, is one search in one long text."""

    def __init__(self, names: list[_Name]):
        self.names = names
        lines = ["\t".join([name.folded, *name.sounds, *name.initials]) for name in names]
        self.text = "\n".join(lines)
        self.ends = list(accumulate(len(line) + 1 for line in lines))

    def having(self, *texts: str) -> list[_Name]:
        found = set()
        for text in texts:
            place = self.text.find(text)
            while place >= 0:
                number = bisect_right(self.ends, place)
                found.add(number)
                place = self.text.find(text, self.ends[number])
        return [self.names[number] for number in sorted(found)]


_known: tuple[tuple, _Names] | None = None


def names() -> _Names:
    """Of banks, products and chapters; built anew when one has changed."""
    global _known
    owned = lexicon.current()
    chapters = tuple(Category.objects.order_by("pk").values_list("pk", "name"))
    version = (owned, chapters)
    if _known is None or _known[0] != version:
        with paused():
            _known = version, _Names([*_spelled(owned.owners, chapters)])
    return _known[1]


def _spelled(owners: dict[str, list[str]], chapters: tuple[tuple[int, str], ...]) -> Iterator[_Name]:
    yield from (_name(Category, key, 0, name) for key, name in chapters)
    for lexeme, owned in owners.items():
        kind, key = lexeme.strip("\x01").split(":")
        model = Bank if kind == "bank" else Product
        yield from (_name(model, int(key), nth, name) for nth, name in enumerate(owned))


def _name(model: type, key: int, nth: int, name: str) -> _Name:
    return _Name(model, key, nth, *_typed_as(name))


@lru_cache(maxsize=50_000)
def _typed_as(name: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    folded = fold(name)
    spoken = "".join(filter(str.isalnum, folded))
    if not any(map(is_chinese, spoken)):
        return folded, (), ()
    keys = pinyin.keys(spoken, 4)
    return folded, tuple(keys.sounds), tuple(keys.initials)


# --- Terms ------------------------------------------------------------------------------------------------------------


def _terms(typed: str) -> Iterator[Suggestion]:
    """Phrases of the texts to search for; of one character or letter there would be too many to mean one."""
    if len(typed) < 2:
        return
    vocabulary, named = current_vocabulary.current(), lexicon.latest().by_name
    terms = [
        term
        for term in vocabulary.beginning(typed)
        # A name is suggested as what it names.
        if term not in named and _is_telling(term, vocabulary.frequency[term])
    ]
    for term in sorted(terms, key=vocabulary.order)[:_MOST]:
        label = shown(term)
        yield Suggestion("检索", label, f"{reverse('cases')}?{urlencode({'q': label})}", _match(label, typed))


def _is_telling(term: str, count: int) -> bool:
    """Words that are used more than once, and phrases that are used often enough to be one thing."""
    if len(term) < 3 or not any(map(is_chinese, term)):
        return False
    return count >= _WORD if current_vocabulary.is_word(term) else len(term) > 3 and count >= _PHRASE


# --- Titles -----------------------------------------------------------------------------------------------------------


def _titles(typed: str) -> list[Suggestion]:
    begins = Q(folded__startswith=typed)
    sound = pinyin.typed(typed).replace(" ", "") if typed.isascii() else ""
    if sound:
        begins |= Q(sound__startswith=sound) | Q(initials__startswith=sound)
    found = list(_public(begins)[:_MOST])
    if len(found) < _SHARES["案例"] and len(typed) >= _SHORTEST_INSIDE:
        inside = Q(pairs__contains=[a + b for a, b in pairwise(typed)]) & Q(folded__contains=typed)
        found += [row for row in _public(inside)[:_MOST] if row not in found]
    return [Suggestion("案例", row.title, row.case.get_absolute_url(), _match(row.title, typed)) for row in found]


def _public(condition: Q):
    rows = CaseTitle.objects.filter(condition, case__in=Case.objects.public()).select_related("case")
    return rows.only("title", "case__slug")


def _match(label: str, typed: str) -> tuple[int, int]:
    """Where the typed text stands in the label, in whatever script the label is."""
    normal = normalise(label)
    place = normal.text.find(typed)
    return normal.span(place, place + len(typed)) if place >= 0 else (0, 0)
