"""The texts of a case as pages show them: whole on its own page, by a snippet in a list."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString

from catalog.models import Case
from catalog.pages.provenance import Passage, passages
from catalog.search import Marker, snippet
from catalog.text import markdown

SNIPPET_LENGTH = 120  # characters: three lines on a desk, five on a phone


@dataclass(frozen=True)
class CasePage:
    """The texts of a case as HTML, in the order in which they are read; the `hits` of a query numbered through them."""

    title: SafeString
    subtitle: SafeString
    summary: SafeString
    passages: list[Passage]
    captions: list[SafeString]
    hits: int

    @classmethod
    def of(cls, case: Case, query: str) -> "CasePage":
        marker = Marker(query)
        title, subtitle, summary = map(marker.text, (case.title, case.subtitle, case.summary))
        body = [replace(passage, html=marker.html(passage.html)) for passage in passages(case)]
        captions = [marker.text(caption) for caption in case.captions]
        return cls(title, subtitle, summary, body, captions, marker.count)


def case_snippet(case: Case, query: str) -> SafeString:
    """The passage that shows best why the case matches, its hits in <mark>; its beginning where nothing was asked."""
    return snippet(_texts(case), query, SNIPPET_LENGTH)


def _texts(case: Case) -> Iterator[str]:
    """In the order in which they are preferred."""
    yield case.summary
    yield markdown.plain_text(case.body)
    yield from case.captions
