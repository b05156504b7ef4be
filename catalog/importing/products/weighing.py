"""The observations about a candidate, and the weight of each."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.importing.products import words

THRESHOLD = 2.5
# A candidate's score is the sum of the weights of its observations; each counts once, however often it was made.
WEIGHTS = {
    "quoted": 1.0,
    "document": -1.5,  # 《…》
    "sure ending": 2.0,  # 贷, ABN, 小程序 …: hardly anything but products ends so
    "brand ending": 1.5,  # 通, 宝, 租 … of a short name in quotation marks
    "likely ending": 1.0,  # 平台, 计划 …
    "soft ending": 0.5,  # 体系, 服务 …: more often a way of speaking
    "introduced": 1.5,  # 推出, 上线, 首单 … directly before it
    "announced": 0.5,  # one of these verbs further left in the clause
    "used": 0.5,  # 通过, 依托, 办理 … directly before it
    "typed": 1.0,  # … 产品, … 平台 directly after it
    "listed": 0.5,  # enumerated with another that is a product by its ending
    "own": 1.0,  # the institution's name directly before it
    "Latin": 0.5,  # has Latin letters
    "Latin name": 1.5,  # is one: API Bank
    "in title": 0.5,
    "repeated": 0.5,
    "not a name": -4.0,  # ends like an abstraction, document, meeting, company
    "saying": -2.0,  # has punctuation
    "honour": -4.0,
    "abbreviation": -4.0,  # （以下简称“…”）
    "shared": -3.0,  # several banks use the phrase: policy talk
    "partner": -2.0,  # 政府, 人行 … directly before it
    "plain": -2.0,  # an ending with hardly a word before it: 金融服务
}


@dataclass
class Candidate:
    """A possible name: `forms` counts its spellings, `observations` are keys of `WEIGHTS`, `times` its mentions."""

    forms: Counter[str] = field(default_factory=Counter)
    observations: set[str] = field(default_factory=set)
    times: int = 0

    @property
    def score(self) -> float:
        return sum(WEIGHTS[observation] for observation in self.observations)


def observe_context(plain: str, start: int, end: int, owner_names: tuple[str, ...]) -> Iterator[str]:
    """Observations about the text around `plain[start:end]`, which is a name or an enumeration of names."""
    before, after = plain[max(0, start - 30) : start], plain[end : end + 14]
    clause = words.CLAUSE_BREAK.split(before.rstrip("“「《‘"))[-1]
    if words.INTRODUCED.search(before):
        yield "introduced"
    elif words.ANNOUNCED.search(clause):
        yield "announced"
    elif words.USED.search(before):
        yield "used"
    if words.TYPED.match(after):
        yield "typed"
    if before.rstrip("“「《‘").endswith((*owner_names, "总行", "我行", "该行", "本行")):
        yield "own"
    if words.HONOUR.search(before) or words.HONOUR_AFTER.match(after):
        yield "honour"
    if words.ABBREVIATES.search(before):
        yield "abbreviation"


def observe_name(name: str, before: str, quoted: bool, owner_names: tuple[str, ...]) -> Iterator[str]:
    """Observations about a name itself. `before`: the characters in front of it; `quoted`: in quotation marks."""
    if words.PARTNER.search(before):
        yield "partner"
    if words.NOT_A_LOAN.search(name) or words.NOT_A_NAME.search(name) or words.NUMBERS_ONLY.fullmatch(name):
        yield "not a name"
    elif words.SURE_ENDING.search(name):
        yield "sure ending"
    elif quoted and words.BRAND_ENDING.search(name):
        yield "brand ending"
    elif words.LIKELY_ENDING.search(name):
        yield "likely ending"
    elif words.SOFT_ENDING.search(name):
        yield "likely ending" if quoted else "soft ending"
    if not quoted and words.PLAIN.search(name):
        yield "plain"
    if name.startswith(owner_names):
        yield "own"
    if re.search(r"[A-Za-z]", name):
        yield "Latin"
    if words.SAYING.search(name) or (quoted and "+" in name and not words.UNQUOTED_END.search(name)):
        yield "saying"
