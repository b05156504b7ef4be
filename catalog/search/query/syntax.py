"""The query language, as a reader types it. Nothing here knows the catalogue; whatever is typed can be read.

    知识产权 质押        both                        "延期还本付息"       exactly this (also “…” and 「…」)
    扶贫 -光伏          the first, not the second    光伏 | 风电          either
    银行:工行 章节:绿色 产品:园区e贷 年份:2020       only cases of these; several: 年份:2019|2020, 年份:2018-2020

Everything else is text: a hyphen inside or apart from a word, a quotation mark that is not closed or stands inside a
word, a colon after any other word.
"""

import re
from dataclasses import dataclass

# A pasted page is answered by its beginning: characters, and pieces, each of which costs a look at the index.
LONGEST_QUERY = 1_000
MOST_PIECES = 64

FIELDS = {
    "银行": "bank", "机构": "bank", "bank": "bank",
    "章节": "category", "章": "category", "category": "category",
    "产品": "product", "product": "product",
    "年份": "year", "年": "year", "year": "year",
}  # fmt: skip

_BAR = re.compile(r"\s*[|｜]+\s*")
_MINUS = re.compile(r"[-－](?=[^\s|｜-])")
_FIELD = re.compile(rf"({'|'.join(FIELDS)})[:：](?=[^\s|｜])", re.IGNORECASE)
_QUOTED = re.compile(r"(?:\"([^\"]*)\"|“([^“”]*)”|「([^「」]*)」|『([^『』]*)』)(?=[\s|｜]|$)")
_BARE = re.compile(r"[^\s|｜]+")
_BETWEEN = " |｜\t\n\u3000"


@dataclass(frozen=True)
class Piece:
    """A text that is asked for; `exact` if it stood in quotation marks."""

    text: str
    exact: bool = False


@dataclass(frozen=True)
class Clause:
    """Any one of `pieces`, or none of them if `excluded`; in the field, or anywhere. It is query[start:end].

    `parts`: of one whose blanks were taken for those of typography, what stands between them.
    """

    pieces: tuple[Piece, ...]
    field: str | None
    excluded: bool
    start: int
    end: int
    parts: tuple[str, ...] = ()


def read(query: str) -> list[Clause]:
    """The clauses in order, of at most `MOST_PIECES` pieces. Any string is a query; one of blanks and marks may have no
    clause.
    """
    query = query[:LONGEST_QUERY]
    clauses: list[Clause] = []
    place, joined, pieces = _after_blanks(query, 0), False, 0
    while place < len(query) and pieces < MOST_PIECES:
        if bar := _BAR.match(query, place):
            place, joined = bar.end(), True
            continue
        start = place
        excluded, place = _after(_MINUS, query, place)
        field, place = _after(_FIELD, query, place)
        quoted = _QUOTED.match(query, place)
        match = quoted or _BARE.match(query, place)
        assert match  # neither a blank nor a bar stands here
        text = next((group for group in match.groups() if group is not None), "") if quoted else match[0]
        clause = Clause(
            (Piece(text, bool(quoted)),),
            FIELDS[field[1].lower()] if field else None,
            bool(excluded),
            start,
            match.end(),
        )
        before = clauses[-1] if clauses else None
        if joined and before and not excluded and clause.field in (None, before.field):
            clauses[-1] = Clause(
                (*before.pieces, *clause.pieces), before.field, before.excluded, before.start, clause.end
            )
        else:
            clauses.append(clause)
        place, joined, pieces = _after_blanks(query, match.end()), False, pieces + 1
    return clauses


def unread(query: str, clauses: list[Clause]) -> str:
    """What of the query comes after its clauses; blanks and bars are nothing."""
    return query[clauses[-1].end :].strip(_BETWEEN) if clauses else ""


def without(query: str, start: int, end: int) -> str:
    """The query less one of its clauses."""
    query = query[:LONGEST_QUERY]
    return " ".join(filter(None, (part.strip(_BETWEEN) for part in (query[:start], query[end:]))))


def _after_blanks(query: str, place: int) -> int:
    while query[place : place + 1].isspace():
        place += 1
    return place


def _after(pattern: re.Pattern, query: str, place: int) -> tuple[re.Match | None, int]:
    match = pattern.match(query, place)
    return match, match.end() if match else place
