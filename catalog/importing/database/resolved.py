"""A statement with its names found in the catalogue: what the writer holds against the case."""

import hashlib
import json
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from catalog.importing.database.names import Banks, Merged, Names
from catalog.importing.drafts import Doubt, ImportProblem, Statement
from catalog.models import Bank, Case
from catalog.text import limits
from catalog.text.names import name_key

_LEVEL = re.compile("[省市]")  # 深圳市分行 is 深圳分行
_LONG = 200  # characters: of longer values `Case.imported` keeps a digest, not a second copy
_DIGEST = "blake2b:"
_LISTS = ("captions", "authors")
SOURCE_REF = "source_ref"  # among a case's marks
_AT_LINE = re.compile(r"（第 \d+ 行）$")


@dataclass(frozen=True)
class ResolvedCase:
    """What a case is to be: `values` are as `merge` compares them, `related` the rows that some of them stand for.

    `source_ref`: what the source calls the case, where that is or was something else than its ref.
    """

    ref: str
    values: dict[str, object]
    related: dict[str, object]
    doubts: tuple[Doubt, ...]
    publisher: str
    source_ref: str = ""

    @property
    def called(self) -> str:
        """By its source."""
        return self.source_ref or self.ref

    @property
    def marks(self) -> dict[str, object]:
        """What the case keeps to tell next time whether its source has changed, or an editor has changed the case."""
        doubts = [list(identity(doubt)) for doubt in self.doubts]
        called = {SOURCE_REF: self.source_ref} if self.source_ref else {}
        return marks_of(self.values) | {"doubts": doubts, "publisher": self.publisher} | called


def resolve(
    statements: Sequence[Statement], names: Names, last: Mapping[str, Mapping[str, object]]
) -> list[ResolvedCase]:
    """Makes the chapters and products that the statements name and the catalogue has not. `last`: by ref the marks of
    the last import, of those that were there then.
    """
    owned = [with_owner(statement, names.banks, last.get(statement.ref, {})) for statement in statements]
    names.products.learn((bank, product) for bank, statement in owned for product in statement.products or ())
    return [_resolved(statement, bank, names, last.get(statement.ref, {})) for bank, statement in owned]


def with_owner(
    statement: Statement, banks: Banks, last: Mapping[str, object] = MappingProxyType({})
) -> tuple[Bank | None, Statement]:
    """The bank that a statement names, and the statement with what follows from it: the branch where the name is that
    of a branch, doubts where no bank is known by it, and no products without a bank.
    """
    owner = banks.find(statement.bank, last.get("bank")) if statement.bank else None
    if owner and owner.bank:
        if not owner.branch:
            return owner.bank, statement
        if branch := statement.fields.get("branch"):
            return owner.bank, _with_both(statement, branch, owner.branch)
        return owner.bank, replace(statement, fields={**statement.fields, "branch": owner.branch})
    if statement.bank == "" and last.get("bank") and (bank := banks.still_named(_text_of(statement), last["bank"])):
        fields = {name: value for name, value in statement.fields.items() if name != "branch" or value}
        kept = tuple(doubt for doubt in statement.doubts if doubt.field != "bank")
        return bank, replace(statement, fields=fields, doubts=kept)
    doubts = list(statement.doubts)
    if owner and owner.rivals:
        rivals = "、".join(owner.rivals)
        doubts.append(Doubt("bank", f"银行“{statement.bank[:40]}”写了几家（{rivals}），没有采用，请选定", 0.1))
    elif statement.bank:
        doubts.append(Doubt("bank", f"目录里没有银行“{statement.bank}”，请选定或补上它的别名", 0.1))
    if statement.products:
        products = "、".join(product.name for product in statement.products)
        doubts.append(Doubt("products", f"没有银行，产品没有登记：{products}", 0.1))
    return None, replace(statement, products=statement.products and (), doubts=tuple(doubts))


