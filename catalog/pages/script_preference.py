"""In which script a reader wants to read: as the original has it, simplified or traditional."""

from django.db import models
from django.http import HttpRequest

from catalog.text.script import to_simplified, to_traditional

SCRIPT_COOKIE = "script"


class ScriptPreference(models.TextChoices):
    ORIGINAL = "original", "原文"
    HANS = "hans", "简体"
    HANT = "hant", "繁體"

    @classmethod
    def parse(cls, value: str | None) -> "ScriptPreference":
        return cls(value) if value in cls.values else cls.ORIGINAL

    @classmethod
    def of(cls, request: HttpRequest) -> "ScriptPreference":
        return cls.parse(request.COOKIES.get(SCRIPT_COOKIE))

    def convert(self, text: str) -> str:
        if self == ScriptPreference.HANS:
            return to_simplified(text)
        if self == ScriptPreference.HANT:
            return to_traditional(text)
        return text


def script_preference(request: HttpRequest) -> dict:
    """Context processor: the reader's choice and all there are."""
    return {"script_preference": ScriptPreference.of(request), "script_preferences": ScriptPreference}
