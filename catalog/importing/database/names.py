"""Banks, chapters and products by any of their names; chapters and products are made where there are none, except those
that an editor has removed. A case that was imported by a name keeps what it then meant, when the name is taken out.

Asks the database a fixed number of times a batch, whatever the number of rows, and remembers what it has learned for
as long as the import runs.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from django.db.models import Q

from catalog.importing.database.batches import Slugs
from catalog.importing.drafts import ImportProblem, ProductDraft
from catalog.importing.institutions import NamesOfBanks
from catalog.importing.reference import BankRecord
from catalog.models import Bank, Case, Category, FormerAddress, Product, ProductAlias, RemovedName
from catalog.text.names import name_key
from catalog.text.product_kinds import product_kind
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
    """The bank that a name means, None if no bank is known by it or several are meant, whose names `rivals` are.
    `branch` where the name is that of a branch.
    """

    bank: Bank | None
    branch: str = ""
    rivals: tuple[str, ...] = ()


class Removed:
    """The names that editors have taken out, of some kinds, in any spelling.

    `key in removed`: whether a row is not to be made of it. `rows(key)`: keys of the rows that it was a name of. The
    names of a product are those of its bank: their keys are pairs.
    """

    def __init__(self, *kinds: RemovedName.Kind, of_banks: bool = False):
        self._rows: dict[object, set[int | None]] = defaultdict(set)
        for row in RemovedName.objects.filter(kind__in=kinds):
            for key in {_key(row.name), row.key} - {""}:
                self._rows[(row.bank_id, key) if of_banks else key].add(row.of)
        self.codes = set(RemovedName.objects.filter(kind__in=kinds).exclude(code="").values_list("code", flat=True))

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def rows(self, key: object) -> set[int | None]:
        return self._rows.get(key, set())

    def names_of(self, row: int) -> list[object]:
        """The keys of the names that a row had."""
        return [key for key, rows in self._rows.items() if row in rows]

    @property
    def all_rows(self) -> set[int]:
        return set().union(*self._rows.values()) - {None}


class Banks:
    """Banks by every name they go by."""

    def __init__(self):
        self._by_key: dict[str, Bank] = {}
        self._by_code: dict[str, Bank] = {}
        self._removed = Removed(RemovedName.Kind.BANK, RemovedName.Kind.BANK_ALIAS)
        self.names: dict[int, str] = {}
        self._spelled: list[tuple[str, int]] = []
        for bank in Bank.objects.prefetch_related("aliases"):
            self.names[bank.pk] = bank.name
            # Cases carry the bank about, to the processes of the index too: without what was only needed here.
            light = Bank(**{field.attname: getattr(bank, field.attname) for field in Bank._meta.concrete_fields})
            light.imported = {}
            self._by_code[bank.code] = light
            for name in names_of(bank):
                self._by_key.setdefault(_key(name), light)
                self._spelled.append((name, bank.pk))
        self._by_pk = {bank.pk: bank for bank in self._by_code.values()}
        self._cells = NamesOfBanks(self._spelled)
        self._former: dict[int, NamesOfBanks[int]] = {}
        self._read = lru_cache(maxsize=10_000)(self._owner)

    def find(self, name: str, last: str | None = None) -> Owner:
        """`last`: the code of the bank that the name meant at the last import; it goes on doing so for this case.
        `branch` is the name as it is written.
        """
        if bank := self._by_key.get(_key(name)):
            return Owner(bank)
        owner = self._read(name, None)
        if owner.bank is None and not owner.rivals and last and (bank := self._by_code.get(last)):
            if _key(name) in self._removed.names_of(bank.pk):
                return Owner(bank)
            return self._read(name, bank.pk)
        return owner

    def _owner(self, name: str, former: int | None) -> Owner:
        """`former`: a bank that is known by the names that it had, too."""
        named = (self._cells if former is None else self._formerly(former)).read(name)
        if len(named.banks) > 1:
            return Owner(None, rivals=tuple(self.names[pk] for pk in named.banks))
        return Owner(self._by_pk[named.banks[0]], name if named.part else "") if named.banks else Owner(None)

    def _formerly(self, bank: int) -> NamesOfBanks[int]:
        """Reads cells by the names that this bank had, and no other has, too."""
        if bank not in self._former:
            had = [(str(name), bank) for name in self._removed.names_of(bank)]
            self._former[bank] = NamesOfBanks([*self._spelled, *had])
        return self._former[bank]

    def is_removed(self, name: str) -> bool:
        """Whether an editor has removed the bank of this name, or the name."""
        return _key(name) in self._removed

    def still_named(self, text: str, last: str) -> Bank | None:
        """The bank of this code if the text names it by a name that it had: who reads a document does not know it."""
        bank = self._by_code.get(last)
        if bank is None or not (names := self._removed.names_of(bank.pk)):
            return None
        key = name_key(text)
        return bank if any(name in key for name in names) else None


def names_of(bank: Bank, aliases: Iterable[str] | None = None) -> Iterable[str]:
    """Every name that an import knows the bank by; `aliases` in the place of those that are stored."""
    fields = ("name", "short_name", "full_name", "english_name", "abbreviation")
    aliases = tuple(alias.name for alias in bank.aliases.all()) if aliases is None else tuple(aliases)
    return BankRecord(
        bank.code, kind=bank.kind, aliases=aliases, **{field: getattr(bank, field) for field in fields}
    ).names


class Chapters:
    """Chapters by name, by code, and by the names and codes that they had, unless another has them."""

    def __init__(self):
        self._by_key: dict[str, Category] = {}
        self._by_code: dict[str, Category] = {}
        self._removed = Removed(RemovedName.Kind.CATEGORY, RemovedName.Kind.CATEGORY_ALIAS)
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

    def is_removed(self, name: str, code: str) -> bool:
        """Whether an editor has removed what a source calls so: it is not made again."""
        if self.known(name, code):
            return False
        return _key(name or code) in self._removed or (not _NUMBERED.fullmatch(code) and code in self._removed.codes)

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
        taken = self._by_code.keys() | self._removed.codes
        if not _CODE.fullmatch(code) or code in taken:
            code = next(code for n in count(position) if (code := f"chapter-{n}") not in taken)
        chapter = Category.objects.create(code=code, name=name, position=position, imported={"name": name})
        self._learn(chapter)
        return chapter

    def _learn_all(self) -> None:
        chapters = list(Category.objects.defer("slogans").prefetch_related("aliases", "former_addresses"))
        for chapter in chapters:
            self._learn(chapter)
        for chapter in chapters:
            for alias in chapter.aliases.all():
                self._by_key.setdefault(_key(alias.name), chapter)
            for former in chapter.former_addresses.all():
                self._by_code.setdefault(former.address, chapter)

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
        self._removed = Removed(RemovedName.Kind.PRODUCT, RemovedName.Kind.PRODUCT_ALIAS, of_banks=True)
        self._once_named = Product.objects.in_bulk(self._removed.all_rows)
        self._spelled: set[tuple[int, str]] = set()  # (bank, spelling) that the database knows
        self._slugs = Slugs(Product)
        self.names: dict[int, str] = {}

    def learn(self, drafts: Iterable[tuple[Bank, ProductDraft]]) -> None:
        """Finds or makes all of them but those that were removed, so that `find` has an answer for each."""
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

    def find(self, bank: Bank, products: Iterable[ProductDraft], last: Collection[int] = ()) -> list[Product]:
        """None twice. `last`: keys of the products that the case had of the last import, which a name that is taken out
        goes on meaning for it.
        """
        rows: dict[int, Product] = {}
        for product in products:
            key = bank.pk, _key(product.name)
            if row := self._by_key.get(key):
                rows[row.pk] = row
            else:
                meant = self._removed.rows(key).intersection(last) & self._once_named.keys()
                rows |= {pk: self._once_named[pk] for pk in sorted(meant)}
        return list(rows.values())

    def _look_up(self, banks: Iterable[int], names: Iterable[str]) -> None:
        # By the name too: whoever renames by SQL leaves the key behind.
        named = Q(key__in=set(map(_key, names))) | Q(name__in=names)
        for product in Product.objects.filter(named, bank__in=banks):
            self._learn(product)
        aliases = ProductAlias.objects.filter(product__bank__in=banks, name__in=names).select_related("product")
        for alias in aliases:
            self._spelled.add((alias.product.bank_id, alias.name))
            self.names.setdefault(alias.product.pk, alias.product.name)
            self._by_key.setdefault((alias.product.bank_id, _key(alias.name)), alias.product)

    def _make(self, named: dict[tuple[int, str], Bank]) -> None:
        missing = {}
        for (pk, name), bank in named.items():
            if (pk, _key(name)) not in self._by_key and (pk, _key(name)) not in self._removed:
                missing.setdefault((pk, _key(name)), (bank, to_simplified(name)))
        slugs = self._slugs.take([f"{bank.code}-{name}" for bank, name in missing.values()])
        products = [
            Product(bank=bank, name=name, kind=product_kind(name), key=key, slug=slug)
            for ((_, key), (bank, name)), slug in zip(missing.items(), slugs, strict=True)
        ]
        for product in Product.objects.bulk_create(products):
            self._learn(product)

    def _spell(self, new: dict[tuple[int, str], tuple[Bank, str]]) -> None:
        """Notes new spellings as aliases."""
        aliases = []
        for (pk, spelling), (_, name) in new.items():
            product, key = self._by_key.get((pk, _key(name))), (pk, _key(spelling))
            if (pk, spelling) not in self._spelled and product and key not in self._removed:
                self._by_key.setdefault(key, product)
                aliases.append(ProductAlias(product=product, name=spelling))
        ProductAlias.objects.bulk_create(aliases, ignore_conflicts=True)
        self._spelled.update(new)

    def _learn(self, product: Product) -> None:
        self._by_key[product.bank_id, product.key] = product
        self._by_key.setdefault((product.bank_id, _key(product.name)), product)
        self._spelled.add((product.bank_id, product.name))
        self.names.setdefault(product.pk, product.name)


class Merged:
    """What earlier imports knew rows by that are others now, having been merged, or having got another code."""

    def __init__(self):
        self._codes: dict[tuple[str, str], str] = {}
        self._products: dict[int, int] = {}
        rows = FormerAddress.objects.exclude(kind=FormerAddress.Kind.CASE).select_related("bank", "category")
        for former in rows:
            if former.kind == FormerAddress.Kind.PRODUCT:
                self._products[former.former_key] = former.product_id
            else:
                self._codes[former.kind, former.address] = former.row.code

    def understood(self, marks: Mapping[str, object]) -> dict[str, object]:
        """The marks of an earlier import as it would make them now."""
        marks = dict(marks)
        for field in ("bank", "category"):
            if field in marks:
                marks[field] = self._codes.get((field, marks[field]), marks[field])
        if isinstance(marks.get("products"), list):
            marks["products"] = sorted({self._products.get(pk, pk) for pk in marks["products"]})
        return marks


@dataclass
class Names:
    """All that cases may name, as it is when the import begins and as the import adds to it."""

    banks: Banks
    chapters: Chapters
    products: Products
    merged: Merged

    @classmethod
    def load(cls) -> "Names":
        return cls(Banks(), Chapters(), Products(), Merged())

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