def _with_both(statement: Statement, branch: str, in_bank: str) -> Statement:
    """The branch has a column of its own: that stands, and where the bank's column names another, a doubt."""
    own, other = (_LEVEL.sub("", name_key(name)) for name in (branch, in_bank))
    if own in other or other in own:
        return statement
    reason = f"银行一栏写的是“{in_bank[:40]}”，分支机构一栏写的是“{branch[:40]}”，用了后者"
    return replace(statement, doubts=(*statement.doubts, Doubt("branch", reason, 0.3)))


def _text_of(statement: Statement) -> str:
    return "\n".join(str(statement.fields.get(name, "")) for name in ("title", "subtitle", "summary", "body"))


def _resolved(statement: Statement, bank: Bank | None, names: Names, last: Mapping[str, object]) -> ResolvedCase:
    values, related = dict(statement.fields), {}
    if statement.bank is not None:
        values["bank"], related["bank"] = bank and bank.code, bank
    name, code = statement.category, statement.chapter
    # Of a chapter that was removed a source does not speak any more.
    if name is not None and not ((name or code) and names.chapters.is_removed(name, code)):
        category = names.chapters.find(name, code, statement.line) if name or code else None
        values["category"], related["category"] = category and category.code, category
    if statement.products is not None:
        products = names.products.find(bank, statement.products, _keys(last.get("products"))) if bank else []
        values["products"], related["products"] = sorted(product.pk for product in products), products
    _refuse_too_long(values, statement)
    return ResolvedCase(statement.ref, values, related, statement.doubts, statement.publisher, statement.source_ref)


def _keys(mark: object) -> list[int]:
    return [key for key in mark if isinstance(key, int)] if isinstance(mark, list) else []


def _refuse_too_long(values: Mapping[str, object], statement: Statement) -> None:
    """`ImportProblem` for a text or list that is longer than a case may have."""
    for name, value in values.items():
        text = value if isinstance(value, str) else ""
        too_long = limits.overlong_list(name, value) if name in _LISTS else limits.overlong_text(name, text)
        if too_long:
            label = Case._meta.get_field(name).verbose_name
            begins = f"：{text[:20]}……" if text else ""
            raise ImportProblem(f"{label}{too_long}{begins}", line=statement.line)
    if len(statement.products or ()) > limits.PRODUCTS:
        raise ImportProblem(f"产品超过 {limits.PRODUCTS} 项", line=statement.line)


def without_line(reason: str) -> str:
    """A doubt's reason without the line of its row, which another edition moves."""
    return _AT_LINE.sub("", reason)


def identity(doubt: Doubt) -> tuple[str, str, list]:
    """What tells a doubt from the others of its case."""
    return doubt.field, doubt.reason, [list(span) for span in doubt.spans]


def marks_of(values: Mapping[str, object]) -> dict[str, object]:
    """Values as they are kept for the next import's comparison. Marks are their own marks."""
    marks = {name: _mark(value) for name, value in values.items() if name != "products"}
    # Whole, however many: products are merged and removed. Of two names of one older versions kept its key twice.
    return marks | ({"products": sorted(set(values["products"]))} if "products" in values else {})


def last_marks(
    imported: Mapping[str, object], merged: Merged, current: Sequence[int], there: Container[int]
) -> dict[str, object]:
    """What a case keeps of its last import, as an import would make it now. `current`: the keys of its products;
    `there`: those of all products that the marks may name. One that is gone nobody has taken from the case.
    """
    marks = merged.understood(marks_of(imported))
    if products := marks.get("products"):
        if all(isinstance(key, int) for key in products):
            return marks | {"products": [key for key in products if key in there]}
        # Of many products older versions kept the characters of a digest.
        digest = _mark(list(current))
        if isinstance(digest, str) and products == sorted(set(digest)):
            return marks | {"products": current}
    return marks


def _mark(value: object) -> object:
    if isinstance(value, str):
        return _digest(value) if len(value) > _LONG else value
    if isinstance(value, list) and value:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        return _digest(text) if len(text) > _LONG else value
    return value


def is_digest(mark: object) -> bool:
    """Whether a mark no longer tells the value."""
    return isinstance(mark, str) and mark.startswith(_DIGEST)


def _digest(text: str) -> str:
    return f"{_DIGEST}{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
