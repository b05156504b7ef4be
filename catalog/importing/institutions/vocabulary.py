"""Names of banks as texts write them: how they are found, and what looks like one and is none."""

import re
import unicodedata
from collections.abc import Iterable

from catalog.text.script import to_simplified

# Names that contain or resemble a bank's name and are not banks whose cases these are. Matching prefers the longest
# name, so they hide the bank's name inside them.
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
# Places with branches of the first level: provinces and their capitals, cities with independent planning status, and
# the Pearl River delta.
PLACES = (
    "北京|天津|上海|重庆|河北|山西|内蒙古|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|"
    "云南|西藏|陕西|甘肃|青海|宁夏|新疆|香港|澳门|石家庄|太原|呼和浩特|沈阳|长春|哈尔滨|南京|杭州|合肥|福州|南昌|济南|郑州|武汉|"
    "长沙|广州|南宁|海口|成都|贵阳|昆明|拉萨|西安|兰州|西宁|银川|乌鲁木齐|深圳|大连|青岛|宁波|厦门|苏州|无锡|常州|南通|温州|泉州|"
    "佛山|东莞|惠州|珠海|中山|江门|肇庆|横琴|前海|雄安|浦东"
)
# Two-character names (工行) also match inside other words (复工行动, 集中行业): these characters before or after the
# match show that.
_INSIDE_WORD_BEFORE = {
    "工": "复开施加手员职化军代用分打返上动竣民",
    "农": "三务涉富支惠助菜果",
    "中": "集其空心目市高初途当手之程华作家水期阵",
    "建": "构搭组新改扩创共重兴筹党福",
    "交": "外成提移递社公相",
    "招": "出高",
    "邮": "集",
}
INSIDE_WORD_AFTER = re.compile(r"业(?!务)|动(?![态员])|列|驶|径|李|政区")


def fold(text: str) -> str:
    """The text in simplified Chinese and NFKC, without blanks except those between Latin words."""
    folded = to_simplified(unicodedata.normalize("NFKC", text))
    return re.sub(r"(?<![A-Za-z])\s+|\s+(?![A-Za-z])", "", folded)


def names_pattern(names: Iterable[str]) -> str:
    """Matches the longest name at each place of a folded text, what is no bank included."""
    spellings = {*map(fold, names), *_NOT_BANKS}
    return "|".join(re.escape(name) for name in sorted(spellings, key=len, reverse=True))


def is_inside_word(text: str, match: re.Match[str]) -> bool:
    """Whether a matched name is only a part of another word."""
    name, start, end = match[0], match.start(), match.end()
    if name.isascii():
        return (text[max(0, start - 1) : start].isascii() and text[max(0, start - 1) : start].isalnum()) or (
            text[end : end + 1].isascii() and text[end : end + 1].isalnum()
        )
    if len(name) > 2:
        return False
    before = text[max(0, start - 1) : start]
    return bool(before and before in _INSIDE_WORD_BEFORE.get(name[0], "")) or bool(INSIDE_WORD_AFTER.match(text, end))
