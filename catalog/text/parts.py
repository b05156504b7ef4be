"""A long body in parts, each a page of its own: cut before headings where there are any near, else between paragraphs.

Nothing is parsed: the time is that of finding the blank lines, whatever the body holds.
"""

import re
from collections.abc import Iterator

from catalog.text.markdown import plain_text, split_blocks

LONGEST = 30_000  # characters of a part
MOST = 300  # blocks of a part
# From this share of a full part on a heading begins the next one.
_FULL_ENOUGH = 0.6
_SENTENCE_END = re.compile(r"[。！？!?；;]")
# Characters that a cell counts for, which may have none of its own.
_CELL = 8
_TITLE = 40
_LOOKED_AT = 5_000
_TABLE_RULE = re.compile(r"[ \t:|-]*")  # with a dash in it


def parts_of(body: str) -> list[str]:
    """The body as Markdown texts of at most `LONGEST` characters and `MOST` blocks; at least one, which may be empty.

    A body that is no longer than that is one part, as it is.
    """
    if len(body) <= LONGEST and body.count("\n") < MOST:
        return [body]
    parts: list[str] = []
    blocks: list[str] = []
    size = 0
    for block in (piece for whole in split_blocks(body) for piece in _fitting(whole)):
        weight = _weight(block)
        is_full = size + weight > LONGEST or len(blocks) >= MOST
        begins_anew = block.startswith("#") and (size > _FULL_ENOUGH * LONGEST or len(blocks) > _FULL_ENOUGH * MOST)
        if blocks and (is_full or begins_anew):
            carried = _last_headings(blocks)
            parts.append("\n\n".join(blocks[: len(blocks) - carried]))
            blocks = blocks[len(blocks) - carried :]
            size = sum(map(_weight, blocks))
        blocks.append(block)
        size += weight
    return [*parts, "\n\n".join(blocks)]


def heading_of(part: str) -> str:
    """What a part is called in a list of parts: its first heading, else how its text begins."""
    lines = list(filter(str.strip, part[:_LOOKED_AT].split("\n")))
    headings = (line.lstrip("#").strip() for line in lines if line.startswith("#"))
    title = next(filter(None, headings), "") or plain_text("\n".join(lines[:1])).split("\n")[0]
    return title[:_TITLE] + ("…" if len(title) > _TITLE else "")


def _last_headings(blocks: list[str]) -> int:
    """How many headings a part ends with: they go with what follows them. None of a part of headings alone."""
    number = 0
    while number < len(blocks) and blocks[-1 - number].startswith("#"):
        number += 1
    return number if number < min(len(blocks), MOST // 10) else 0


def _columns(block: str) -> int:
    """Of a table; 0 for any other block."""
    head, _, rest = block.partition("\n")
    rule = rest.partition("\n")[0]
    return head.count("|") + 1 if "-" in rule and _TABLE_RULE.fullmatch(rule) else 0


def _weight(block: str) -> int:
    """Its length, or what its cells count for where these are more: a row of a table has all of its columns."""
    return max(len(block), _CELL * _columns(block) * (block.count("\n") + 1))


def _fitting(block: str) -> Iterator[str]:
    """A block that is too long for a part, cut at the ends of its lines, a line at the ends of its sentences. Each
    piece of a table has its head.
    """
    if _weight(block) <= LONGEST and block.count("\n") < MOST:
        yield block
        return
    lines, row = block.split("\n"), _CELL * _columns(block)
    head = lines[:2] if row else []
    if sum(map(len, head)) > LONGEST // 2:  # no part has room for it
        head, row = [], 0
    room = LONGEST - sum(map(len, head))
    piece: list[str] = []
    size = 0
    for line in (part for whole in lines for part in _sentences(whole, room)):
        if piece and (size + max(len(line), row) > room or len(piece) >= MOST):
            yield "\n".join(piece)
            piece, size = list(head), 0
        piece.append(line)
        size += max(len(line), row)
    yield "\n".join(piece)


def _sentences(line: str, room: int) -> Iterator[str]:
    while len(line) > room:
        ends = [match.end() for match in _SENTENCE_END.finditer(line, room // 2, room)]
        end = ends[-1] if ends else room
        yield line[:end]
        line = line[end:]
    yield line
