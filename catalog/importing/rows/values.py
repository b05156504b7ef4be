"""What a cell says: texts, lists, numbers, plain text as Markdown. `ValueError` carries a Chinese clause that goes on
where the column's name and its cell were named.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from catalog.text import limits, markdown

# No characters of a text; some of them PostgreSQL would not take.
_DAMAGE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# The page and line breaks of word processors are layout.
_BREAKS = (("\f", ""), ("\v", ""), ("\r\n", "\n"), ("\r", "\n"), ("\u2028", "\n"))
_LINE_BREAK = re.compile(r"[\n\t\u2028\u2029]")
_LISTED = re.compile(r"[;；、\n]")
_COUNT = re.compile(r"[0-9]{1,10}")
_LONGEST_KEY = 40  # of a piece of a body (see `markdown.piece_key`)
_FLAGS = dict.fromkeys(("true", "1", "是"), True) | dict.fromkeys(("false", "0", "否", ""), False)
# What people write to say that there is nothing to say.
_DASH = re.compile(r"[-‐‑‒–—―─~_/\\.·…\s]+")
_NOTHING = re.compile(
    r"(?:[暂暫均尚皆])?[无無]|\?+|空白?|[尚暂暫]?(?:不[详詳]|不明|未知|未[详詳]|未定)|[暂暫空]?缺|待(?:定|[补補]充?|查|填[写寫]?)|不[适適]用"
    r"|n\.?/?a\.?|#n/a|null|none|nil|nan|tbd|undefined|unknown",
    re.IGNORECASE,
)
_LONGEST_NOTHING = 20
_BRACKETS = "()[]{}<>【】〈〉《》「」“”\"' "


def text_of(value: object) -> str:
    """One text, its line ends made one kind. A number is taken as written; lists and objects are no text."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError("应是文字")
    if damage := damage_of(value):
        raise ValueError(damage)
    for sign, plain in _BREAKS:
        value = value.replace(sign, plain)
    return value.strip()


def damage_of(text: str) -> str | None:
    """What is wrong with a text that has characters which are none, as a Chinese clause."""
    match = _DAMAGE.search(text)
    return f"里有控制字符（U+{ord(match[0]):04X}）" if match else None


def mended(text: str) -> str:
    """The text with U+FFFD for each character that is none, by which an editor sees where something was lost."""
    return _DAMAGE.sub("\ufffd", text)


def is_dash(cell: object) -> bool:
    """Whether a cell is empty, or has a mere stroke where nothing is to be said."""
    if isinstance(cell, str):
        return not cell.strip() or (len(cell) <= _LONGEST_NOTHING and bool(_DASH.fullmatch(_narrow(cell))))
    return cell is None or cell == [] or cell == {}


def says_nothing(cell: object) -> bool:
    """Whether a cell is empty, or says in so many words that there is nothing: —, 无, 不详, N/A."""
    if is_dash(cell):
        return True
    if not isinstance(cell, str) or len(cell) > _LONGEST_NOTHING:
        return False
    bare = _narrow(cell).strip(_BRACKETS)
    return not bare or bool(_NOTHING.fullmatch(bare))


def _narrow(cell: str) -> str:
    return cell if cell.isascii() else unicodedata.normalize("NFKC", cell)


def is_garbled(text: str) -> bool:
    """Whether some character was lost when the text was once read in a wrong encoding."""
    return "\ufffd" in text or "锟斤拷" in text


def line_of(value: object) -> str:
    """A text that is one line: a break inside it, with the blanks around it, is one blank."""
    text = text_of(value)
    return " ".join(filter(None, map(str.strip, _LINE_BREAK.split(text)))) if _LINE_BREAK.search(text) else text


def items_of(value: object) -> list[str]:
    """The items of a list, or of a text that parts them by ; ；、 or line ends; none empty or a mere 无."""
    items: Iterable = value if isinstance(value, list) else _LISTED.split(text_of(value))
    return [item for item in map(line_of, items) if not says_nothing(item)]


def list_of(value: object) -> list[str]:
    """As `items_of`, none twice."""
    return list(dict.fromkeys(items_of(value)))


def count_of(value: object) -> int | None:
    """A whole number from 0 on that a column of the database holds, None for an empty cell."""
    text = line_of(value)
    if not text:
        return None
    if not _COUNT.fullmatch(text) or int(text) >= 2**31:
        raise ValueError("应是整数")
    return int(text)


def share_of(value: object) -> float | None:
    """A number from 0 to 1, None for an empty cell."""
    text = line_of(value)
    with suppress(ValueError):
        if not text or 0 <= float(text) <= 1:
            return float(text) if text else None
    raise ValueError("应是 0 到 1 的数")


def flag_of(value: object) -> bool:
    """Whether the cell says yes; an empty one says no."""
    text = str(value).casefold() if isinstance(value, bool) else line_of(value).casefold()
    if text not in _FLAGS:
        raise ValueError("应是 true 或 false")
    return _FLAGS[text]


def places_of(value: object) -> list[dict]:
    """Where the pieces of a body stood, as `compose.provenance_of` gives it, or as the JSON text of that."""
    try:
        rows = json.loads(text_of(value) or "[]") if not isinstance(value, list) else value
        if len(rows) > limits.PLACES:
            raise ValueError
        return [_place(row) for row in rows]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError("的格式不对") from error


def _place(row: Mapping) -> dict:
    key, lines = text_of(row["key"]), row["lines"]
    if len(key) > _LONGEST_KEY or len(lines) > limits.PLACE_SPANS:
        raise ValueError
    spans = [[count_of(number) for number in span] for span in lines]
    if not all(first and last and first <= last for first, last in spans):
        raise ValueError
    return {"key": key, "lines": spans, "page": count_of(row["page"])}


def paragraphs(text: str) -> str:
    """Plain text whose lines are paragraphs, as Markdown that shows them as they are."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n\n".join(markdown.paragraph(line) for line in lines if line)


def moment_of(value: object) -> datetime | None:
    """A time with its zone, as an export writes it. None for any other: then nobody knows when the row was true."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(line_of(value))
        return moment if moment.tzinfo else None
    return None
