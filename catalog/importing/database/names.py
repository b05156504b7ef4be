"""Banks, chapters and products by any of their names; chapters and products are made where there are none.

Asks the database a fixed number of times a batch, whatever the number of rows, and remembers what it has learned for
as long as the import runs.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.importing.database.slugs import Slugs
from catalog.importing.drafts import ImportProblem
from catalog.importing.reference import BankRecord
from catalog.models import Bank, Case, Category, Product, ProductAlias
from catalog.text.names import name_key
from catalog.text.script import to_simplified

# A column of something else that was taken for the chapters would make one of every row.
MOST_NEW_CHAPTERS = 200
_UNIT = re.compile(r"(?![业间保家]).{0,30}(?:行|部|中心|分理处|事业部)$")

_key = lru_cache(maxsize=10_000)(name_key)


@dataclass(frozen=True)
class Owner:
    """The bank that a name means, None if no bank is known by it; `branch` where the name is that of a branch."""

    bank: Bank | None
    branch: str = ""


class Banks:
    """Banks by every name they go by, the one under which the reference data first brought them included."""

    def __init__(self):
        self._by_key: dict[str, Bank] = {}
        self.names: dict[int, str] = {}
        for bank in Bank.objects.prefetch_related("aliases"):
            self.names[bank.pk] = bank.name
            # Rows carry the bank about, to the processes of the index too: without what was only needed here.
            light = Bank(**{field.attname: getattr(bank, field.attname) for field in Bank._meta.concrete_fields})
            light.imported = {}
            for name in _names(bank):
                self._by_key.setdefault(_key(name), light)

    def find(self, name: str) -> Owner:
        key = _key(name)
        if bank := self._by_key.get(key):
            return Owner(bank)
        # 中国农业银行深圳市分行: the longest name that it begins with, if what follows is a part of a bank.
        for end in range(len(key) - 1, 2, -1):
            if (bank := self._by_key.get(key[:end])) and _UNIT.match(key[end:]):
                return Owner(bank, name)
        return Owner(None)


def _names(bank: Bank) -> Iterable[str]:
    fields = ("name", "short_name", "full_name", "english_name", "abbreviation")
    aliases = tuple(alias.name for alias in bank.aliases.all())
    yield from BankRecord(
        bank.code, kind=bank.kind, aliases=aliases, **{field: getattr(bank, field) for field in fields}
    ).names
    if first := bank.imported.get("name"):
        yield first


class Chapters:
    def __init__(self):
        self._by_key: dict[str, Category] = {}
        self.names: dict[int, str] = {}
        self._codes, self._last, self._made = set(), 0, 0
        for chapter in Category.objects.defer("slogans"):
            self._learn(chapter, chapter.name, chapter.imported.get("name", ""))

    def find(self, name: str, line: int) -> Category:
        """The chapter of that name, made after the others if there is none."""
        return self._by_key.get(_key(name)) or self._make(name, line)

    def _make(self, name: str, line: int) -> Category:
        self._made += 1
        if self._made > MOST_NEW_CHAPTERS:
            raise ImportProblem(f"新的章节超过 {MOST_NEW_CHAPTERS} 个，这一栏恐怕不是章节。", line=line)
        number = self._last + 1
        while f"chapter-{number}" in self._codes:
            number += 1
        chapter = Category.objects.create(code=f"chapter-{number}", name=to_simplified(name), position=self._last + 1)
        self._learn(chapter, chapter.name)
        return chapter

    def _learn(self, chapter: Category, *names: str) -> None:
        self._codes.add(chapter.code)
        self._last = max(self._last, chapter.position)
        self.names[chapter.pk] = chapter.name
        for name in filter(None, names):
            self._by_key.setdefault(_key(name), chapter)


class Products:
    """Products by bank and name, in any spelling or under any alias."""

    def __init__(self):
        self._by_key: dict[tuple[int, str], Product] = {}
        self._spelled: set[tuple[int, str]] = set()  # (bank, spelling) that the database knows
        self._slugs = Slugs(Product)
        self.names: dict[int, str] = {}

    def learn(self, wanted: Iterable[tuple[Bank, str]]) -> None:
        """Finds or makes all of them, so that `find` has an answer for each."""
        new = {(bank.pk, name): bank for bank, name in wanted if (bank.pk, name) not in self._spelled}
        if not new:
            return
        self._look_up(list(new))
        self._make({(pk, _key(name)): (bank, name) for (pk, name), bank in reversed(new.items())})
        self._spell(list(new))

    def find(self, bank: Bank, names: Iterable[str]) -> list[Product]:
        return list({product.pk: product for product in (self._by_key[bank.pk, _key(name)] for name in names)}.values())

    def _look_up(self, wanted: Sequence[tuple[int, str]]) -> None:
        banks = {bank for bank, _ in wanted}
        found = Product.objects.filter(bank__in=banks, key__in={_key(name) for _, name in wanted})
        for product in found:
            self._learn(product)
        aliases = ProductAlias.objects.filter(product__bank__in=banks, name__in={name for _, name in wanted})
        for alias in aliases.select_related("product"):
            if (alias.product.bank_id, _key(alias.name)) not in self._by_key:
                self._learn(alias.product, alias.name)
            self._spelled.add((alias.product.bank_id, alias.name))

    def _make(self, wanted: dict[tuple[int, str], tuple[Bank, str]]) -> None:
        missing = {key: found for key, found in wanted.items() if key not in self._by_key}
        slugs = self._slugs.take([f"{bank.code}-{to_simplified(name)}" for bank, name in missing.values()])
        made = [
            Product(bank=bank, name=to_simplified(name), key=key, slug=slug)
            for ((_, key), (bank, name)), slug in zip(missing.items(), slugs, strict=True)
        ]
        for product in Product.objects.bulk_create(made):
            self._learn(product)

    def _spell(self, wanted: Sequence[tuple[int, str]]) -> None:
        """Notes new spellings as aliases."""
        new = [pair for pair in wanted if pair not in self._spelled]
        aliases = [ProductAlias(product=self._by_key[bank, _key(name)], name=name) for bank, name in new]
        ProductAlias.objects.bulk_create(aliases, ignore_conflicts=True)
        self._spelled.update(new)

    def _learn(self, product: Product, name: str = "") -> None:
        self._by_key[product.bank_id, _key(name or product.name)] = product
        self._spelled.add((product.bank_id, product.name))
        self.names[product.pk] = product.name


@dataclass
class Names:
    """All that rows may name, as it is when the import begins and as the import adds to it."""

    banks: Banks
    chapters: Chapters
    products: Products

    @classmethod
    def load(cls) -> "Names":
        return cls(Banks(), Chapters(), Products())

    def renamed(self) -> dict[str, list[int]]:
        """Per field of a case, the keys that an editor has given another name since. Holds them until the end of the
        transaction: whoever renames one later waits, and then sees the cases of this import.
        """
        found = {}
        for field, known in (("bank", self.banks), ("category", self.chapters), ("products", self.products)):
            model = Case._meta.get_field(field).related_model
            rows = model.objects.filter(pk__in=list(known.names)).order_by("pk").select_for_update(no_key=True)
            if changed := [pk for pk, name in rows.values_list("pk", "name") if known.names[pk] != name]:
                found[field] = changed
        return found
