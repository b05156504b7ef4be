"""What a reader typed, as an address or a form brings it."""

import unicodedata

from django import forms

from catalog.search import LONGEST_QUERY

# Controls, and halves of characters: nobody types them, and no text has any.
_NO_TEXT = {"Cc", "Cs"}


def clean_query(text: str | None) -> str:
    """The text as far as a query is read, without the characters that nobody types, such as NUL."""
    text = (text or "")[:LONGEST_QUERY]
    if not text.isprintable():
        # A line break or a tab, of a text that was pasted, parts words.
        text = "".join(" " if one.isspace() else one for one in text if one.isspace() or _is_text(one))
    return text.strip()


def _is_text(character: str) -> bool:
    return unicodedata.category(character) not in _NO_TEXT


class QueryField(forms.CharField):
    """Any text whatever is valid."""

    def to_python(self, value: str | None) -> str:
        return clean_query(value)
