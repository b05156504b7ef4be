"""Whose case it is: the bank, and the branch or centre of it.

A case names other institutions too: partners, regulators, customers' banks. The title is the author's own word on
whose case it is, so it decides where it names a bank; otherwise the text does, by how often, how early and how
formally it names each. Matching is on simplified text without the blanks of justification.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from catalog.importing.reference import BankRecord, Reference
from catalog.text.script import to_simplified


@dataclass(frozen=True)
class Institution:
    """`bank` is a catalogue name, None if no listed bank was recognised. `branch` is the catalogue name with the
    branch (农业银行深圳分行), or the name alone. `confidence` is 0 to 1, `reason` a clause for editors."""

    bank: str | None
    branch: str
    confidence: float
    reason: str


# Names that contain a bank's name, or look like one, and are never whose case it is. The longest name wins.
_NOT_BANKS = (
    "中国银行业",
    "中国银行间",
    "中国银行保险",
    "中国银行家",
    "上海银行业",
    "上海银行间",
    "北京银行业",
    "广州银行业",
    "亚洲开发银行",
    "非洲开发银行",
    "新开发银行",
    "浦发展",
    "外交行",
    "Bank of China Tower",
)
# Places with branches of the first level: provinces, their capitals, cities planned separately, the Pearl River delta.
_PLACES = (
    "北京|天津|上海|重庆|河北|山西|内蒙古|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|"
    "云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|石家庄|太原|呼和浩特|沈阳|长春|哈尔滨|南京|杭州|合肥|福州|南昌|济南|郑州|武汉|"
    "长沙|广州|南宁|海口|成都|贵阳|昆明|拉萨|西安|兰州|西宁|银川|乌鲁木齐|深圳|大连|青岛|宁波|厦门|苏州|无锡|常州|南通|温州|泉州|"
    "佛山|东莞|惠州|珠海|中山|江门|肇庆|横琴|前海|雄安|浦东"
)
_COMPANY = r"(?:\((?:中国|深圳)\))?(?:股份有限公司|有限责任公司|有限公司)?(?:\((?:以下)?[简下]称[^)]{1,30}\))?"
_UNIT = re.compile(
    rf"{_COMPANY}(?:(?P<place>{_PLACES})(?P<form>[市省]?)(?P<part>前海|自贸区)?分行|(?P<other>[^\W\d_]{{2,6}}[市省])分行"
    rf"|(?P<centre>信用卡(?:中心)?|私人银行(?:中心|部)|资金运营中心)|(?P<sub>[^\W_]{{2,10}}?支行))"
)
_PLACE_BEFORE = re.compile(rf"(?P<place>{_PLACES})市?$")
_PLACE_OF_BRANCH = re.compile(rf"(?P<place>{_PLACES})[市省]?分行")
_CALLED = re.compile(r"[^,。;、:“”]{0,16}\((?:以下)?[简下]称")
# What comes before a name that is somebody the case's institution deals with.
_PARTNER = re.compile(r"(?:与|和|及|同|携手|联合|联手|牵手|对接|引荐|向|为|助力|支持|服务|助|、)$")
# Two-letter names (工行) are also found inside other words (复工行动, 集中行业): these letters before or after tell.
_INSIDE_WORD_BEFORE = {
    "工": "复开施加手员职化军代用分打返上动竣民",
    "农": "三务涉富支惠助菜果",
    "中": "集其空心目市高初途当手之程华作家水期阵",
    "建": "构搭组新改扩创共重兴筹党福",
    "交": "外成提移递社公相",
    "招": "出高",
    "邮": "集",
}
_INSIDE_WORD_AFTER = re.compile(r"业(?!务)|动(?![态员])|列|驶|径|李|政区")
_UNLISTED = re.compile(r"[\u4e00-\u9fff]{2,12}银行(?=股份有限公司|有限公司|[\u4e00-\u9fff]{0,6}分行)")
_CODE_WEIGHT = 0.3
_TITLE_WEIGHT = 5


@dataclass(frozen=True)
class _Mention:
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
    in_text = list(_mentions(folded_text, reference))
    confirmed = {mention.bank for mention in in_text if not _is_code(mention.name)}
    in_title = [
        mention
        for mention in _mentions(folded_title, reference)
        if not _is_code(mention.name) or mention.bank in confirmed
    ]
    if in_title:
        own = [mention for mention in in_title if not mention.partner] or in_title
        bank, rivals = own[0].bank, {mention.bank for mention in in_title} - {own[0].bank}
        confidence, reason = (0.8, f"标题先提到{bank}") if rivals else (0.98, f"标题写明{bank}")
        if not any(mention.bank == bank for mention in in_text):
            confidence, reason = confidence - 0.1, reason + "，正文没有提到"
    elif unlisted := _UNLISTED.search(folded_title):
        return Institution(None, "", 0.3, f"标题里的“{unlisted[0]}”不在银行名录里")
    else:
        bank, confidence, reason = _by_text(folded_title, folded_text, in_text)
        if bank is None:
            return Institution(None, "", confidence, reason)
    branch, doubt = _branch(bank, in_title, in_text)
    return Institution(bank, branch, round(confidence - doubt, 2), reason)


def settle_branches(
    found: Sequence[Institution], texts: Sequence[str], reference: Reference
) -> tuple[Institution, ...]:
    """The same institutions with each bank's branch written one way: the way their texts together write it in full.

    `texts[i]` is title and text of the case of `found[i]`. A case that names only the bank gets the branch which the
    bank's other cases name, because a collection is made by the branches of one place.
    """
    mentions: dict[str, list[_Mention]] = defaultdict(list)
    for text in texts:
        for mention in _mentions(fold(text), reference):
            mentions[mention.bank].append(mention)
    settled = []
    for institution in found:
        bank = institution.bank
        if bank is None:
            settled.append(institution)
            continue
        places = Counter(mention.place for mention in mentions[bank] if mention.place)
        own = _PLACE_OF_BRANCH.fullmatch(institution.branch.removeprefix(bank))
        place = own["place"] if own else ""
        if institution.branch == bank and places:
            place = places.most_common(1)[0][0]
        branch = bank + _write_branch(place, mentions[bank]) if place else institution.branch
        settled.append(replace(institution, branch=branch))
    return tuple(settled)


def mentioned_banks(text: str, reference: Reference) -> set[str]:
    """The catalogue names of the banks that a text names in any way."""
    return {mention.bank for mention in _mentions(fold(text), reference)}


def fold(text: str) -> str:
    """Simplified, one width, no blanks but those between Latin words."""
    folded = to_simplified(unicodedata.normalize("NFKC", text))
    return re.sub(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])", "", folded)


def _by_text(title: str, text: str, mentions: list[_Mention]) -> tuple[str | None, float, str]:
    scores: Counter[str] = Counter()
    for mention in mentions:
        weight = _CODE_WEIGHT if _is_code(mention.name) else 1.5 if mention.formal else 1
        scores[mention.bank] += weight * (0.5 if mention.partner else 1)
    if not scores:
        return None, 0.0, "标题和正文都没有提到名录里的银行"
    # An early name is the subject; a name that is given a short form is going to be the subject.
    scores[min(mentions, key=lambda mention: mention.start).bank] += 1
    for bank in {mention.bank for mention in mentions if _CALLED.match(text, mention.start + len(mention.name))}:
        scores[bank] += 3
    # 中广核 in the title speaks for 中广核财务公司, its group's institution.
    for bank in {mention.bank for mention in mentions if mention.bank[:3] in title}:
        scores[bank] += 3
    (bank, best), *others = scores.most_common()
    unlisted = Counter(_UNLISTED.findall(text)).most_common(1)
    if unlisted and unlisted[0][1] > best and not any(unlisted[0][0].endswith(mention.name) for mention in mentions):
        return None, 0.3, f"文中的“{unlisted[0][0]}”不在银行名录里"
    share = best / (best + (others[0][1] if others else 0))
    return bank, min(0.9, share * (1 if best >= 3 else 0.7)), f"标题没有银行名，正文以{bank}为主"


def _branch(bank: str, in_title: Iterable[_Mention], in_text: Iterable[_Mention]) -> tuple[str, float]:
    """The branch as the catalogue writes it, and how much doubt that adds."""
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
    """深圳分行 or 深圳市分行: as most often written after the bank's name in full, else after a short name."""
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
    names, pattern = _vocabulary(reference.banks)
    for found in pattern.finditer(text):
        name = found[0]
        bank = names.get(name.casefold())
        if bank is None or _is_inside_word(text, found):
            continue
        before = text[max(0, found.start() - 6) : found.start()]
        unit = _UNIT.match(text, found.end())
        place_before = _PLACE_BEFORE.search(before)
        place, written, sub = "", "", ""
        if unit and unit["place"]:
            place = unit["place"]
            written = f"{place}{unit['form']}{unit['part'] or ''}分行"
        elif unit and unit["other"]:
            written = unit["other"] + "分行"
        elif unit and unit["centre"]:
            # A title says 中信银行信用卡 for its credit card centre.
            written = "信用卡中心" if unit["centre"] == "信用卡" else unit["centre"]
        elif unit and unit["sub"]:
            sub = unit["sub"]
        if not place and not written and place_before and len(name) <= 3:
            place = place_before["place"]
        yield _Mention(
            bank.name,
            found.start(),
            name,
            formal=bank.name in name or len(name) >= len(bank.name),
            partner=bool(_PARTNER.search(before)),
            place=place,
            unit=written,
            sub=sub,
        )


def _is_code(name: str) -> bool:
    """ABC and the like are also other things, so a text has to say more."""
    return name.isascii() and name.isupper()


def _is_inside_word(text: str, found: re.Match[str]) -> bool:
    name, start, end = found[0], found.start(), found.end()
    if name.isascii():
        return (text[max(0, start - 1) : start].isascii() and text[max(0, start - 1) : start].isalnum()) or (
            text[end : end + 1].isascii() and text[end : end + 1].isalnum()
        )
    if len(name) > 2:
        return False
    before = text[max(0, start - 1) : start]
    return bool(before and before in _INSIDE_WORD_BEFORE.get(name[0], "")) or bool(_INSIDE_WORD_AFTER.match(text, end))


@lru_cache(maxsize=4)
def _vocabulary(banks: tuple[BankRecord, ...]) -> tuple[dict[str, BankRecord], re.Pattern[str]]:
    """Folded names and one pattern that finds the longest of them at each place."""
    names = {fold(name).casefold(): bank for bank in banks for name in bank.names}
    spelled = {fold(name) for bank in banks for name in bank.names} | set(_NOT_BANKS)
    return names, re.compile("|".join(re.escape(name) for name in sorted(spelled, key=len, reverse=True)))
