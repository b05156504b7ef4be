"""Where names may stand in a text."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

from catalog.importing.products import words
from catalog.text.dictionary import tokenizer
from catalog.text.script import to_simplified

Span = tuple[int, int]
Spans = dict[Span, set[str]]  # with what is observed in finding them


class Text:
    """A piece of text twice: `plain` for matching (simplified, half width, no blanks of justification) and the
    original, with the place of each plain character in it."""

    def __init__(self, text: str):
        blanks = {i for found in words.JUSTIFYING.finditer(text) for i in range(*found.span())}
        self.original = text
        self.places = [i for i in range(len(text)) if i not in blanks]
        narrow = "".join(_narrow(text[i]) for i in self.places)
        simplified = to_simplified(narrow)
        self.plain = simplified if len(simplified) == len(narrow) else "".join(map(to_simplified, narrow))

    def spelled(self, start: int, end: int) -> str:
        """The original spelling of a stretch of `plain`."""
        return " ".join(self.original[self.places[start] : self.places[end - 1] + 1].split())


def _narrow(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def find_spans(plain: str, own: tuple[str, ...]) -> Spans:
    """Every stretch of a plain text that may be a name. `own`: what the text's institution is called."""
    return {**_unquoted(plain, own), **_latin(plain), **_quoted(plain)}


def enumerations(plain: str, spans: Spans) -> list[list[Span]]:
    """The spans in the text's order, those of one enumeration (“甲”“乙”和“丙”) together."""
    lists: list[list[Span]] = []
    for span in sorted(spans):
        if lists and words.BETWEEN_LISTED.fullmatch(plain[lists[-1][-1][1] : span[0]]):
            lists[-1].append(span)
        else:
            lists.append([span])
    return lists


def _quoted(plain: str) -> Spans:
    spans: Spans = {}
    for found in words.QUOTED.finditer(plain):
        start, end = next(found.span(i) for i in range(1, len(found.groups()) + 1) if found[i])
        # A short word in quotation marks is only a part of the name: “工享”驿站, “轻松”系列服务.
        if end - start <= 2 and (more := words.REST_OF_NAME.match(plain, end)):
            spans[start, more.end()] = {"quoted", "typed"}
        else:
            spans[start, end] = {"document"} if found[3] else {"quoted"}
    return spans


def _latin(plain: str) -> Spans:
    return {found.span(): {"Latin name"} for found in words.LATIN_NAME.finditer(plain)}


def _unquoted(plain: str, own: tuple[str, ...]) -> Spans:
    """Runs of words that end like a product, back to the word that introduces them."""
    spans: Spans = {}
    offset = 0
    for clause in words.CLAUSE_BREAK.split(plain):
        for start, end in _runs_of_words(clause, own):
            start, end = offset + start, offset + end
            # The longest of those that begin together is the name: 服务 in 服务平台 is none.
            for other in [span for span in spans if span[0] == start]:
                del spans[other]
            spans[_with_owner(plain, start, end, own), end] = set()
        offset += len(clause) + 1
    return spans


def _runs_of_words(clause: str, own: tuple[str, ...]) -> Iterator[Span]:
    run = list(tokenizer().cut(clause, HMM=False))
    ends = [0, *accumulate(map(len, run))]
    for last, end in enumerate(ends[1:]):
        ending = words.UNQUOTED_END.search(clause[:end])
        if not ending or (clause[end - 1] == "贷" and clause[end : end + 1] in words.AFTER_LOANS):
            continue
        # The ending itself may be of words that begin nothing: 银行 in 手机银行.
        first = last
        while ends[first] > ending.start():
            first -= 1
        while first > 0 and not _stops(run, first - 1, clause[: ends[first]], own):
            first -= 1
        start = ends[first] + words.LEADING.match(clause[ends[first] : end]).end()
        longest = words.LONGEST_SECURITY if words.SECURITY.search(clause[:end]) else words.LONGEST_NAME
        if 3 <= end - start <= longest:
            yield start, end


def _with_owner(plain: str, start: int, end: int, own: tuple[str, ...]) -> int:
    """Where a name of everyday words begins: at the bank's name before it, without which it names nothing."""
    name = plain[start:end]
    if words.PLAIN.search(name) and words.SURE_ENDING.search(name):
        owner = next((name for name in own if plain[:start].endswith(name)), "")
        return start - len(owner)
    return start


def _stops(run: Sequence[str], i: int, before: str, own: tuple[str, ...]) -> bool:
    """Whether the name begins after word `i` of a run; `before` is the clause up to the end of it."""
    word = run[i]
    if word in words.BOUNDARY or not word.strip() or before.endswith(own):
        return True
    if words.NUMBER.fullmatch(word):
        # A number counts something, unless it is a service line's (95599) or the year of an issue (2020年度第一期).
        of_name = re.fullmatch(r"\d{5}", word) or (re.fullmatch(r"\d{4}|第.", word) and run[i + 1][0] in "年期")
        return not of_name
    counted = i and words.NUMBER.fullmatch(run[i - 1]) and not run[i - 1].startswith("第")
    return bool(counted and words.UNIT.fullmatch(word))
