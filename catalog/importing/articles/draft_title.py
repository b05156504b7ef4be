"""Makes a working title for an article without one, from its own words, for an editor to replace."""

import re
from collections.abc import Sequence

from catalog.importing.institutions import mentioned_banks
from catalog.importing.reference import Reference
from catalog.text.script import to_simplified

_SENTENCE = re.compile(r"[^。！？!?]+[。！？!?]*[”’」』]*")
_CALLED = re.compile(r"[（(](?:以下)?[简簡下][称稱]\s*[“\"「]?(?P<name>[^）)”\"」]{2,20})[”\"」]?[)）]")
_NAME_WITH_PLACE = re.compile(r"[^\W\d_]{2,12}?(?:分行|支行|信用卡中心)")
# Verbs that report an action or result: a clause with one probably says what the article is about.
_REPORT = re.compile(
    r"突破|推出|打造|上线|落地|发布|构建|搭建|创新|助力|赋能|支持|服务|探索|实现|达成|开展|成立|启动|首[家单个批笔]"
)
_FIGURE = re.compile(r"\d[\d,.]*\s*(?:万|亿|%|家|户|元|倍)")
_LEADING = re.compile(
    r"^(?:其中|其|该行|該行|并且|并|並|则|則|而|也|更|还|還|已经|已經|目前|近日|日前|同时|同時|从而|從而)+"
)
_NOT_A_TOPIC = re.compile(
    r"^(?:如何|作为|作為|随着|隨著|面对|面對|当前|當前|为了|為了|在此|据悉|據悉|成为|成為|是|又|以(?!来))"
)
_OPENING, _CLOSING = "“‘（(「『《", "”’）)」』》"
_BEST_LENGTH = (8, 30)
LEAD_PARAGRAPHS = 5


def draft_title(lead: Sequence[str], bank: str | None, reference: Reference) -> str:
    """The best clause of the article's first paragraphs (`lead`), after the institution's name.

    Clauses are taken from the sentences that name the bank `bank` (a catalogue name), or from all if there is none.
    The name is written as the article writes it.
    """
    sentences = [sentence.strip() for paragraph in lead[:LEAD_PARAGRAPHS] for sentence in _SENTENCE.findall(paragraph)]
    bank_sentences = [sentence for sentence in sentences if bank and bank in mentioned_banks(sentence, reference)]
    subject = _subject(bank_sentences, bank, reference) if bank else ""
    candidates = []
    for position, sentence in enumerate(bank_sentences or sentences):
        for clause in _clauses(_CALLED.sub("", sentence)):
            text = _LEADING.sub("", _without_subject(clause, bank, reference)).strip("：: ")
            candidates.append((_score(text), -position, text))
    title = max(candidates, key=lambda candidate: candidate[:2])[2] if candidates else lead[0]
    title = title[:60].rstrip("，,、；;")
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


def _score(clause: str) -> float:
    """How well a clause serves as a title: it reports an action, has a figure, and is neither short nor long."""
    plain = to_simplified(clause)
    shortest, longest = _BEST_LENGTH
    score = (
        2.0 * bool(_REPORT.search(plain)) + 2.0 * bool(_FIGURE.search(plain)) - 3.0 * bool(_NOT_A_TOPIC.search(clause))
    )
    return score - abs(min(0, len(clause) - shortest)) - max(0, len(clause) - longest) / 4


def _clauses(sentence: str) -> list[str]:
    """The clauses of a sentence; commas inside quotation marks, brackets or numbers do not separate."""
    parts, current, depth = [], "", 0
    for char in sentence:
        depth += (char in _OPENING) - (char in _CLOSING)
        if char in "，,；;。！？!?" and depth <= 0 and not (char == "," and current[-1:].isdigit()):
            parts.append(current)
            current = ""
        else:
            current += char
    return [part.strip() for part in (*parts, current) if part.strip()]
