"""What a cell says of banks: one of them, a part of one, or several. No database here.

The whole cell is read. A bank's name somewhere in the name of another institution (深圳市工行支付科技公司) makes it no
bank's cell. What counts as a place and what only looks like a bank is told by `institutions`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from catalog.importing.institutions import NOT_BANKS, PLACES, is_inside_word
from catalog.text.names import name_key

Bank = TypeVar("Bank")

# Between the parts of a cell; a bracket begins or ends one too.
_PARTING = re.compile(r"[;；,，、/／|｜&＆+＋()（）〔〕\[\]【】·・:：\n]|(?<![A-Za-z])[-—–－]+|[-—–－]+(?![A-Za-z])")
_BRACKETED = re.compile(r"^\(([^()]*)\)$")
_BLANK = re.compile(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])")
_COMPANY = re.compile(r"(?:股份有限公司|有限责任公司|有限公司)?")
_COUNTRY = "中国"
_SHORT = 3  # characters of 工行, 国开行
# The banks of these two are other companies than those whose names they begin or end with.
_ABROAD = ("香港", "澳门")
# The other cities and prefectures that have a branch of their own.
_CITIES = (
    "唐山|秦皇岛|邯郸|邢台|保定|张家口|承德|沧州|廊坊|衡水|大同|阳泉|长治|晋城|朔州|晋中|运城|忻州|临汾|吕梁|包头|乌海|赤峰|通辽|"
    "鄂尔多斯|呼伦贝尔|巴彦淖尔|乌兰察布|兴安|锡林郭勒|阿拉善|鞍山|抚顺|本溪|丹东|锦州|营口|阜新|辽阳|盘锦|铁岭|朝阳|葫芦岛|四平|辽源|"
    "通化|白山|松原|白城|延边|齐齐哈尔|鸡西|鹤岗|双鸭山|大庆|伊春|佳木斯|七台河|牡丹江|黑河|绥化|大兴安岭|徐州|连云港|淮安|盐城|扬州|"
    "镇江|泰州|宿迁|嘉兴|湖州|绍兴|金华|衢州|舟山|台州|丽水|义乌|芜湖|蚌埠|淮南|马鞍山|淮北|铜陵|安庆|黄山|滁州|阜阳|宿州|六安|亳州|池州|"
    "宣城|莆田|三明|漳州|南平|龙岩|宁德|景德镇|萍乡|九江|新余|鹰潭|赣州|吉安|宜春|抚州|上饶|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|"
    "临沂|德州|聊城|滨州|菏泽|开封|洛阳|平顶山|安阳|鹤壁|新乡|焦作|濮阳|许昌|漯河|三门峡|南阳|商丘|信阳|周口|驻马店|济源|黄石|十堰|宜昌|"
    "襄阳|鄂州|荆门|孝感|荆州|黄冈|咸宁|随州|恩施|株洲|湘潭|衡阳|邵阳|岳阳|常德|张家界|益阳|郴州|永州|怀化|娄底|湘西|韶关|汕头|湛江|茂名|"
    "梅州|汕尾|河源|阳江|清远|潮州|揭阳|云浮|柳州|桂林|梧州|北海|防城港|钦州|贵港|玉林|百色|贺州|河池|来宾|崇左|三亚|三沙|儋州|自贡|攀枝花|"
    "泸州|德阳|绵阳|广元|遂宁|内江|乐山|南充|眉山|宜宾|广安|达州|雅安|巴中|资阳|阿坝|甘孜|凉山|六盘水|遵义|安顺|毕节|铜仁|黔西南|黔东南|黔南|"
    "曲靖|玉溪|保山|昭通|丽江|普洱|临沧|楚雄|红河|文山|西双版纳|大理|德宏|怒江|迪庆|日喀则|昌都|林芝|山南|那曲|阿里|铜川|宝鸡|咸阳|渭南|延安|"
    "汉中|榆林|安康|商洛|嘉峪关|金昌|白银|天水|武威|张掖|平凉|酒泉|庆阳|定西|陇南|临夏|甘南|海东|海北|黄南|果洛|玉树|海西|石嘴山|吴忠|固原|中卫|"
    "克拉玛依|吐鲁番|哈密|昌吉|博尔塔拉|巴音郭楞|阿克苏|克孜勒苏|喀什|和田|伊犁|塔城|阿勒泰|石河子"
)
_PLACE = rf"(?:{PLACES}|{_CITIES})"
_ANY_PLACE = rf"(?:{PLACES}|{_CITIES}|[\u4e00-\u9fff]{{2,6}}?(?:自治[州县区]|[省市县区州盟旗]))"
_PLACES_BEFORE = re.compile(rf"(?:{_ANY_PLACE}[省市]?){{1,3}}")
_PLACE_ALONE = re.compile(rf"(?P<place>{_PLACE})[省市]?")
_UNIT = re.compile(
    r"[\w·]{0,30}?(?:[分支]行|[省市区县州总]行|总部|本部|营业[部室厅所]|信用卡(?:部)?|部|中心|分理处|办事处|代表处|储蓄所|网点)"
    r"|[a-z]{2,40}branch|(?:head|main)office"
)
# Of names that end like a unit's and are another institution's.
_OTHER = re.compile(
    r"^业(?!务)|^[间家]|^保[险监]|协会|学会|公会|商会|联合会|委员会|基金会|监[管督]|公司(?!金融|业务|客户|机构|银行|部)|集团(?!金融|业务|客户)|研究[院所]|大学|学院|法院|医院|政府"
)
# 上海银行卡中心 is no part of 上海银行.
_WORD_GOES_ON = re.compile(r"(?<=银行)(?:业(?!务)|[卡间家])")


@dataclass(frozen=True)
class Reading(Generic[Bank]):
    """`banks`: those that the cell names, none twice; one only where the whole cell is understood as it or its part,
    which `branch` then names, as the cell writes it.
    """

    banks: tuple[Bank, ...] = ()
    branch: str = ""


@dataclass(frozen=True)
class _Part(Generic[Bank]):
    """Of a cell. `bank` is None for a unit or place alone. `place`: of a bank's name with a place and no more."""

    bank: Bank | None
    is_unit: bool = False
    place: str = ""


