"""From a draft's blocks to the Markdown of a case, with the place of every piece in the source."""

from collections.abc import Iterable

from catalog.importing.drafts import Block
from catalog.text import markdown


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
