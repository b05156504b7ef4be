"""Recognises the institution that a text is about: the bank, and its branch or centre.

A case also names partners, regulators and the banks of customers. If the title names a bank, that bank is taken, since
the author chose the title. Otherwise every bank of the text gets a score: how often, how early and how formally the
text names it. Matching is done on simplified text without the blanks that justification left.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog.importing.institutions.vocabulary import PLACES, fold, is_inside_word, names_pattern
from catalog.importing.reference import BankRecord, Reference


@dataclass(frozen=True)
class Institution:
    """The institution of a case.

    `bank` is the name in the catalogue, None if no listed bank was recognised. `branch` is that name with the branch
    (农业银行深圳分行), or the name alone. `confidence` is 0 to 1; `reason` is a Chinese clause for editors.
    """

    bank: str | None
    branch: str
    confidence: float
    reason: str


_COMPANY = r"(?:\((?:中国|深圳)\))?(?:股份有限公司|有限责任公司|有限公司)?(?:\((?:以下)?[简下]称[^)]{1,30}\))?"
_UNIT = re.compile(
    rf"{_COMPANY}(?:(?P<place>{PLACES})(?P<form>[市省]?)(?P<part>前海|自贸区)?分行|(?P<other>[^\W\d_]{{2,6}}[市省])分行"
    rf"|(?P<centre>信用卡(?:中心)?|私人银行(?:中心|部)|资金运营中心)|(?P<sub>[^\W_]{{2,10}}?支行))"
)
_PLACE_BEFORE = re.compile(rf"(?P<place>{PLACES})市?$")
_PLACE_OF_BRANCH = re.compile(rf"(?P<place>{PLACES})[市省]?分行")
_CALLED = re.compile(r"[^,。;、:“”]{0,16}\((?:以下)?[简下]称")
# Words before the name of a partner: an institution that the case's own institution works with.
_PARTNER = re.compile(r"(?:与|和|及|同|携手|联合|联手|牵手|对接|引荐|向|为|助力|支持|服务|助|、)$")
_UNLISTED = re.compile(r"[\u4e00-\u9fff]{2,12}银行(?=股份有限公司|有限公司|[\u4e00-\u9fff]{0,6}分行)")
_CODE_WEIGHT = 0.3
_TITLE_WEIGHT = 5


@dataclass(frozen=True)
class _Mention:
    """A place in a folded text that names a bank. `start` is its offset, `name` the matched text."""

    bank: str
    start: int
    name: str
    formal: bool  # the catalogue name or longer, not an abbreviation
    partner: bool
    place: str  # 深圳
    unit: str  # 深圳市分行, 信用卡中心; empty where only a place is known
    sub: str  # 支行


def recognise_institution(title: str, text: str, reference: Reference) -> Institution:
    """The institution of a case, from its title and its text (summary, body, captions, in any script)."""
    folded_title, folded_text = fold(title), fold(text)
    text_mentions = list(_mentions(folded_text, reference))
    confirmed_banks = {mention.bank for mention in text_mentions if not _is_code(mention.name)}
    title_mentions = [
        mention
        for mention in _mentions(folded_title, reference)
        if not _is_code(mention.name) or mention.bank in confirmed_banks
    ]
    if title_mentions:
        subjects = [mention for mention in title_mentions if not mention.partner] or title_mentions
        bank, rivals = subjects[0].bank, {mention.bank for mention in title_mentions} - {subjects[0].bank}
        confidence, reason = (0.8, f"标题先提到{bank}") if rivals else (0.98, f"标题写明{bank}")
        if not any(mention.bank == bank for mention in text_mentions):
            confidence, reason = confidence - 0.1, reason + "，正文没有提到"
    elif unlisted_name := _UNLISTED.search(folded_title):
        return Institution(None, "", 0.3, f"标题里的“{unlisted_name[0]}”不在银行名录里")
    else:
        bank, confidence, reason = _by_text(folded_title, folded_text, text_mentions)
        if bank is None:
            return Institution(None, "", confidence, reason)
    branch, doubt = _branch(bank, title_mentions, text_mentions)
    return Institution(bank, branch, round(confidence - doubt, 2), reason)


def settle_branches(
    institutions: Sequence[Institution], texts: Sequence[str], reference: Reference
) -> tuple[Institution, ...]:
    """The same institutions, with the branch of each bank written in one way: the one most frequent in all texts.

    `texts[i]` is title and text of the case of `institutions[i]`. A case that names only the bank gets the branch that
    the bank's other cases name, because the cases of one collection come from the branches of one place.
    """
    mentions: dict[str, list[_Mention]] = defaultdict(list)
    for text in texts:
        for mention in _mentions(fold(text), reference):
            mentions[mention.bank].append(mention)
    results = []
    for institution in institutions:
        bank = institution.bank
        if bank is None:
            results.append(institution)
            continue
        places = Counter(mention.place for mention in mentions[bank] if mention.place)
        own_branch = _PLACE_OF_BRANCH.fullmatch(institution.branch.removeprefix(bank))
        place = own_branch["place"] if own_branch else ""
        if institution.branch == bank and places:
            place = places.most_common(1)[0][0]
        branch = bank + _write_branch(place, mentions[bank]) if place else institution.branch
        results.append(replace(institution, branch=branch))
    return tuple(results)


def mentioned_banks(text: str, reference: Reference) -> set[str]:
    """The catalogue names of all banks that a text names, in any spelling."""
    return {mention.bank for mention in _mentions(fold(text), reference)}


def _by_text(title: str, text: str, mentions: list[_Mention]) -> tuple[str | None, float, str]:
    """(bank or None, confidence, reason) from the mentions in the text, where the title names no bank."""
    scores: Counter[str] = Counter()
    for mention in mentions:
        weight = _CODE_WEIGHT if _is_code(mention.name) else 1.5 if mention.formal else 1
        scores[mention.bank] += weight * (0.5 if mention.partner else 1)
    if not scores:
        return None, 0.0, "标题和正文都没有提到名录里的银行"
    # The bank named first is likely the subject; so is one whose short form the text defines (以下简称…).
    scores[min(mentions, key=lambda mention: mention.start).bank] += 1
    for bank in {mention.bank for mention in mentions if _CALLED.match(text, mention.start + len(mention.name))}:
        scores[bank] += 3
    # The title may name only the group: 中广核 stands for 中广核财务公司.
    for bank in {mention.bank for mention in mentions if mention.bank[:3] in title}:
        scores[bank] += 3
    (bank, best_score), *rivals = scores.most_common()
    unlisted_names = Counter(_UNLISTED.findall(text)).most_common(1)
    if (
        unlisted_names
        and unlisted_names[0][1] > best_score
        and not any(unlisted_names[0][0].endswith(mention.name) for mention in mentions)
    ):
        return None, 0.3, f"文中的“{unlisted_names[0][0]}”不在银行名录里"
    share = best_score / (best_score + (rivals[0][1] if rivals else 0))
    return bank, min(0.9, share * (1 if best_score >= 3 else 0.7)), f"标题没有银行名，正文以{bank}为主"


def _branch(bank: str, in_title: Iterable[_Mention], in_text: Iterable[_Mention]) -> tuple[str, float]:
    """The branch as the catalogue writes it, and by how much it lowers the confidence."""
    title = [mention for mention in in_title if mention.bank == bank]
    text = [mention for mention in in_text if mention.bank == bank]
    units: Counter[str] = Counter()
    for mentions, weight in ((title, _TITLE_WEIGHT), (text, 1)):
        for mention in mentions:
            if mention.place or mention.unit:
                units[mention.place or mention.unit] += weight
    if units:
        unit, times = units.most_common(1)[0]
        doubt = 0.0 if times * 2 > units.total() else 0.1
        known_place = any(mention.place == unit for mention in (*title, *text))
        return bank + (_write_branch(unit, [*title, *text]) if known_place else unit), doubt
    if sub := next((mention.sub for mention in title if mention.sub), ""):
        return bank + sub, 0.0
    return bank, 0.0


def _write_branch(place: str, mentions: Iterable[_Mention]) -> str:
    """The most frequent form of a place's branch (深圳分行 or 深圳市分行): after a full name, else a short one."""
    formal: Counter[str] = Counter()
    informal: Counter[str] = Counter()
    for mention in mentions:
        if mention.place == place and mention.unit:
            (formal if mention.formal else informal)[mention.unit] += 1
    for forms in (formal, informal):
        if forms:
            return forms.most_common(1)[0][0]
    return f"{place}分行"


