"""A conflict's JSON values as an editor reads and writes them, and as a case holds them."""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError

from catalog.models import Bank, Case, Category, Conflict, Product

_RELATED = {"bank": Bank, "category": Category}
_LISTS = ("captions", "authors")
# Of those an editor may write a text of their own.
WRITTEN = ("title", "subtitle", "branch", "summary", "body", *_LISTS)


class NotInCatalogue(ValidationError):
    """What a value names has been deleted since."""


def mine_now(conflict: Conflict) -> object:
    """What the case has now; of a part of a text, what it had when the conflict was found."""
    if conflict.is_part:
        return conflict.mine
    case, name = conflict.case, conflict.field
    if name in _RELATED:
        related = getattr(case, name)
        return related and related.code
    if name == "products":
        return sorted(case.products.values_list("pk", flat=True))
    if name == "published_on":
        return case.published_on and case.published_on.isoformat()
    return getattr(case, name)


def text_of(name: str, value: object) -> str:
    """Empty where there is nothing."""
    if value is None:
        return ""
    if name in _RELATED:
        row = _RELATED[name].objects.filter(code=value).first()
        return str(row or f"{value}（已不在目录里）")
    if name == "products":
        names = {
            row.pk: f"{row.name}（{row.bank}）" for row in Product.objects.filter(pk__in=value).select_related("bank")
        }
        return "\n".join(names.get(pk, f"产品 {pk}（已不在目录里）") for pk in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "\n".join(map(str, value))
    if choices := Case._meta.get_field(name).choices:
        return str(dict(choices).get(value, value))
    return str(value)


def value_of(name: str, text: str) -> object:
    """Of what an editor wrote, in one of the fields that can be WRITTEN."""
    return [line.strip() for line in text.split("\n") if line.strip()] if name in _LISTS else text.strip()


def put(case: Case, name: str, value: object) -> Collection[str]:
    """Gives the case the value, unsaved but for products. Returns the columns that are to be saved. An editor's word
    settles what was only inferred. `NotInCatalogue` where what it names was deleted.
    """
    if name == "products":
        products = list(Product.objects.filter(pk__in=value))
        if len(products) < len(value):
            raise NotInCatalogue("来源说的产品里有已经删除的。请在案例的页面里改，再回来选“保留”。")
        case.products.set(products)
        return []
    if name in _RELATED:
        row = _RELATED[name].objects.filter(code=value).first() if value else None
        if value and row is None:
            raise NotInCatalogue("来源说的已从目录里删除。请在案例的页面里改，再回来选“保留”。")
        setattr(case, name, row)
        if name == "category":
            case.category_confidence = None
            return [name, "category_confidence"]
    elif name == "published_on":
        case.published_on = date.fromisoformat(value) if value else None
    else:
        setattr(case, name, value)
        if name == "title":
            case.title_inferred = False
            return [name, "title_inferred"]
    return [name]
