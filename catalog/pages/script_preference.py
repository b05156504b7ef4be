"""In which script a reader wants to read: as the original has it, simplified or traditional."""

from django.db import models
from django.http import HttpRequest

from catalog.text.script import to_simplified, to_traditional

SCRIPT_COOKIE = "script"


class ReadingScript(models.TextChoices):
    ORIGINAL = "original", "原文"
    HANS = "hans", "简体"
    HANT = "hant", "繁體"

    @classmethod
    def parse(cls, value: str | None) -> "ReadingScript":
        return cls(value) if value in cls.values else cls.ORIGINAL

    @classmethod
    def of(cls, request: HttpRequest) -> "ReadingScript":
        return cls.parse(request.COOKIES.get(SCRIPT_COOKIE))

    def convert(self, text: str) -> str:
        if self == ReadingScript.HANS:
            return to_simplified(text)
        if self == ReadingScript.HANT:
            return to_traditional(text)
        return text


def reading_script(request: HttpRequest) -> dict:
    """Context processor: the reader's choice and all there are."""
    return {"reading_script": ReadingScript.of(request), "reading_scripts": ReadingScript}
