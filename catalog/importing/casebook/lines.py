"""Rows, the printed lines of the text layer: how wide each was on the page, and how its spacing is cleaned.

The text layer has one line per printed line, with blank lines between them. One blank line between two rows is the
normal distance inside a column; rows without one between them belong together (a wrapped title, a caption).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

# Characters that are one em wide: ideographs, their punctuation, and full-width forms.
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
    """One printed line, or a part of it where two things share a line.

    `gap`: blank lines above it. `lead`: blanks at its beginning. `width`: in ems, before justification. `start`: offset
    of its first character in the line.
    """

    number: int
    text: str
    gap: int
    lead: int
    width: float
    start: int = 0

    @property
    def slack(self) -> float:
        """Ems by which the row may have been printed narrower than `width`, as marks are squeezed to fill a line."""
        return min(MAX_SLACK, 0.5 * sum(char in SQUEEZED for char in self.text[:-1]))

    @property
    def plain(self) -> str:
        """The text without blanks."""
        return squeeze(self.text)

    @property
    def is_tight(self) -> bool:
        """Whether there is no blank line above it."""
        return self.gap == 0


def read_rows(lines: Sequence[str]) -> list[Row]:
    """The rows of a document, without its blank lines; line numbers start at 1."""
    rows: list[Row] = []
    blanks = 1  # the top of the file counts as a blank line, so that the first row is not tight
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
    """The two rows that result from cutting a row before the character at `offset`."""
    head, tail = row.text[:offset].rstrip(), row.text[offset:]
    lead = len(tail) - len(tail.lstrip())
    tail = tail.strip()
    return (
        replace(row, text=head, width=width_of(head)),
        Row(row.number, tail, 0, 0, width_of(tail), row.start + offset + lead),
    )


def width_of(text: str) -> float:
    """The width of a line in ems: 1 for an ideograph or full-width mark, about half for Latin, 0.2 for a blank.

    A mark after another mark, or at the end of the line, is set about half an em narrower.
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
    """The text without blanks, for comparing and counting."""
    return _BLANKS.sub("", text)


def letters(text: str) -> str:
    """The letters, digits and ideographs of a text in lower case: titles are matched without blanks and marks."""
    return _NOT_LETTERS.sub("", text).lower()


def is_closed(text: str) -> bool:
    """Whether the text ends with the end of a sentence."""
    text = text.rstrip()
    bare = text.rstrip(CLOSING_MARKS)
    return bool(bare) and bare[-1] in SENTENCE_END and bare[-1:] != ""


def ends_with_mark(text: str) -> bool:
    """Whether the text ends with a mark of punctuation."""
    text = text.rstrip()
    return bool(text) and (text[-1] in SENTENCE_END + CLOSING_MARKS + SOFT_END + "，、,—")


def tidy(text: str, *, keep_blanks: bool = False) -> str:
    """The text with clean spacing: no blanks between ideographs or around digits, one between Latin words.

    With `keep_blanks` (titles, headings, captions) a blank between two phrases is taken for the author's and stays. The
    blanks of a letter-spaced line (`东 亚 中 国`) are removed in any case.
    """
    text = re.sub(r"[ \t]+", lambda blanks: " " if len(blanks[0]) == 1 else "  ", text.strip())
    ideographs = len(re.findall(rf"[{EM}]", text))
    is_letter_spaced = ideographs > 4 and len(_SPACED_OUT.findall(text)) > ideographs * 0.4
    output: list[str] = []
    for index, char in enumerate(text):
        if char != " ":
            output.append(char)
            continue
        before, after = text[:index].rstrip()[-1:], text[index + 1 :].lstrip()[:1]
        if output and output[-1] == " ":
            continue
        latin = _is_latin(before) and _is_latin(after)
        phrases = _is_ideograph(before) and _is_ideograph(after) and not is_letter_spaced
        phrases = phrases or (keep_blanks and not is_letter_spaced and (_is_em(before) or _is_em(after)))
        double = text[index : index + 2] == "  "
        if latin or (phrases and (double or keep_blanks) and not _hugs(before, after)):
            output.append(" ")
    return "".join(output)


def _is_latin(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in ".,:;!?%)('\"&-")


def _is_ideograph(char: str) -> bool:
    return bool(char) and 0x4E00 <= ord(char) <= 0x9FFF


def _hugs(before: str, after: str) -> bool:
    """Whether a blank between these characters is justification, as it is beside punctuation, digits and signs."""
    return not (_is_ideograph(before) or before in "”》）】") or not (_is_ideograph(after) or after in "“《（【")


def join_texts(texts: Iterable[str]) -> str:
    """The lines joined into one text: with a blank only between two Latin words."""
    result = ""
    for text in texts:
        text = text.strip()
        if result and text and _is_word_char(result[-1]) and _is_word_char(text[0]):
            result += " "
        result += text
    return result


def _is_word_char(char: str) -> bool:
    return char.isascii() and char.isalpha()
