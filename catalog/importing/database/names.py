"""Banks, chapters and products by any of their names; chapters and products are made where there are none.

Asks the database a fixed number of times a batch, whatever the number of rows, and remembers what it has learned for
as long as the import runs.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from catalog.importing.database.batches import Slugs
from catalog.importing.drafts import ImportProblem, ProductDraft
from catalog.importing.institutions import NamesOfBanks
from catalog.importing.reference import BankRecord
from catalog.models import Bank, Case, Category, Product, ProductAlias
from catalog.text.names import name_key
from catalog.text.script import to_simplified

# A column of something else that was taken for the chapters would make one of every row.
MOST_NEW_CHAPTERS = 200
_LONGEST_CHAPTER = Category._meta.get_field("name").max_length
_LAST_POSITION = 2**15 - 1
_CODE = re.compile(r"[-\w]{1,50}", re.ASCII)
_NUMBERED = re.compile(r"chapter-\d+")

_key = lru_cache(maxsize=10_000)(name_key)


@dataclass(frozen=True)
class Owner:
    """The bank that a name means, None if no bank is known by it; `branch` where the name is that of a branch.
    `several`: the banks that it names, where it names more than one.
    """

    bank: Bank | None
    branch: str = ""
    several: tuple[Bank, ...] = ()


class Banks:
    """Banks by every name they go by. The one under which the reference data first brought a bank is its own too,
    unless another bank has it now.
    """

    def __init__(self):
        self._by_key: dict[str, Bank] = {}
        self.names: dict[int, str] = {}
        spellings: list[tuple[str, Bank]] = []
        former: list[tuple[str, Bank]] = []
        for bank in Bank.objects.prefetch_related("aliases"):
            self.names[bank.pk] = bank.name
            # Cases carry the bank about, to the processes of the index too: without what was only needed here.
            light = Bank(**{field.attname: getattr(bank, field.attname) for field in Bank._meta.concrete_fields})
            light.imported = {}
            former.append((bank.imported.get("name", ""), light))
            spellings += ((name, light) for name in _names(bank))
        spellings += ((name, bank) for name, bank in former if name)
        for name, bank in spellings:
            self._by_key.setdefault(_key(name), bank)
        self._names = NamesOfBanks(spellings)
        self._read = lru_cache(maxsize=10_000)(self._owner)

    def find(self, name: str) -> Owner:
        """`branch` is the name as it is written."""
        if bank := self._by_key.get(_key(name)):
            return Owner(bank)
        return self._read(name)

    def _owner(self, name: str) -> Owner:
        named = self._names.read(name)
        if len(named.banks) != 1:
            return Owner(None, several=named.banks)
        return Owner(named.banks[0], name if named.part else "")


def _names(bank: Bank) -> Iterable[str]:
    fields = ("name", "short_name", "full_name", "english_name", "abbreviation")
    aliases = tuple(alias.name for alias in bank.aliases.all())
    return BankRecord(
        bank.code, kind=bank.kind, aliases=aliases, **{field: getattr(bank, field) for field in fields}
    ).names


class Chapters:
    """Chapters by name, by code, and by the name under which an import first brought them, unless another has it."""

    def __init__(self):
        self._by_key: dict[str, Category] = {}
        self._by_code: dict[str, Category] = {}
        self.names: dict[int, str] = {}
        self._last, self._made = 0, 0
        self._learn_all()

    def find(self, name: str, code: str, line: int | None) -> Category:
        """The chapter of that name or code, made after the others if there is none. One of the two may be empty."""
        return self.known(name, code) or self._make(to_simplified(name or code), code, line)

    def known(self, name: str, code: str) -> Category | None:
        if chapter := self._by_key.get(_key(name or code)):
            return chapter
        # What an import numbers chapter-12 is another chapter in another catalogue.
        return None if name and _NUMBERED.fullmatch(code) else self._by_code.get(code)

    def _make(self, name: str, code: str, line: int | None) -> Category:
        self._made += 1
        if self._made > MOST_NEW_CHAPTERS:
            raise ImportProblem(f"新的章节超过 {MOST_NEW_CHAPTERS} 个，这一栏恐怕不是章节。", line=line)
        if len(name) > _LONGEST_CHAPTER:
            raise ImportProblem(f"章节名超过 {_LONGEST_CHAPTER} 字：{name[:20]}……", line=line)
        # An import takes long, and editors make chapters meanwhile.
        self._learn_all()
        if chapter := self.known(name, code):
            return chapter
        position = min(self._last + 1, _LAST_POSITION)
        if not _CODE.fullmatch(code) or code in self._by_code:
            code = next(code for n in count(position) if (code := f"chapter-{n}") not in self._by_code)
        chapter = Category.objects.create(code=code, name=name, position=position, imported={"name": name})
        self._learn(chapter)
        return chapter

    def _learn_all(self) -> None:
        chapters = list(Category.objects.defer("slogans"))
        for chapter in chapters:
            self._learn(chapter)
        for chapter in chapters:
            if former := chapter.imported.get("name"):
                self._by_key.setdefault(_key(former), chapter)

    def _learn(self, chapter: Category) -> None:
        self._by_code[chapter.code] = chapter
        self._last = max(self._last, chapter.position)
        self.names.setdefault(chapter.pk, chapter.name)
        self._by_key.setdefault(_key(chapter.name), chapter)


class Products:
    """Products by bank and name, in any spelling or under any alias.

    The catalogue lists a product in simplified characters, whichever source comes first; other spellings are aliases.
    """

    def __init__(self):
        self._by_key: dict[tuple[int, str], Product] = {}
        self._spelled: set[tuple[int, str]] = set()  # (bank, spelling) that the database knows
        self._slugs = Slugs(Product)
        self.names: dict[int, str] = {}

    def learn(self, drafts: Iterable[tuple[Bank, ProductDraft]]) -> None:
        """Finds or makes all of them, so that `find` has an answer for each."""
        new: dict[tuple[int, str], tuple[Bank, str]] = {}  # (bank, spelling): bank, the product's name
        for bank, product in drafts:
            for spelling in (product.name, *product.aliases):
                if (bank.pk, spelling) not in self._spelled:
                    new.setdefault((bank.pk, spelling), (bank, product.name))
        if not new:
            return
        named = {(bank.pk, name): bank for bank, name in new.values()}
        self._look_up({bank for bank, _ in named}, {*(name for _, name in named), *(name for _, name in new)})
        self._make(named)
        self._spell(new)

    def find(self, bank: Bank, products: Iterable[ProductDraft]) -> list[Product]:
        """None twice."""
        rows = (self._by_key[bank.pk, _key(product.name)] for product in products)
        return list({row.pk: row for row in rows}.values())

    def _look_up(self, banks: Iterable[int], names: Iterable[str]) -> None:
        for product in Product.objects.filter(bank__in=banks, key__in=set(map(_key, names))):
            self._learn(product)
        aliases = ProductAlias.objects.filter(product__bank__in=banks, name__in=names).select_related("product")
        for alias in aliases:
            self._spelled.add((alias.product.bank_id, alias.name))
            self.names.setdefault(alias.product.pk, alias.product.name)
            self._by_key.setdefault((alias.product.bank_id, _key(alias.name)), alias.product)

    def _make(self, named: dict[tuple[int, str], Bank]) -> None:
        missing = {}
        for (pk, name), bank in named.items():
            if (pk, _key(name)) not in self._by_key:
                missing.setdefault((pk, _key(name)), (bank, to_simplified(name)))
        slugs = self._slugs.take([f"{bank.code}-{name}" for bank, name in missing.values()])
        products = [
            Product(bank=bank, name=name, key=key, slug=slug)
            for ((_, key), (bank, name)), slug in zip(missing.items(), slugs, strict=True)
        ]
        for product in Product.objects.bulk_create(products):
            self._learn(product)

    def _spell(self, new: dict[tuple[int, str], tuple[Bank, str]]) -> None:
        """Notes new spellings as aliases."""
        aliases = []
        for (pk, spelling), (_, name) in new.items():
            if (pk, spelling) not in self._spelled:
                product = self._by_key[pk, _key(name)]
                self._by_key.setdefault((pk, _key(spelling)), product)
                aliases.append(ProductAlias(product=product, name=spelling))
        ProductAlias.objects.bulk_create(aliases, ignore_conflicts=True)
        self._spelled.update(new)

    def _learn(self, product: Product) -> None:
        self._by_key[product.bank_id, product.key] = product
        self._spelled.add((product.bank_id, product.name))
        self.names.setdefault(product.pk, product.name)


@dataclass
class Names:
    """All that cases may name, as it is when the import begins and as the import adds to it."""

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
        renamed = {}
        for field, known in (("bank", self.banks), ("category", self.chapters), ("products", self.products)):
            model = Case._meta.get_field(field).related_model
            rows = model.objects.filter(pk__in=list(known.names)).order_by("pk").select_for_update(no_key=True)
            if changed := [pk for pk, name in rows.values_list("pk", "name") if known.names[pk] != name]:
                renamed[field] = changed
        return renamed
