"""In which script a reader wants the texts: as the original has them, in simplified or in traditional characters."""

from django.db import models
from django.http import HttpRequest, HttpResponse

from catalog.text.script import to_simplified, to_traditional

COOKIE = "script_preference"
_YEAR = 365 * 24 * 3600


class ScriptPreference(models.TextChoices):
    ORIGINAL = "original", "原文"
    HANS = "hans", "简体"
    HANT = "hant", "繁體"

    @classmethod
    def parse(cls, value: str | None) -> "ScriptPreference":
        """By its value; the original for any other."""
        return cls(value) if value in cls.values else cls.ORIGINAL

    @classmethod
    def of(cls, request: HttpRequest) -> "ScriptPreference":
        return cls.parse(request.COOKIES.get(COOKIE))

    def remember(self, request: HttpRequest, response: HttpResponse) -> None:
        """Sets the cookie that `of` goes by, for a year."""
        response.set_cookie(
            COOKIE, self.value, max_age=_YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )

    def convert(self, text: str) -> str:
        """The text in this script, character for character or word for word, as OpenCC has it."""
        if self == ScriptPreference.HANS:
            return to_simplified(text)
        if self == ScriptPreference.HANT:
            return to_traditional(text)
        return text


def script_preference(request: HttpRequest) -> dict:
    """Context processor: the preference of the reader, and all that there are to choose from."""
    return {"script_preference": ScriptPreference.of(request), "script_preferences": ScriptPreference}
