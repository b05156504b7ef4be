"""The names of banks and products as the database has them now, and the segmenter that knows them.

Each process keeps one `Lexicon`. `current()` compares the version of the names (see `versions`) with the one it was
built from: a change by another process, a bulk write or a rolled-back transaction can never leave it behind. So a name
serves from the first search after its change. That search builds the lexicon, which takes 20 microseconds a name and
counts against its deadline; searches that come meanwhile wait for it. What is kept by lexicon has to go by its `digest`
or refer to it weakly, or old ones stay in memory.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

from catalog.models import Bank, BankAlias, NameChange, Product, ProductAlias
from catalog.search.deadlines import paused
from catalog.search.names import versions
from catalog.text.normalise import fold
from catalog.text.segment import Segmenter, prepare


@dataclass(frozen=True, eq=False)
class Lexicon:
    """`owners`: per lexeme of a bank or product (see `bank_lexeme`) the names it goes by, as typed in the database."""

    owners: dict[str, list[str]]

    @cached_property
    def segmenter(self) -> Segmenter:
        with paused():
            prepare()  # the same for every lexicon
        return Segmenter(name for names in self.owners.values() for name in names)

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Folded name -> lexemes of all that go by it."""
        lexemes = defaultdict(list)
        for lexeme, names in self.owners.items():
            for name in {fold(name) for name in names} - {""}:
                lexemes[name].append(lexeme)
        return dict(lexemes)

    @cached_property
    def product_names(self) -> list[tuple[int, str]]:
        """(key, folded name) of each product by the name that it is listed by."""
        products = ((lexeme, names) for lexeme, names in self.owners.items() if lexeme.startswith(_PRODUCT))
        return [(int(lexeme.removeprefix(_PRODUCT)), fold(names[0])) for lexeme, names in products if names]

    @cached_property
    def digest(self) -> str:
        """Equal for lexicons of equal names."""
        return hashlib.sha256(repr(list(self.owners.items())).encode()).hexdigest()

    def prepare(self) -> None:
        """Builds what would be built on first use."""
        _ = self.segmenter, self.by_name

    def synonyms(self, word: str) -> list[str]:
        """All folded names of what goes by the folded name `word`; nothing if it is no name."""
        names = (fold(name) for lexeme in self.by_name.get(word, ()) for name in self.owners[lexeme])
        return [name for name in dict.fromkeys(names) if name]


_PRODUCT = "\x01product:"


def bank_lexeme(pk: int) -> str:
    """Stands in the vector of each case of the bank. A folded text has no such character."""
    return f"\x01bank:{pk}"


def product_lexeme(pk: int) -> str:
    return f"{_PRODUCT}{pk}"


_LEGAL_FORM = re.compile(r"(股份)?有限(责任)?公司$")
_latest: tuple[str, Lexicon] | None = None
_building = Lock()


def current() -> Lexicon:
    """The lexicon of this moment: one short query if nothing has changed."""
    global _latest
    version = versions.version(NameChange.What.NAMES)
    latest = _latest
    if latest is not None and latest[0] == version:
        return latest[1]
    owners = _owners()
    with _building:
        # Another thread may have built it; and most changes of a bank's row are none of its names.
        lexicon = _latest[1] if _latest is not None and _latest[1].owners == owners else Lexicon(owners)
        lexicon.prepare()
        _latest = version, lexicon
    return lexicon


def latest() -> Lexicon:
    """The lexicon as this process last saw it, without asking the database. For marks, after a search has asked."""
    return _latest[1] if _latest else current()


_NAMED = (
    (Bank, "pk", ["name", "short_name", "full_name", "english_name", "abbreviation"]),
    (BankAlias, "bank_id", ["name"]),
    (Product, "pk", ["name"]),
    (ProductAlias, "product_id", ["name"]),
)


def _owners() -> dict[str, list[str]]:
    owners: dict[str, list[str]] = defaultdict(list)
    for model, owner, columns in _NAMED:
        lexeme = bank_lexeme if model in {Bank, BankAlias} else product_lexeme
        for pk, *names in model.objects.order_by("pk").values_list(owner, *columns):
            _extend(owners[lexeme(pk)], names)
    return dict(owners)


def _extend(names: list[str], more: Iterable[str]) -> None:
    """Nobody asks for 中国工商银行股份有限公司: a name of a company is one without its legal form too."""
    for name in filter(None, more):
        names += [form for form in dict.fromkeys([name, _LEGAL_FORM.sub("", name)]) if form and form not in names]
