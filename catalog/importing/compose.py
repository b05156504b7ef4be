"""From a draft to what the catalogue keeps of it: its blocks as Markdown, with the place of every piece."""

from collections.abc import Iterable

from catalog.importing.drafts import Block, CaseDraft, Statement
from catalog.text import markdown


def statement_of(case: CaseDraft) -> Statement:
    """A draft speaks of every field that a document can tell of."""
    first_page, last_page = case.pages or (None, None)
    first_line = min((first for first, _ in case.spans), default=None)
    fields = {
        "title": case.title,
        "subtitle": case.subtitle,
        "title_inferred": case.title_inferred,
        "branch": case.branch,
        "category_confidence": case.category_confidence,
        "summary": case.summary,
        "body": body_of(case.blocks),
        "captions": [caption.text for caption in case.captions],
        "authors": list(case.authors),
        "published_on": case.published_on and case.published_on.isoformat(),
        "script": case.script,
        "number": case.number,
        "first_line": first_line,
        "last_line": max((last for _, last in case.spans), default=None),
        "first_page": first_page,
        "last_page": last_page,
        "provenance": provenance_of(case.blocks),
    }
    return Statement(
        ref=case.ref,
        fields=fields,
        bank=case.bank or "",
        category=case.category or "",
        products=case.products,
        doubts=case.doubts,
        line=first_line,
    )


def body_of(blocks: Iterable[Block]) -> str:
    return "\n\n".join(_markdown(block) for block in blocks)


def provenance_of(blocks: Iterable[Block]) -> list[dict]:
    """For every piece of the body: what it is recognised by, its line ranges and printed page.

    Recognised by its text, not by its position, so that an editor may move, add and delete paragraphs: the others keep
    their places, and a rewritten one has none.
    """
    return [
        {"key": markdown.piece_key(block.text), "lines": [list(span) for span in block.spans], "page": block.page}
        for block in blocks
    ]


def _markdown(block: Block) -> str:
    if block.kind == "heading":
        return markdown.heading(block.text, max(1, block.level))
    if block.kind == "table":
        return markdown.table([line.split("\t") for line in block.text.split("\n")])
    return markdown.paragraph(block.text)
