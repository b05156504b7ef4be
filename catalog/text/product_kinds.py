"""What kinds of products there are, and which of them a name itself says."""

import re

from catalog.text.names import name_key

UNDECIDED = "undecided"
PRODUCT_KINDS = {
    "loan": "贷款",
    "bond": "债券",
    "platform": "平台",
    "service": "服务",
    "activity": "活动",
    UNDECIDED: "未定",
}

_ENDINGS = {
    "loan": ("贷", "贷款"),
    "bond": ("债", "债券"),
    "platform": ("平台", "系统", "小程序", "app"),
    "service": ("服务",),
    "activity": ("活动",),
}
# What is done with loans and debts is neither.
_NO_PRODUCT = re.compile(r"(?:[还放助骗断抽惜催压不信借]贷|[还讨逃负欠躲]债)(?:款)?$")
_IN_BRACKETS = re.compile(r"\([^()]*\)$")
_QUOTES = "“”\"'‘’「」《》"


def product_kind(name: str) -> str:
    """The kind that the ending of the name says plainly, else `UNDECIDED`. 复工贷 is a loan, 复工通 may be anything."""
    plain = _IN_BRACKETS.sub("", name_key(name)).strip(_QUOTES)
    if _NO_PRODUCT.search(plain):
        return UNDECIDED
    for kind, endings in _ENDINGS.items():
        if any(plain.endswith(ending) and len(plain) > len(ending) for ending in endings):
            return kind
    return UNDECIDED
