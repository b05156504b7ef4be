"""When two names are the same name, and the addresses that are made from names."""

import re
import unicodedata

from catalog.text.script import to_simplified

_NO_SLUG = re.compile(r"[^\w\s-]")
_BREAKS = re.compile(r"[-\s]+")


def name_key(name: str) -> str:
    """What two spellings of one name share: no blanks, width, case or script (纳税 Ｅ 貸 and 纳税e贷)."""
    folded = to_simplified(unicodedata.normalize("NFKC", name))
    return "".join(folded.split()).casefold()


def slugify(text: str, *, limit: int = 80) -> str:
    """Lower-case words joined by hyphens, at most `limit` characters; Chinese stays, it reads well in a browser.

    The result may be empty. The rule is that of `django.utils.text.slugify` with `allow_unicode`.
    """
    plain = _NO_SLUG.sub("", unicodedata.normalize("NFKC", text).lower())
    return _BREAKS.sub("-", plain).strip("-_")[:limit].strip("-")
