"""Chinese numerals as figures: a query says 一百亿, 八成 or 两天 where a text has 100 亿, 80% and 2 天."""

import re

_DIGITS = dict(zip("零〇一二三四五六七八九两", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2), strict=True))
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_ABOUT = "多余几来"
# Measure words and units. A numeral without one is usually part of a word (一般, 三农, 百行进万企).
_COUNTED = "小时|分钟|公里|元|户|家|天|年|月|日|次|个|名|人|笔|倍|岁|吨|台|条|只|所|座|度|场"
_NUMBER = re.compile(rf"([{''.join(_DIGITS)}十百千]+)([{_ABOUT}]?)([万亿]{{0,2}})([{_ABOUT}]?)((?:{_COUNTED})?)")
_SHARE = re.compile(r"百分之([零一二三四五六七八九十百点两]+)")
_TENTHS = re.compile(r"([一二三四五六七八九])成(?!为|了|立|功|长|本|员|果|效|交|都)")


def find(text: str) -> list[tuple[int, int, list[str]]]:
    """The numbers in a folded text, in order: (start, end, spellings in figures).

    一百多亿 has the spellings 100多亿, 100余亿 and 100亿. A numeral that is part of a word is not a number.
    """
    numbers = []
    for match in _SHARE.finditer(text):
        integer, _, fraction = match[1].partition("点")
        value = figure(integer)
        digits = "".join(str(_DIGITS[digit]) for digit in fraction if digit in _DIGITS)
        if value is not None:
            numbers.append((*match.span(), [f"{value}.{digits}%" if digits else f"{value}%"]))
    for match in _TENTHS.finditer(text):
        numbers.append((*match.span(), [f"{_DIGITS[match[1]]}0%"]))
    covered = {place for start, end, _ in numbers for place in range(start, end)}
    for match in _NUMBER.finditer(text):
        number, about, large, about_large, unit = match.groups()
        value, end = figure(number), match.end()
        if large:
            # 亿 or 万 makes it a number whatever follows, so the unit is left out of the match.
            unit, end = "", match.start() + len(match[0].removesuffix(unit))
        # 一个 and 一家 are mostly articles, not numbers.
        if value and (large or (unit and value > 1)) and covered.isdisjoint(range(match.start(), end)):
            words = ["多", "余", ""] if about or about_large else [""]
            numbers.append((match.start(), end, [f"{value}{word}{large}{unit}" for word in words]))
    return sorted(numbers)


def figure(words: str) -> int | None:
    """The value of a Chinese numeral below ten thousand, or of a row of digits: 一千二百 is 1200, 二〇二〇 is 2020.

    None if `words` is not such a numeral.
    """
    if len(words) > 1 and all(word in _DIGITS for word in words):
        return int("".join(str(_DIGITS[word]) for word in words))
    total, digit = 0, None
    for word in words:
        if word in _UNITS:
            total += (1 if digit is None else digit) * _UNITS[word]
            digit = None
        elif word in _DIGITS and digit is None:
            digit = _DIGITS[word] or None
        else:
            return None
    return total + (digit or 0) if words else None
