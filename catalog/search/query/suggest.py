"""What a reader may mean while still typing: banks, products, chapters, terms and cases.

The prefix may be Chinese in either script, letters, pinyin (fugong for 复工贷) or initials (gsyh). Names that begin
with it come before those that have it inside. Names and terms are looked up in the process, titles by one query.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, pairwise

from django.db.models import Q, QuerySet

from catalog.models import Bank, Case, CaseTitle, Category, Product
from catalog.search.deadlines import check, paused
from catalog.search.names import lexicon
from catalog.search.names.versions import names_version
from catalog.search.query import current_vocabulary
from catalog.search.query.correction import shown
from catalog.text import pinyin
from catalog.text.normalise import fold, is_chinese, normalise

LIMIT = 10
LONGEST_PREFIX = 50
# Only so many of the best are looked at: the next letter tells more than the rest would.
_MOST_CANDIDATES = 60
_SHORTEST_INSIDE = 2
# A word or a phrase of the texts is suggested if it stands in so many cases at least.
_WORD, _PHRASE = 2, 5


@dataclass(frozen=True)
class Suggestion:
    """`key`: the code of a bank or chapter, the slug of a product or case, the text of a term.

    `label[match[0]:match[1]]` is the prefix as the label writes it, empty where it was given in letters.
    `note` tells it from others of the same label: of a product, the name of its bank.
    """

    class Kind(StrEnum):
        """In the order in which they are listed."""

        BANK = "bank"
        CATEGORY = "category"
        PRODUCT = "product"
        TERM = "term"
        CASE = "case"

    kind: Kind
    key: str
    label: str
    match: tuple[int, int] = (0, 0)
    note: str = ""

    @property
    def parts(self) -> tuple[str, str, str]:
        """The label before, in and after the match."""
        start, end = self.match
        return self.label[:start], self.label[start:end], self.label[end:]


Kind = Suggestion.Kind
# How many of each kind at most, as long as there are enough of the others.
_SHARES = {Kind.BANK: 3, Kind.CATEGORY: 2, Kind.PRODUCT: 4, Kind.TERM: 3, Kind.CASE: 5}


def suggest(prefix: str, limit: int = LIMIT) -> list[Suggestion]:
    """At most `limit`, kind by kind, within a kind the best first; none for a prefix that nothing has."""
    folded = fold(prefix[:LONGEST_PREFIX])
    if not folded:
        return []
    return _balanced([*_rows(folded), *_terms(folded), *_titles(folded)], limit)


def _balanced(candidates: list[Suggestion], limit: int) -> list[Suggestion]:
    """Each kind's share first; places that are left go to whatever there is more of."""
    by_kind: dict[Kind, list[Suggestion]] = defaultdict(list)
    names = {candidate.label for candidate in candidates if candidate.kind != Kind.TERM}
    for candidate in dict.fromkeys(candidates):
        # A term that is a name is suggested as the name.
        if candidate.kind != Kind.TERM or candidate.label not in names:
            by_kind[candidate.kind].append(candidate)
    chosen = {kind: by_kind[kind][:share] for kind, share in _SHARES.items()}
    places = limit - sum(map(len, chosen.values()))
    for kind, share in reversed(_SHARES.items()):
        more = by_kind[kind][share : share + max(0, places)]
        chosen[kind] += more
        places -= len(more)
    return [suggestion for kind in Kind for suggestion in chosen[kind]][:limit]


# --- Names ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Name:
    """A name of the row `key` of `model`, and how it may be typed. `nth`: 0 for the one by which it is listed."""

    model: type
    key: int
    nth: int
    folded: str
    sounds: tuple[str, ...]
    initials: tuple[str, ...]


def _rows(prefix: str) -> Iterator[Suggestion]:
    """The banks, chapters and products of public cases that go by such a name."""
    ranks: dict[tuple[type, int], tuple] = {}
    sound = _sound(prefix)
    for name in names().containing(*filter(None, [prefix, sound])):
        check()
        rank = _rank(name, prefix, sound)
        if rank is not None:
            place = (rank, name.nth, len(name.folded), name.folded)
            row = name.model, name.key
            ranks[row] = min(place, ranks.get(row, place))
    best = sorted(ranks, key=lambda row: (*ranks[row], row[1]))
    for model in (Bank, Category, Product):
        keys = [key for row_model, key in best if row_model is model][:_MOST_CANDIDATES]
        rows = model.objects.in_use()
        rows = (rows.select_related("bank") if model is Product else rows).in_bulk(keys) if keys else {}
        yield from (_of_row(rows[key], prefix) for key in keys if key in rows)


def _of_row(row: Bank | Category | Product, prefix: str) -> Suggestion:
    match = _match(row.name, prefix)
    if isinstance(row, Product):
        return Suggestion(Kind.PRODUCT, row.slug, row.name, match, note=row.bank.name)
    return Suggestion(Kind.BANK if isinstance(row, Bank) else Kind.CATEGORY, row.code, row.name, match)


def _sound(prefix: str) -> str:
    """A prefix in letters as pinyin without blanks; empty for any other."""
    return pinyin.typed(prefix).replace(" ", "") if prefix.isascii() else ""