def _mentions(text: str, reference: Reference) -> Iterable[_Mention]:
    """All mentions of listed banks in a folded text, in order."""
    names, pattern = _vocabulary(reference.banks)
    for match in pattern.finditer(text):
        name = match[0]
        bank = names.get(name.casefold())
        if bank is None or is_inside_word(text, match):
            continue
        before = text[max(0, match.start() - 6) : match.start()]
        unit = _UNIT.match(text, match.end())
        place_before = _PLACE_BEFORE.search(before)
        place, unit_name, sub = "", "", ""
        if unit and unit["place"]:
            place = unit["place"]
            unit_name = f"{place}{unit['form']}{unit['part'] or ''}分行"
        elif unit and unit["other"]:
            unit_name = unit["other"] + "分行"
        elif unit and unit["centre"]:
            # In a title 中信银行信用卡 means the bank's credit card centre.
            unit_name = "信用卡中心" if unit["centre"] == "信用卡" else unit["centre"]
        elif unit and unit["sub"]:
            sub = unit["sub"]
        if not place and not unit_name and place_before and len(name) <= 3:
            place = place_before["place"]
        yield _Mention(
            bank.name,
            match.start(),
            name,
            formal=bank.name in name or len(name) >= len(bank.name),
            partner=bool(_PARTNER.search(before)),
            place=place,
            unit=unit_name,
            sub=sub,
        )


def _is_code(name: str) -> bool:
    """Whether a name is an abbreviation such as ABC, which may also mean something else and is weak evidence."""
    return name.isascii() and name.isupper()


@lru_cache(maxsize=4)
def _vocabulary(banks: tuple[BankRecord, ...]) -> tuple[dict[str, BankRecord], re.Pattern[str]]:
    """(folded name -> bank), and the pattern that finds the names."""
    names = {fold(name).casefold(): bank for bank in banks for name in bank.names}
    return names, re.compile(names_pattern(name for bank in banks for name in bank.names))
