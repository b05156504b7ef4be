"""Which queries may be kept to be counted. What may tell of a person never is."""

import re

from catalog.text.normalise import fold

LONGEST = 40  # characters: what is longer was pasted, and nobody asks it twice
_DATE = re.compile(r"(?:19|20)\d\d[-./年]\d{1,2}(?:[-./月]\d{1,2}日?)?")
_NUMERALS = str.maketrans("〇零幺一二三四五六七八九", "001123456789")
# Telephones, identity cards, accounts: with or without what parts their digits.
_LONG_NUMBER = re.compile(r"\d(?:[-\s.·_/()]*\d){6,}")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-z]\s*·?\s*(?=[a-z0-9]*\d)[a-z0-9]{5,6}(?![a-z0-9])"
)
_ADDRESS = re.compile(r"@|://|www\.")


def countable(query: str) -> str | None:
    """The query as it is counted, in the one spelling of all searches; None for one that is not."""
    # Word by word: folding joins what blanks keep apart.
    text = " ".join(filter(None, map(fold, query[: 4 * LONGEST].split())))
    if not text or len(text) > LONGEST or len(query) > 4 * LONGEST:
        return None
    numbers = _DATE.sub("", text).translate(_NUMERALS)
    if _LONG_NUMBER.search(numbers) or _PLATE.search(text) or _ADDRESS.search(text):
        return None
    return text