def _rank(name: _Name, prefix: str, sound: str) -> int | None:
    """0 for the name itself, then names that begin so as written, by letters, and those that have it inside."""
    if name.folded == prefix:
        return 0
    if name.folded.startswith(prefix):
        return 1
    if sound and prefix in name.initials:
        return 1
    if sound and any(spelling.startswith(sound) for spelling in (*name.sounds, *name.initials)):
        return 2
    if len(prefix) < _SHORTEST_INSIDE:
        return None
    if prefix in name.folded:
        return 3
    # Inside a name spoken only from a syllable on, and two syllables at least, or everything has something.
    if len(sound) > 3 and any(sound in spelling for spelling in name.sounds) and len(pinyin.segment(sound)) > 1:
        return 4
    return None


class _Names:
    """All names; which of them have a text inside, as written or by sound, is one search in one long text."""

    def __init__(self, names: list[_Name]):
        self.names = names
        lines = ["\t".join([name.folded, *name.sounds, *name.initials]) for name in names]
        self.text = "\n".join(lines)
        self.ends = list(accumulate(len(line) + 1 for line in lines))

    def containing(self, *texts: str) -> list[_Name]:
        numbers = set()
        for text in texts:
            place = self.text.find(text)
            while place >= 0:
                number = bisect_right(self.ends, place)
                numbers.add(number)
                place = self.text.find(text, self.ends[number])
        return [self.names[number] for number in sorted(numbers)]


_latest: tuple[tuple, _Names] | None = None


def names() -> _Names:
    """Of banks, products and chapters; built anew when one has changed.

    Kept by the version of the names and not by the lexicon, which would stay in memory when a search has a newer one.
    """
    global _latest
    chapters = tuple(Category.objects.order_by("pk").values_list("pk", "name"))
    version = names_version(), chapters
    latest = _latest
    if latest is None or latest[0] != version:
        with paused():
            latest = _latest = version, _Names([*_all_names(lexicon.current().owners, chapters)])
    return latest[1]


def _all_names(owners: dict[str, list[str]], chapters: tuple[tuple[int, str], ...]) -> Iterator[_Name]:
    """`owners`: names by lexeme, as a `Lexicon` has them; `chapters`: their keys and names."""
    yield from (_name(Category, key, 0, name) for key, name in chapters)
    for lexeme, owner_names in owners.items():
        kind, key = lexeme.strip("\x01").split(":")
        model = Bank if kind == "bank" else Product
        yield from (_name(model, int(key), nth, name) for nth, name in enumerate(owner_names))


def _name(model: type, key: int, nth: int, name: str) -> _Name:
    return _Name(model, key, nth, *_spellings(name))


@lru_cache(maxsize=50_000)
def _spellings(name: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A name folded, by its sounds, and by their initials."""
    folded = fold(name)
    spoken = "".join(filter(str.isalnum, folded))
    if not any(map(is_chinese, spoken)):
        return folded, (), ()
    keys = pinyin.keys(spoken, 4)
    return folded, tuple(keys.sounds), tuple(keys.initials)


# --- Terms ------------------------------------------------------------------------------------------------------------


def _terms(prefix: str) -> Iterator[Suggestion]:
    """Phrases of the texts to search for; with one character or letter there would be too many to mean one."""
    if len(prefix) < 2:
        return
    vocabulary, by_name = current_vocabulary.current(), lexicon.current().by_name
    terms = [
        term
        for term in vocabulary.beginning(prefix)
        # A name is suggested as what it names.
        if term not in by_name and _is_telling(term, vocabulary.frequency[term])
    ]
    for term in sorted(terms, key=vocabulary.order)[:_MOST_CANDIDATES]:
        text = shown(term)
        yield Suggestion(Kind.TERM, text, text, _match(text, prefix))


def _is_telling(term: str, count: int) -> bool:
    """Words that are used more than once, and phrases that are used often enough to be one thing."""
    if len(term) < 3 or not any(map(is_chinese, term)):
        return False
    return count >= _WORD if current_vocabulary.is_word(term) else len(term) > 3 and count >= _PHRASE


# --- Titles -----------------------------------------------------------------------------------------------------------


def _titles(prefix: str) -> list[Suggestion]:
    beginning = Q(folded__startswith=prefix)
    sound = _sound(prefix)
    if sound:
        beginning |= Q(sound__startswith=sound) | Q(initials__startswith=sound)
    rows = list(_title_rows(beginning))
    if len(rows) < _SHARES[Kind.CASE] and len(prefix) >= _SHORTEST_INSIDE:
        inside = Q(pairs__contains=[a + b for a, b in pairwise(prefix)]) & Q(folded__contains=prefix)
        rows += [row for row in _title_rows(inside) if row not in rows]
    return [Suggestion(Kind.CASE, row.case.slug, row.title, _match(row.title, prefix)) for row in rows]


def _title_rows(condition: Q) -> QuerySet[CaseTitle]:
    """Titles of public cases, which is asked of the cases themselves."""
    rows = CaseTitle.objects.filter(condition, case__in=Case.objects.public()).select_related("case")
    return rows.only("title", "case__slug")[:_MOST_CANDIDATES]


def _match(label: str, prefix: str) -> tuple[int, int]:
    """Where a folded prefix stands in the label, in whatever script the label is; (0, 0) where it does not."""
    normal = normalise(label)
    place = normal.text.find(prefix)
    return normal.span(place, place + len(prefix)) if place >= 0 else (0, 0)