class BankCells(Generic[Bank]):
    """Reads cells by the names of banks: `banks` by `name_key` of every name."""

    def __init__(self, banks: Mapping[str, Bank], shown: Mapping[Bank, str]):
        """`shown`: each bank's name in the catalogue, in the order in which a report lists them."""
        self._banks, self._shown = banks, shown
        names = {*banks, *map(name_key, NOT_BANKS)} - {""}
        self._names = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))) or r"(?!)")
        self.read = lru_cache(maxsize=10_000)(self._reading)

    def _reading(self, cell: str) -> Reading[Bank]:
        """What the cell says; no banks where it is not understood, several where it names them."""
        key = name_key(cell)
        if bank := self._banks.get(key):
            return Reading((bank,))
        written = list(filter(str.strip, _PARTING.split(cell)))
        for texts in (written, [cell]):  # a name may have a parting sign of its own
            parts = [self._part(name_key(text)) for text in texts]
            if all(parts) and (reading := self._joined(cell, texts, parts)):
                return reading
        mentioned = self._mentioned(key)
        return Reading(mentioned) if len(mentioned) > 1 else Reading()

    def _joined(self, cell: str, texts: list[str], parts: list[_Part[Bank]]) -> Reading[Bank] | None:
        banks = tuple(dict.fromkeys(part.bank for part in parts if part.bank))
        if len(banks) != 1:
            return Reading(banks) if banks else None
        units = [part for part in parts if part.is_unit]
        if units:
            alone = len(parts) == 2 and parts[0].bank and not parts[0].is_unit and parts[1].bank is None
            return Reading(banks, _BLANK.sub("", "".join(texts) if alone else cell.strip()))
        places = {part.place for part in parts if part.place}
        branch = f"{self._shown[banks[0]]}{places.pop()}分行" if len(places) == 1 else ""
        return Reading(banks, branch or (_BLANK.sub("", cell.strip()) if places else ""))

    def _part(self, key: str) -> _Part[Bank] | None:
        """What a part of a cell is, None where it is not understood."""
        if bank := self._banks.get(key):
            return _Part(bank)
        if match := _PLACE_ALONE.fullmatch(key):
            return None if match["place"] in _ABROAD else _Part(None, place=match["place"])
        places = _PLACES_BEFORE.match(key)
        begins = {len(_COUNTRY) if key.startswith(_COUNTRY) else 0, 0}
        begins |= {end for end in range(2, places.end() + 1) if self._is_place(key[:end])} if places else set()
        for begin in sorted(begins):
            match = self._names.match(key, begin)
            bank = match and not _WORD_GOES_ON.match(key, match.end()) and self._banks.get(match[0])
            if bank and (
                part := self._with_rest(bank, match[0], key[:begin].removeprefix(_COUNTRY), key[match.end() :])
            ):
                return part
        return _Part(None, is_unit=True) if self._is_unit(key) else None

    def _with_rest(self, bank: Bank, name: str, before: str, rest: str) -> _Part[Bank] | None:
        """A bank's name with the place that stands before it and what follows."""
        rest = _BRACKETED.sub(r"\1", _COMPANY.sub("", rest, count=1))
        if rest and self._is_unit(rest):
            return _Part(bank, is_unit=True)
        place = _PLACE_ALONE.fullmatch(rest or before)
        if place and not (rest and before):
            if place["place"] in _ABROAD:
                return None
            # 深圳工行 is 工商银行深圳分行. 深圳微众银行 need not be a branch, nor what stands in a county.
            return _Part(bank, place=place["place"]) if len(name) <= _SHORT else _Part(bank, is_unit=True)
        return _Part(bank, is_unit=bool(before)) if not rest else None

    @staticmethod
    def _is_place(text: str) -> bool:
        return bool(_PLACES_BEFORE.fullmatch(text)) and not text.startswith(_ABROAD)

    def _is_unit(self, text: str) -> bool:
        return bool(_UNIT.fullmatch(text)) and not _OTHER.search(text) and not self._mentioned(text)

    def _mentioned(self, key: str) -> tuple[Bank, ...]:
        """The banks named anywhere in a key."""
        found = {}
        for match in self._names.finditer(key):
            bank = self._banks.get(match[0])
            if bank and not is_inside_word(key, match) and not _WORD_GOES_ON.match(key, match.end()):
                found[bank] = None
        return tuple(found)
