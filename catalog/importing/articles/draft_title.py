"""Makes a working title for an article without one, from its own words, for an editor to replace."""

import re
from collections.abc import Sequence

from catalog.importing.clauses import clauses, headline, sentences
from catalog.importing.institutions import mentioned_banks
from catalog.importing.reference import Reference

_CALLED = re.compile(r"[（(](?:以下)?[简簡下][称稱]\s*[“\"「]?(?P<name>[^）)”\"」]{2,20})[”\"」]?[)）]")
_NAME_WITH_PLACE = re.compile(r"[^\W\d_]{2,12}?(?:分行|支行|信用卡中心)")
LEAD_PARAGRAPHS = 5


def draft_title(lead: Sequence[str], bank: str | None, reference: Reference) -> str:
    """The best clause of the article's first paragraphs (`lead`), after the institution's name.

    Clauses are taken from the sentences that name the bank `bank` (a catalogue name), or from all if there is none.
    The name is written as the article writes it.
    """
    every = [sentence for paragraph in lead[:LEAD_PARAGRAPHS] for sentence in sentences(paragraph)]
    of_bank = [sentence for sentence in every if bank and bank in mentioned_banks(sentence, reference)]
    subject = _subject(of_bank, bank, reference) if bank else ""
    parts = [clause for sentence in of_bank or every for clause in clauses(_CALLED.sub("", sentence))]
    title = headline(_without_subject(clause, bank, reference) for clause in parts) or headline(lead[:1])
    return f"{subject}：{title}" if subject and subject not in title else title


def _subject(sentences: Sequence[str], bank: str | None, reference: Reference) -> str:
    """The article's name for the institution: the short form it defines, else the name with a branch, else `bank`."""
    for sentence in sentences:
        if (match := _CALLED.search(sentence)) and mentioned_banks(match["name"], reference) == {bank}:
            return match["name"]
    for sentence in sentences:
        for match in _NAME_WITH_PLACE.finditer(sentence):
            if bank in mentioned_banks(match[0], reference):
                return match[0]
    return bank or ""


def _without_subject(clause: str, bank: str | None, reference: Reference) -> str:
    """The clause without the institution's name at its beginning, which the title has already."""
    match = _NAME_WITH_PLACE.match(clause)
    return clause[match.end() :] if match and bank in mentioned_banks(match[0], reference) else clause
