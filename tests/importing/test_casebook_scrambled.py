"""Whole scrambled books of which the truth is known: other texts, column widths and habits for every seed."""

import random
from functools import cache

import pytest

from catalog.importing.casebook import is_casebook, read_casebook
from catalog.importing.casebook.lines import letters, squeeze
from catalog.importing.drafts import CaseDraft, Document, SourceDraft
from catalog.importing.reference import Reference
from tests.importing.scrambler import Book, Layout, TrueCase, make_book

pytestmark = pytest.mark.slow

SEEDS = range(24)
NO_BANKS = Reference((), ())


def document_of(lines: list[str]) -> Document:
    return Document("案例集.txt", "0" * 64, "utf-8", tuple(lines))


def layout_of(seed: int) -> Layout:
    rng = random.Random(seed)
    return Layout(
        full=rng.randint(34, 42),
        half=rng.randint(19, 23),
        beside=rng.randint(26, 30),
        sidebar=rng.randint(11, 16),
        rows=rng.randint(20, 30),
        chapter_marks=rng.random() < 0.5,
        shared_spreads=rng.random() < 0.8,
    )


@cache
def read_book(seed: int) -> tuple[Book, SourceDraft]:
    book = make_book(seed, layout_of(seed))
    return book, read_casebook(document_of(book.lines), NO_BANKS)


def pairs() -> list[tuple[TrueCase, CaseDraft]]:
    case_pairs = []
    for seed in SEEDS:
        book, draft = read_book(seed)
        drafts = {letters(case.full_title): case for case in draft.cases}
        case_pairs += [(case, drafts[letters("".join(case.title))]) for case in book.cases]
    return case_pairs


def body_of(draft: CaseDraft) -> str:
    return squeeze("".join(block.text for block in draft.blocks))


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_case_is_found_in_the_books_order_under_its_chapter(seed: int):
    book, draft = read_book(seed)
    titles = [letters("".join(case.title)) for case in book.cases]
    assert [letters(case.full_title) for case in draft.cases] == titles
    assert [case.category for case in draft.cases] == [case.chapter for case in book.cases]
    assert [case.number for case in draft.cases] == list(range(1, len(titles) + 1))


def test_ninety_five_of_a_hundred_sentences_cut_by_a_page_are_whole_again():
    hits = [squeeze(join) in body_of(draft) for case, draft in pairs() for join in case.joins]
    assert len(hits) > 200
    assert share(hits) >= 0.95


def test_boxes_are_the_summaries():
    assert share([squeeze(draft.summary) == squeeze(case.summary) for case, draft in pairs()]) >= 0.85


def test_captions_are_kept_out_of_the_text():
    hits = []
    for case, draft in pairs():
        captions = {squeeze(caption.text) for caption in draft.captions}
        hits += [squeeze(caption) in captions for caption in case.captions]
    assert share(hits) >= 0.8


def test_a_case_holds_next_to_nothing_of_another():
    foreign = []
    for seed in SEEDS:
        book, draft = read_book(seed)
        for case, case_draft in zip(book.cases, draft.cases, strict=True):
            true_text = squeeze("".join([*case.body, case.summary]))
            text = body_of(case_draft)
            pieces = [text[i : i + 14] for i in range(0, len(text) - 14, 14)]
            foreign.append(share([_shares(piece, true_text) for piece in pieces]) < 0.85)
    assert share(foreign) <= 0.08


def _shares(piece: str, text: str) -> bool:
    """Whether the text holds the piece, apart from a seam inside the piece."""
    return piece[:7] in text or piece[7:] in text


def test_a_sentence_that_was_lost_is_told_to_the_editor():
    has_doubt = []
    for case, draft in pairs():
        if any(squeeze(join) not in body_of(draft) for join in case.joins):
            has_doubt.append(any(doubt.field in ("body", "summary") for doubt in draft.doubts))
    assert share(has_doubt) >= 0.4


def test_the_same_document_gives_the_same_draft():
    book, draft = read_book(0)
    assert read_casebook(document_of(book.lines), NO_BANKS) == draft


def test_a_casebook_is_recognised_and_an_article_is_not():
    assert is_casebook(document_of(read_book(0)[0].lines))
    assert not is_casebook(document_of(["某银行举办活动", "", "昨日，某银行在东山举办了一场活动。"]))


def test_spans_name_lines_of_the_document():
    book, draft = read_book(1)
    for case in draft.cases:
        for block in case.blocks:
            text = squeeze("".join(book.lines[n - 1] for first, last in block.spans for n in range(first, last + 1)))
            assert set(squeeze(block.text)) <= set(text)
