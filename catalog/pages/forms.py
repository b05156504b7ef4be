"""Fields for the parameters of an address, which anybody may write: what makes no sense is never an error.

A page takes what it can of a parameter and leaves out the rest. A program is told instead: `problem` gives the reason.
"""

import unicodedata
from collections.abc import Callable, Sequence

from django import forms
from django.db.models import TextChoices

from catalog.search import LONGEST_QUERY

# Controls, and halves of characters: nobody types them, and no text has any.
_NO_TEXT = {"Cc", "Cs"}


def clean_query(text: str | None) -> str:
    """The text as far as a query is read, without the characters that nobody types, such as NUL."""
    text = (text or "")[:LONGEST_QUERY]
    if not text.isprintable():
        # A line break or a tab, of a text that was pasted, parts words.
        text = "".join(" " if char.isspace() else char for char in text if char.isspace() or _is_text(char))
    return text.strip()


def _is_text(character: str) -> bool:
    return unicodedata.category(character) not in _NO_TEXT


class ParameterField(forms.Field):
    """A parameter of one value, of which the last one counts."""

    widget = forms.TextInput

    def problem(self, value: str) -> str:
        """Why a value, which is not blank, means nothing here; empty for one that does."""
        raise NotImplementedError

    def values_in(self, data, name: str) -> list[str]:
        """The values that count, blank ones left out."""
        values = self.widget.value_from_datadict(data, {}, name) or []
        return [value for value in ([values] if isinstance(values, str) else values) if value]


class QueryField(ParameterField):
    """Any text whatever."""

    def clean(self, value: str | None) -> str:
        return clean_query(value)

    def problem(self, value):
        return ""


class SwitchField(ParameterField):
    """On as "1", else off."""

    def clean(self, value: str | None) -> bool:
        return value == "1"

    def problem(self, value):
        return "" if value == "1" else "只能是 1"


class NumberField(ParameterField):
    """A whole number from 1 to `largest`; None for anything else."""

    def __init__(self, *args, largest: int, **kwargs):
        super().__init__(*args, **kwargs)
        self.largest = largest

    def clean(self, value: str | None) -> int | None:
        return int(value) if value and not self.problem(value) else None

    def problem(self, value):
        digits = value.isascii() and value.isdigit() and len(value) <= len(str(self.largest))
        return "" if digits and 1 <= int(value) <= self.largest else f"应是 1 到 {self.largest} 的整数"


class MemberField(ParameterField):
    """A member of `choices` by its value; None for anything else."""

    def __init__(self, *args, choices: type[TextChoices], **kwargs):
        super().__init__(*args, **kwargs)
        self.choices = choices

    def clean(self, value: str | None) -> TextChoices | None:
        return self.choices(value) if value and not self.problem(value) else None

    def problem(self, value):
        values = self.choices.values
        return "" if value in values else f"没有这种{self.label}，可用的有 {'、'.join(values)}"


class ValuesField(ParameterField):
    """The values of a repeated parameter that `known` lets through, in order and none twice."""

    widget = forms.SelectMultiple

    def __init__(self, *args, known: Callable[[list[str]], set[str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.known = known

    def clean(self, value: Sequence[str] | None) -> list[str]:
        values = list(dict.fromkeys(value or []))
        known = self.known(values) if values else set()
        return [item for item in values if item in known]

    def problem(self, value):
        return "" if self.known([value]) else f"没有这个{self.label}：{value[:50]}"
