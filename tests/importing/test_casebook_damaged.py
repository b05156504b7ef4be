"""Damaged books: an import goes on with doubts or stops with a sentence and a place, and never with anything else."""

import random
from collections.abc import Callable

import pytest

from catalog.importing.casebook import read_casebook
from catalog.importing.drafts import Document, ImportProblem, SourceDraft
from catalog.importing.reference import Reference
from tests.importing.scrambler import LABEL, Book, make_book

pytestmark = pytest.mark.slow

BOOK = make_book(3)
Damage = Callable[[list[str], random.Random], list[str]]


def read_lines(lines: list[str]) -> SourceDraft:
    return read_casebook(Document("案例集.txt", "0" * 64, "utf-8", tuple(lines)), Reference((), ()))


def attempt(lines: list[str]) -> tuple[SourceDraft | None, ImportProblem | None]:
    try:
        return read_lines(lines), None
    except ImportProblem as problem:
        return None, problem


def text_of(book: Book) -> range:
    return range(book.contents[1], len(book.lines))


def drop(share: float) -> Damage:
    return lambda lines, rng: [line for line in lines if rng.random() >= share]


def double(share: float) -> Damage:
    return lambda lines, rng: [line for line in lines for _ in range(1 + (rng.random() < share))]


def swap(share: float) -> Damage:
    def damage(lines: list[str], rng: random.Random) -> list[str]:
        lines = list(lines)
        for index in range(len(lines) - 1):
            if rng.random() < share:
                lines[index], lines[index + 1] = lines[index + 1], lines[index]
        return lines

    return damage


def garble(share: float) -> Damage:
    return lambda lines, rng: [
        "".join(rng.choice("〓?□") if rng.random() < share else char for char in line) for line in lines
    ]


DAMAGES: dict[str, Damage] = {
    "a line in a hundred is missing": drop(0.01),
    "a line in ten is missing": drop(0.1),
    "a line in three is missing": drop(0.33),
    "a line in fifty is double": double(0.02),
    "every line is double": double(1.0),
    "a few lines have changed places": swap(0.02),
    "many lines have changed places": swap(0.3),
    "characters are unreadable": garble(0.05),
    "the second half is missing": lambda lines, rng: lines[: len(lines) // 2],
    "the first half is missing": lambda lines, rng: lines[len(lines) // 2 :],
    "the middle is missing": lambda lines, rng: lines[: len(lines) // 3] + lines[2 * len(lines) // 3 :],
    "the last lines are missing": lambda lines, rng: lines[:-40],
    "the contents are missing": lambda lines, rng: [lines[n] for n in text_of(BOOK)],
    "only the contents are there": lambda lines, rng: lines[: BOOK.contents[1]],
    "there are no blank lines": lambda lines, rng: [line for line in lines if line.strip()],
    "there are blank lines everywhere": lambda lines, rng: [part for line in lines for part in (line, "")],
    "no line is indented": lambda lines, rng: [line.strip() for line in lines],
    "the labels are missing": lambda lines, rng: [line for line in lines if line.strip() != LABEL],
    "the lines are in reverse": lambda lines, rng: lines[::-1],
    "all is one line": lambda lines, rng: ["".join(lines)],
    "there is nothing": lambda lines, rng: [],
    "there are only blanks": lambda lines, rng: ["", "  ", "\t"],
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_book_imports_with_doubts_or_stops_with_a_problem(name: str):
    lines = DAMAGES[name](BOOK.lines, random.Random(name))
    draft, problem = attempt(lines)
    if problem is not None:
        assert problem.file == "案例集.txt"
        assert problem.line is None or 1 <= problem.line <= max(1, len(lines))
        assert any("\u4e00" <= char <= "\u9fff" for char in problem.message)
    else:
        assert draft.cases
        assert all(case.full_title and case.category for case in draft.cases)
        assert any(doubt.field != "bank" for case in draft.cases for doubt in case.doubts)


def test_a_missing_title_is_named_with_its_line_in_the_contents():
    title = BOOK.cases[5].title
    first, last = BOOK.contents
    remaining_lines = [line for n, line in enumerate(BOOK.lines) if n < last or not any(part in line for part in title)]
    with pytest.raises(ImportProblem) as caught:
        read_lines(remaining_lines)
    assert title[0][:6] in caught.value.message
    assert first <= caught.value.line <= last


def test_a_title_of_which_a_line_is_missing_is_found_and_doubted():
    title = BOOK.cases[4].title
    at = max(n for n, line in enumerate(BOOK.lines) if line.strip() == title[-1])
    draft = read_lines(BOOK.lines[:at] + BOOK.lines[at + 1 :])
    doubted = [case for case in draft.cases if any(doubt.field == "title" for doubt in case.doubts)]
    assert [case.number for case in doubted] == [5]


def test_a_case_whose_last_spread_is_missing_says_that_it_stops_inside_a_sentence():
    spreads = [n for n in text_of(BOOK) if BOOK.lines[n].startswith(" ") and BOOK.lines[n - 1].strip()]
    draft = read_lines(BOOK.lines[: spreads[-1]])
    assert any("停在半句" in doubt.reason for doubt in draft.cases[-1].doubts)


def test_a_case_without_its_label_still_gives_its_box_for_an_editor_to_check():
    draft = read_lines([line for line in BOOK.lines if line.strip() != LABEL])
    doubted = [case for case in draft.cases if any(doubt.field == "summary" for doubt in case.doubts)]
    assert len(doubted) == len(draft.cases)
