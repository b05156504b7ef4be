"""The passage of a case that a list shows."""

from collections.abc import Iterator

from django.utils.safestring import SafeString

from catalog.models import Case
from catalog.search import snippet
from catalog.text import markdown

SNIPPET_LENGTH = 120  # characters: three lines on a desk, five on a phone


def case_snippet(case: Case, query: str) -> SafeString:
    """The passage that shows best why the case matches, its hits in <mark>; its beginning where nothing was asked."""
    return snippet(_texts(case), query, SNIPPET_LENGTH)


def _texts(case: Case) -> Iterator[str]:
    """In the order in which they are preferred."""
    yield case.summary
    yield markdown.plain_text(case.body)
    yield from case.captions
