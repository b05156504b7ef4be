"""A statement with its names found in the catalogue: what the writer holds against the case."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from catalog.importing.database.names import Banks, Names
from catalog.importing.drafts import Doubt, ImportProblem, Statement
from catalog.models import Bank, Case
from catalog.text import limits

_LONG = 200  # characters: of longer values `Case.imported` keeps a digest, not a second copy
_LISTS = ("captions", "authors")
_AT_LINE = re.compile(r"（第 \d+ 行）$")


@dataclass(frozen=True)
class ResolvedCase:
    """What a case is to be: `values` are as `merge` compares them, `related` the rows that some of them stand for."""

    ref: str
    values: dict[str, object]
    related: dict[str, object]
    doubts: tuple[Doubt, ...]
    publisher: str

    @property
    def marks(self) -> dict[str, object]:
        """What the case keeps to tell next time whether its source has changed, or an editor has changed the case."""
        doubts = [list(identity(doubt)) for doubt in self.doubts]
        return marks_of(self.values) | {"doubts": doubts, "publisher": self.publisher}


def resolve(statements: Sequence[Statement], names: Names) -> list[ResolvedCase]:
    """Makes the chapters and products that the statements name and the catalogue has not."""
    owned = [with_owner(statement, names.banks) for statement in statements]
    names.products.learn((bank, product) for bank, statement in owned for product in statement.products or ())
    return [_resolved(statement, bank, names) for bank, statement in owned]


def with_owner(statement: Statement, banks: Banks) -> tuple[Bank | None, Statement]:
    """The bank that a statement names, and the statement with what follows from it: the branch where the name is that
    of a branch, doubts where no bank is known by it, and no products without a bank.
    """
    owner = banks.find(statement.bank) if statement.bank else None
    if owner and owner.bank:
        if not owner.branch or statement.fields.get("branch"):
            return owner.bank, statement
        return owner.bank, replace(statement, fields={**statement.fields, "branch": owner.branch})
    doubts = list(statement.doubts)
    if owner and owner.several:
        several = "、".join(bank.name for bank in owner.several)
        doubts.append(Doubt("bank", f"银行“{statement.bank}”写了几家（{several}），没有采用，请选定", 0.1))
    elif statement.bank:
        doubts.append(Doubt("bank", f"目录里没有银行“{statement.bank}”，请选定或补上它的别名", 0.1))
    if statement.products:
        products = "、".join(product.name for product in statement.products)
        doubts.append(Doubt("products", f"没有银行，产品没有登记：{products}", 0.1))
    return None, replace(statement, products=statement.products and (), doubts=tuple(doubts))


def _resolved(statement: Statement, bank: Bank | None, names: Names) -> ResolvedCase:
    values, related = dict(statement.fields), {}
    if statement.bank is not None:
        values["bank"], related["bank"] = bank and bank.code, bank
    if statement.category is not None:
        name, code = statement.category, statement.chapter
        category = names.chapters.find(name, code, statement.line) if name or code else None
        values["category"], related["category"] = category and category.code, category
    if statement.products is not None:
        products = names.products.find(bank, statement.products) if bank else []
        values["products"], related["products"] = sorted(product.pk for product in products), products
    _refuse_too_long(values, statement)
    return ResolvedCase(statement.ref, values, related, statement.doubts, statement.publisher)


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
    marks = {name: _mark(value) for name, value in values.items()}
    if "products" in marks:  # of two names of one product older versions kept its key twice
        marks["products"] = sorted(set(marks["products"]))
    return marks


def _mark(value: object) -> object:
    if isinstance(value, str):
        return _digest(value) if len(value) > _LONG else value
    if isinstance(value, list) and value:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        return _digest(text) if len(text) > _LONG else value
    return value


def _digest(text: str) -> str:
    return f"blake2b:{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
