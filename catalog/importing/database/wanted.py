"""What a row says of its case, its names found in the catalogue: what `writing` holds against the case."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.importing.database.names import Names, Owner
from catalog.importing.drafts import Doubt
from catalog.importing.rows.drafts import RowDraft

_LONG = 200  # characters: of longer texts `Case.imported` keeps a hash, not a second copy


@dataclass(frozen=True)
class Wanted:
    """What a row says of its case: `values` are as `merge` compares them, `related` what some of them stand for."""

    ref: str
    values: dict[str, object]
    related: dict[str, object]
    doubts: tuple[Doubt, ...]

    @property
    def marks(self) -> dict[str, object]:
        """What the case keeps to tell next time whether the row has changed, or an editor has changed the case."""
        marks = {name: mark(value) for name, value in self.values.items()}
        return marks | {"doubts": [doubt.reason for doubt in self.doubts]}


def want(drafts: Sequence[tuple[str, RowDraft]], names: Names) -> list[Wanted]:
    """`drafts` with their refs. Makes the chapters and products that they name and the catalogue has not."""
    owners = [names.banks.find(draft.bank) if draft.bank else Owner(None) for _, draft in drafts]
    names.products.learn(
        (owner.bank, product)
        for (_, draft), owner in zip(drafts, owners, strict=True)
        if owner.bank
        for product in draft.products or ()
    )
    return [_want(ref, draft, owner, names) for (ref, draft), owner in zip(drafts, owners, strict=True)]


def _want(ref: str, draft: RowDraft, owner: Owner, names: Names) -> Wanted:
    values, related, doubts = dict(draft.fields), {}, list(draft.doubts)
    bank = owner.bank
    if draft.bank is not None:
        values["bank"], related["bank"] = bank and bank.code, bank
        if owner.branch and not values.get("branch"):
            values["branch"] = owner.branch
        if draft.bank and not bank:
            doubts.append(Doubt("bank", f"目录里没有银行“{draft.bank}”，请选定或补上它的别名", 0.1))
    if draft.category is not None:
        category = names.chapters.find(draft.category, draft.line) if draft.category else None
        values["category"], related["category"] = category and category.code, category
    if draft.products is not None:
        products = names.products.find(bank, draft.products) if bank else []
        values["products"], related["products"] = sorted(product.pk for product in products), products
        if draft.products and not bank:
            doubts.append(Doubt("products", f"没有银行，产品没有登记：{'、'.join(draft.products)}", 0.1))
    return Wanted(ref, values, related, tuple(doubts))


def mark(value: object) -> object:
    """A value as it is kept for the next import's comparison: of a long text only a hash."""
    if isinstance(value, str) and len(value) > _LONG:
        return f"blake2b:{hashlib.blake2b(value.encode(), digest_size=16).hexdigest()}"
    return value
