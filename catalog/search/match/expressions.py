"""What is asked of the lexemes of a case: has it this one, all of these, any of these, so many of these.

Two ways to answer: `tsquery`, by the database's index; and bit by bit, by a snapshot (see `snapshot`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from catalog.search.index.lexemes import MARK, quote

# PostgreSQL takes lexemes of 2,046 bytes, at four bytes a character.
_LONGEST = 500


@dataclass(frozen=True)
class Has:
    """The lexeme itself, or any that begins with it."""

    lexeme: str
    beginning: bool = False


@dataclass(frozen=True)
class Every:
    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Either:
    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class AtLeast:
    """Meant for few: as a tsquery all combinations are written out."""

    count: int
    parts: tuple["Expression", ...]


Expression = Has | Every | Either | AtLeast


def every(parts: Iterable[Expression | None]) -> Expression | None:
    return _joined(Every, parts)


def either(parts: Iterable[Expression | None]) -> Expression | None:
    return _joined(Either, parts)


def _joined(kind: type[Every] | type[Either], parts: Iterable[Expression | None]) -> Expression | None:
    """Those that are none are left out, and those of the same kind are taken apart: however many are joined one after
    the other, the expression is no deeper.
    """
    flat = tuple(dict.fromkeys(inner for part in parts if part for inner in _parts(kind, part)))
    return kind(flat) if len(flat) > 1 else flat[0] if flat else None


def _parts(kind: type[Every] | type[Either], expression: Expression) -> tuple[Expression, ...]:
    return expression.parts if isinstance(expression, kind) else (expression,)


def leaves(expression: Expression) -> Iterator[Has]:
    if isinstance(expression, Has):
        yield expression
    else:
        for part in expression.parts:
            yield from leaves(part)


def tsquery(expression: Expression) -> str:
    match expression:
        case Has(lexeme, beginning):
            return quote(_fitting(lexeme)) + (":*" if beginning else "")
        case Every(parts):
            return f"({' & '.join(map(tsquery, parts))})"
        case Either(parts):
            return f"({' | '.join(map(tsquery, parts))})"
        case AtLeast(count, parts):
            return tsquery(Either(tuple(Every(chosen) for chosen in combinations(parts, count))))


def _fitting(lexeme: str) -> str:
    """Of one that no vector can hold, another that no vector holds: such as a long run, which only a snapshot knows."""
    return lexeme if len(lexeme) <= _LONGEST else lexeme[:_LONGEST] + MARK
