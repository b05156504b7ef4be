"""Finds the spans of a text that may be names of products."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

from catalog.importing.products import words
from catalog.text.dictionary import tokenizer
from catalog.text.script import to_simplified

Span = tuple[int, int]
Spans = dict[Span, set[str]]  # span -> observations (keys of `weighing.WEIGHTS`) that follow from how it was found


class Text:
    """A piece of text in two forms: `original`, and `plain` for matching (simplified, half width, unjustified).

    `places[i]` is the offset in `original` of character i of `plain`.
    """

    def __init__(self, text: str):
        blanks = {i for run in words.JUSTIFYING.finditer(text) for i in range(*run.span())}
        self.original = text
        self.places = [i for i in range(len(text)) if i not in blanks]
        narrow = "".join(_narrow(text[i]) for i in self.places)
        simplified = to_simplified(narrow)
        self.plain = simplified if len(simplified) == len(narrow) else "".join(map(to_simplified, narrow))

    def original_spelling(self, start: int, end: int) -> str:
        """The text of the original from which `plain[start:end]` came, with single blanks."""
        return " ".join(self.original[self.places[start] : self.places[end - 1] + 1].split())


def _narrow(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char


def find_spans(plain: str, owner_names: tuple[str, ...]) -> Spans:
    """The spans of a plain text that may be names. `owner_names`: those of its institution, longest first."""
    return {**_unquoted(plain, owner_names), **_latin(plain), **_quoted(plain)}


def enumerations(plain: str, spans: Spans) -> list[list[Span]]:
    """The spans in the text's order, grouped: the members of one enumeration (“甲”“乙”和“丙”) are one group."""
    lists: list[list[Span]] = []
    for span in sorted(spans):
        if lists and words.BETWEEN_LISTED.fullmatch(plain[lists[-1][-1][1] : span[0]]):
            lists[-1].append(span)
        else:
            lists.append([span])
    return lists


def _quoted(plain: str) -> Spans:
    spans: Spans = {}
    for quotation in words.QUOTED.finditer(plain):
        start, end = next(quotation.span(i) for i in range(1, len(quotation.groups()) + 1) if quotation[i])
        # Two characters in quotation marks are often only a part of the name: “工享”驿站, “轻松”系列服务.
        if end - start <= 2 and (type_noun := words.REST_OF_NAME.match(plain, end)):
            spans[start, type_noun.end()] = {"quoted", "typed"}
        else:
            spans[start, end] = {"document"} if quotation[3] else {"quoted"}
    return spans


def _latin(plain: str) -> Spans:
    return {match.span(): {"Latin name"} for match in words.LATIN_NAME.finditer(plain)}


def _unquoted(plain: str, owner_names: tuple[str, ...]) -> Spans:
    """Names without quotation marks: runs of words that end like a product and begin after an introducing word."""
    spans: Spans = {}
    offset = 0
    for clause in words.CLAUSE_BREAK.split(plain):
        for start, end in _runs_of_words(clause, owner_names):
            start, end = offset + start, offset + end
            # Of the spans with one start only the longest is kept: 服务 in 服务平台 is not a name.
            for shorter in [span for span in spans if span[0] == start]:
                del spans[shorter]
            spans[_with_owner(plain, start, end, owner_names), end] = set()
        offset += len(clause) + 1
    return spans


def _runs_of_words(clause: str, owner_names: tuple[str, ...]) -> Iterator[Span]:
    """The spans in a clause that end like a product, each from the word after the one that introduces it."""
    segments = list(tokenizer().cut(clause, HMM=False))
    ends = [0, *accumulate(map(len, segments))]
    for last_word, end in enumerate(ends[1:]):
        ending = words.UNQUOTED_END.search(clause[:end])
        if not ending or (clause[end - 1] == "贷" and clause[end : end + 1] in words.AFTER_LOANS):
            continue
        # The ending may consist of words before which a name would begin (银行 in 手机银行): go back past it first.
        first_word = last_word
        while ends[first_word] > ending.start():
            first_word -= 1
        while first_word > 0 and not _stops(segments, first_word - 1, clause[: ends[first_word]], owner_names):
            first_word -= 1
        start = ends[first_word] + words.LEADING.match(clause[ends[first_word] : end]).end()
        longest = words.LONGEST_SECURITY if words.SECURITY.search(clause[:end]) else words.LONGEST_NAME
        if 3 <= end - start <= longest:
            yield start, end


def _with_owner(plain: str, start: int, end: int, owner_names: tuple[str, ...]) -> int:
    """Where a name begins: if it has only everyday words, at the bank's name before it, else at `start`."""
    name = plain[start:end]
    if words.PLAIN.search(name) and words.SURE_ENDING.search(name):
        owner = next((name for name in owner_names if plain[:start].endswith(name)), "")
        return start - len(owner)
    return start


def _stops(segments: Sequence[str], i: int, before: str, owner_names: tuple[str, ...]) -> bool:
    """Whether a name begins right after `segments[i]`. `before` is the clause up to the end of that segment."""
    word = segments[i]
    if word in words.BOUNDARY or not word.strip() or before.endswith(owner_names):
        return True
    if words.NUMBER.fullmatch(word):
        # A number is a quantity, unless it is a service number (95599) or the year of an issue (2020年度第一期).
        is_part_of_name = re.fullmatch(r"\d{5}", word) or (
            re.fullmatch(r"\d{4}|第.", word) and segments[i + 1][0] in "年期"
        )
        return not is_part_of_name
    follows_number = i and words.NUMBER.fullmatch(segments[i - 1]) and not segments[i - 1].startswith("第")
    return bool(follows_number and words.UNIT.fullmatch(word))
