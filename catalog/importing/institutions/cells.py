"""What a name that stands alone means, as in a cell of a table: a bank, a part of one, or several banks.

The whole of it has to be the name: 工行深圳分行, 深圳工行 and 工商银行（深圳分行） are parts of a bank, and
深圳市工行支付科技公司 is none. A name that mentions another bank, listed or not, is no bank's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from catalog.importing.institutions.vocabulary import (
    INSIDE_WORD_AFTER,
    PLACES,
    fold,
    is_inside_word,
    names_pattern,
)

Owner = TypeVar("Owner")

_HANZI = r"[\u3400-\u9fff〇0-9]"
_LISTED = re.compile(r"[;、,/|&+]")
_ASIDE = re.compile(r"\(([^()]*)\)")
_CALLED = re.compile(r"^(?:以下)?[简下]称[:“\"「]*|[”\"」]$")
_LAYOUT = re.compile(r"[()\[\]{}<>《》【】「」『』“”\"'·・\-‐–—_:.\s]+")
_COMPANY = re.compile(r"(?:中国|深圳)?(?:股份有限公司|有限责任公司|股份公司|有限公司)")
_FORM_OF_PLACE = r"(?:省|市|州|县|区|旗|盟|自治区|新区|特区|地区|特别行政区)"
_PLACE = rf"(?:(?:{PLACES}){_FORM_OF_PLACE}?|{_HANZI}{{2,7}}?{_FORM_OF_PLACE})"
_PLACES_BEFORE = re.compile(rf"(?:中国)?{_PLACE}{{1,3}}")
# What a bank has in a place that is named alone is its branch there; in Hong Kong and Macao it may be another company.
_PLACE_AFTER = re.compile(rf"(?!香港|澳门)(?:{PLACES})[省市]?行?")
# Whatever stands before these, they are parts of a bank.
_OFFICE = r"(?:分行|支行|总行|分理处|储蓄所|营业所|代表处|营业部|营业室|营业厅|营业中心)"
_OFFICES = re.compile(rf"{_HANZI}{{0,24}}?{_OFFICE}(?:{_HANZI}{{0,24}}(?:部|处|室|厅|所|中心|支行|分行|团队))?")
_DEPARTMENT = re.compile(rf"{_HANZI}{{0,24}}?(?:部|中心|办公室|事业群|私人银行|私行|信用卡)")
# After a short form (工行), which may also be the beginning of other words, a department begins with one of these.
_BUSINESS = re.compile(
    rf"(?:{PLACES}|总行|总部|信用卡|私人银行|私行|普惠|公司|个人|零售|小微|小企业|中小企业|金融|科技|数字|软件|研发|数据|资金|国际|"
    "投资|投行|资产|同业|机构|三农|乡村|住房|房地产|贸易|结算|票据|风险|合规|运营|客户|客服|电子|网络|网点|远程|财富|托管|养老|"
    "绿色|战略|企业|交易|法律|消费|信贷|授信|渠道|产业|县域|党|办公室)"
)
_GOES_ON = re.compile(rf"{INSIDE_WORD_AFTER.pattern}|间|保险|家|界|监|政")
_OTHERS = re.compile(
    r"^(?:与|和|及|同|联合|携手|等)|(?:有限|科技|租赁|理财|基金|证券|保险|信托|子)公司|协会|公会|学会|联合会|俱乐部"
)
# Banks that no list has; 私人银行部 and the like are parts of one.
_OTHER_BANK = re.compile(
    r"(?<!私人)(?<!投资)(?<!公司)(?<!零售)(?<!交易)(?<!网络)(?<!电子)(?<!个人)(?<!手机)(?<!数字)银行|信用社|农商行"
)
_BRANCH_IN_ENGLISH = re.compile(r"[\s,(-]*[A-Za-z][A-Za-z ]{1,40}\bbranch\)?", re.IGNORECASE)


@dataclass(frozen=True)
class Named(Generic[Owner]):
    """`banks`: none, the one that is meant, or the several that are named. `part`: a branch or department is meant."""

    banks: tuple[Owner, ...] = ()
    part: bool = False


class NamesOfBanks(Generic[Owner]):
    """Banks, each of whatever type the caller has, by all names they go by. Of two of one name the first counts."""

    def __init__(self, names: Iterable[tuple[str, Owner]]):
        self._names: dict[str, Owner] = {}
        for name, owner in names:
            self._names.setdefault(fold(name).casefold(), owner)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(names_pattern(self._names), re.IGNORECASE)

    def read(self, name: str) -> Named[Owner]:
        text = fold(name)
        if bank := self._names.get(text.casefold()):
            return Named((bank,))
        banks = self._mentioned(text)
        if len(banks) != 1:
            return Named(banks)
        parts = [part for part in _LISTED.split(text) if part]
        readings = [self._part_or_whole(part) for part in parts]
        if not readings or readings[0] is None:
            return Named()
        # After the bank its offices may be listed by their own names.
        if not all(reading is not None or _is_office(part) for part, reading in zip(parts, readings, strict=True)):
            return Named()
        return Named(banks, part=any(reading is not False for reading in readings))

    def _mentioned(self, text: str) -> tuple[Owner, ...]:
        """All banks that a folded text names, in order."""
        banks = []
        for match in self._pattern.finditer(text):
            bank = self._names.get(match[0].casefold())
            if bank is not None and bank not in banks and not (match.start() and is_inside_word(text, match)):
                banks.append(bank)
        return tuple(banks)

    def _part_or_whole(self, text: str) -> bool | None:
        """Whether a folded text is a part of a bank (True) or a bank (False); None if it is neither."""
        text = _ASIDE.sub(self._without_other_name, text)
        matches = (match for match in self._pattern.finditer(text) if match[0].casefold() in self._names)
        return next((found for match in matches if (found := _reading(text, match)) is not None), None)

    def _without_other_name(self, aside: re.Match[str]) -> str:
        """Nothing for another name of the bank, in brackets after the first."""
        inner = _CALLED.sub("", aside[1])
        known = inner.casefold() in self._names or inner != aside[1] or self._part_or_whole(inner) is not None
        return "" if known and self._mentioned(aside.string[: aside.start()]) else aside[0]


def _reading(text: str, match: re.Match[str]) -> bool | None:
    """As `NamesOfBanks._part_or_whole`, where the bank's name is the one that is matched."""
    name, before, after = match[0], _LAYOUT.sub("", text[: match.start()]), text[match.end() :]
    if _BRANCH_IN_ENGLISH.fullmatch(after):
        return True if not before and not (name[-1].isascii() and after[0].isalpha()) else None
    if name.isascii() and (text[: match.start()][-1:].isascii() and text[: match.start()][-1:].isalnum()):
        return None
    if name.isascii() and after[:1].isascii() and after[:1].isalnum():
        return None
    after = _LAYOUT.sub("", after)
    formal = "银行" in name
    if formal:
        after = _COMPANY.sub("", after, count=1) if _COMPANY.match(after) else after
    if not after and _is_office(before):  # 深圳分行（工商银行）
        return True
    if before and before != "中国" and not _PLACES_BEFORE.fullmatch(before):
        return None
    if not after:
        return before not in ("", "中国")
    return True if _is_part(after, formal) else None


def _is_part(text: str, formal: bool) -> bool:
    """Whether what stands after a bank's name makes it the name of a part of the bank."""
    if _is_office(text) or _PLACE_AFTER.fullmatch(text):
        return True
    if not _DEPARTMENT.fullmatch(text) or _OTHERS.search(text) or _OTHER_BANK.search(text) or _GOES_ON.match(text):
        return False
    return formal or bool(_BUSINESS.match(text))


def _is_office(text: str) -> bool:
    text = _LAYOUT.sub("", text)
    return bool(_OFFICES.fullmatch(text)) and not _OTHER_BANK.search(text)
