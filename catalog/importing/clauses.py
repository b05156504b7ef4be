"""Which clause of a text says best what the text is about."""

import re
from collections.abc import Iterable

from catalog.text.script import to_simplified

_SENTENCE = re.compile(r"[^。！？!?]+[。！？!?]*[”’」』]*")
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
_LONGEST = 60


def sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in _SENTENCE.findall(text)]


def clauses(sentence: str) -> list[str]:
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


def headline(candidates: Iterable[str]) -> str:
    """The clause that serves best as a title, the first of several as good; empty if there is none."""
    plain = [_LEADING.sub("", clause).strip("：: ") for clause in candidates]
    return max(plain, key=_score, default="")[:_LONGEST].rstrip("，,、；;")


def _score(clause: str) -> float:
    """How well a clause serves as a title: it reports an action, has a figure, and is neither short nor long."""
    plain = to_simplified(clause)
    shortest, longest = _BEST_LENGTH
    score = (
        2.0 * bool(_REPORT.search(plain)) + 2.0 * bool(_FIGURE.search(plain)) - 3.0 * bool(_NOT_A_TOPIC.search(clause))
    )
    return score - abs(min(0, len(clause) - shortest)) - max(0, len(clause) - longest) / 4
