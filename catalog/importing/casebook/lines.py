"""Printed lines: what a row of the text layer is, how wide it was on the page, and how its spacing is cleaned.

The text layer has one line a printed line, with blank lines between. A blank line between two rows is the normal
distance inside a column; rows that follow each other without one belong to one thing (a wrapped title, a caption).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

# Ideographs, their punctuation, and the full-width forms: what is typeset one em wide.
EM = "\u2014\u2018-\u201d\u2026\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2060\ufeff]")
_BLANKS = re.compile(r"[\s\u3000]+")
_SPACED_OUT = re.compile(rf"[{EM}] (?=[{EM}])")
_NOT_LETTERS = re.compile(r"[\W_]+")

SENTENCE_END = "。！？!?…"
CLOSING_MARKS = "”’」』》）)】\"'"
SOFT_END = "：；:;"
SQUEEZED = "，。、；：！？“”（）《》"
MAX_SLACK = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line, or a part of one where two things share a line (`start`: its first character's offset).

    `gap`: blank lines above it. `lead`: blanks it begins with. `width`: in ems, as set before justification.
    """

    number: int
    text: str
    gap: int
    lead: int
    width: float
    start: int = 0

    @property
    def slack(self) -> float:
        """Ems by which the row may have been set narrower than it measures: marks are squeezed to fill a line."""
        return min(MAX_SLACK, 0.5 * sum(char in SQUEEZED for char in self.text[:-1]))

    @property
    def plain(self) -> str:
        return squeeze(self.text)

    @property
    def is_tight(self) -> bool:
        return self.gap == 0


def read_rows(lines: Sequence[str]) -> list[Row]:
    """The rows of a document that hold text, numbered from 1 as an editor shows them."""
    rows: list[Row] = []
    blanks = 1  # the top of the file counts as an empty line: it begins no spread
    for number, line in enumerate(lines, 1):
        line = _CONTROL.sub("", line).replace("\u3000", " ").replace("\xa0", " ").replace("\t", " ")
        text = line.strip()
        if not text:
            blanks += 1
            continue
        rows.append(Row(number, text, blanks, len(line) - len(line.lstrip()), width_of(text)))
        blanks = 0
    return rows


def split_row(row: Row, offset: int) -> tuple[Row, Row]:
    """A row that holds two things, cut before the character at `offset`."""
    head, tail = row.text[:offset].rstrip(), row.text[offset:]
    lead = len(tail) - len(tail.lstrip())
    tail = tail.strip()
    return (
        replace(row, text=head, width=width_of(head)),
        Row(row.number, tail, 0, 0, width_of(tail), row.start + offset + lead),
    )


def width_of(text: str) -> float:
    """Ems of a line: an ideograph or full-width mark is 1, a Latin letter or digit half, a justification blank little.

    Two marks side by side are set closer, about half an em less; so is a mark at the line's end.
    """
    ems = 0.0
    previous = " "
    for char in text:
        if char == " ":
            ems += 0.2
        elif _is_em(char):
            ems += 0.6 if char in "“”‘’（）《》、，。；：！" and previous in "”’）》、，。；：！" else 1.0
        elif char.isupper() or char in "%&+@":
            ems += 0.65
        else:
            ems += 0.5
        previous = char
    return ems - 0.5 if previous in "，。、；：！？”）》" else ems


def _is_em(char: str) -> bool:
    return bool(char) and (ord(char) >= 0x2E80 or char in "—‘’“”…·")


def squeeze(text: str) -> str:
    """Text without any blanks: what is compared and counted."""
    return _BLANKS.sub("", text)


def letters(text: str) -> str:
    """Only letters, digits and ideographs: titles are matched without blanks and marks."""
    return _NOT_LETTERS.sub("", text).lower()


def is_closed(text: str) -> bool:
    """Does the text end a sentence?"""
    text = text.rstrip()
    bare = text.rstrip(CLOSING_MARKS)
    return bool(bare) and bare[-1] in SENTENCE_END and bare[-1:] != ""


def ends_with_mark(text: str) -> bool:
    """Does the text end with any mark of punctuation?"""
    text = text.rstrip()
    return bool(text) and (text[-1] in SENTENCE_END + CLOSING_MARKS + SOFT_END + "，、,—")


def tidy(text: str, *, keep_blanks: bool = False) -> str:
    """Clean spacing: none between ideographs or around digits, one blank between Latin words.

    With `keep_blanks` (titles, headings, captions) a blank between two phrases is the author's own and stays;
    a line set letter by letter (`东 亚 中 国`) is closed up in any case.
    """
    text = re.sub(r"[ \t]+", lambda found: " " if len(found[0]) == 1 else "  ", text.strip())
    ideographs = len(re.findall(rf"[{EM}]", text))
    letter_spaced = ideographs > 4 and len(_SPACED_OUT.findall(text)) > ideographs * 0.4
    out: list[str] = []
    for index, char in enumerate(text):
        if char != " ":
            out.append(char)
            continue
        before, after = text[:index].rstrip()[-1:], text[index + 1 :].lstrip()[:1]
        if out and out[-1] == " ":
            continue
        latin = _is_latin(before) and _is_latin(after)
        phrases = _is_ideograph(before) and _is_ideograph(after) and not letter_spaced
        phrases = phrases or (keep_blanks and not letter_spaced and (_is_em(before) or _is_em(after)))
        double = text[index : index + 2] == "  "
        if latin or (phrases and (double or keep_blanks) and not _hugs(before, after)):
            out.append(" ")
    return "".join(out)


def _is_latin(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in ".,:;!?%)('\"&-")


def _is_ideograph(char: str) -> bool:
    return bool(char) and 0x4E00 <= ord(char) <= 0x9FFF


def _hugs(before: str, after: str) -> bool:
    """A blank beside punctuation, a digit or a sign is justification, never a pause between phrases."""
    return not (_is_ideograph(before) or before in "”》）】") or not (_is_ideograph(after) or after in "“《（【")


def join_texts(texts: Iterable[str]) -> str:
    """Lines joined into one: Chinese without blanks, Latin words with one."""
    joined = ""
    for text in texts:
        text = text.strip()
        if joined and text and _is_word_char(joined[-1]) and _is_word_char(text[0]):
            joined += " "
        joined += text
    return joined


def _is_word_char(char: str) -> bool:
    return char.isascii() and char.isalpha()
