"""One rule for when two names are the same name, and for addresses made from names."""

import unicodedata

from django.utils.text import slugify

from catalog.script import to_simplified


def name_key(name: str) -> str:
    """What two spellings of one name share: no blanks, width, case or script (纳税 Ｅ 貸 and 纳税e贷)."""
    folded = to_simplified(unicodedata.normalize("NFKC", name))
    return "".join(folded.split()).casefold()


def slug_stem(model, text: str, *, limit: int = 80) -> str:
    """The address of `text` where no other has it; Chinese characters stay, they read well in a browser."""
    return slugify(text, allow_unicode=True)[:limit].strip("-") or model._meta.model_name


def unique_slug(model, text: str) -> str:
    """An address for `text` that no row of `model` has yet."""
    stem = slug_stem(model, text)
    taken = set(model.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    if stem not in taken:
        return stem
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{stem}-{n}") not in taken)
