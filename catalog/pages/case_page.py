"""A case as its page shows it."""

from dataclasses import dataclass, replace

from django.utils.safestring import SafeString

from catalog.models import Case
from catalog.pages.provenance import Passage, passages
from catalog.search import Marker


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
