"""Keys by which two spellings of one name are recognised as the same, and slugs for URLs."""

import re
import unicodedata

from catalog.text.script import to_simplified

_NO_SLUG = re.compile(r"[^\w\s-]")
_BREAKS = re.compile(r"[-\s]+")


def name_key(name: str) -> str:
    """The key that all spellings of one name share, without blanks, width, case and script: 纳税 Ｅ 貸 and 纳税e贷."""
    folded = to_simplified(unicodedata.normalize("NFKC", name))
    return "".join(folded.split()).casefold()


def slugify(text: str, *, limit: int = 80) -> str:
    """Lower-case words joined by hyphens, at most `limit` characters. Chinese stays, because browsers show it.

    The result may be empty. The rule is that of `django.utils.text.slugify` with `allow_unicode=True`.
    """
    plain = _NO_SLUG.sub("", unicodedata.normalize("NFKC", text).lower())
    return _BREAKS.sub("-", plain).strip("-_")[:limit].strip("-")
