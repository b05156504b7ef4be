"""In words for a reader how a query was understood. The search gives the facts; the words stand here."""

from catalog.search import Chip, QueryPlan, Step

_STEPS = {
    Step.WORDS: "没有案例含有与输入完全相同的文字，以下案例含有其中的全部词语",
    Step.MOST: "没有案例含有全部词语，以下案例含有其中的大部分",
    Step.ANY: "含有全部词语的案例没有或很少，以下案例含有其中的一部分，最相符的在前",
}
_FIELDS = {"text": "检索", "bank": "银行", "category": "章节", "product": "产品", "year": "年份"}


def remarks(plan: QueryPlan, *, cut: bool = False) -> list[str]:
    """What was done to the query; nothing where the cases have it as it was typed. `cut`: more of it was typed."""
    corrected = [f"已改为检索“{plan.query}”"] if plan.correction else []
    joined = [f"“{group.label}”当作连在一起的文字检索" for group in plan.joined]
    beginning = ["输入很长，只按开头的部分检索"] if cut or plan.is_cut else []
    step = [_STEPS[plan.step]] if plan.step in _STEPS else []
    return [*corrected, *joined, *beginning, *step]


def chip_label(chip: Chip) -> str:
    """What a part of the query asks for: 检索, 不含, 银行, 不是银行."""
    if not chip.excluded:
        return _FIELDS[chip.field]
    return "不含" if chip.field == "text" else f"不是{_FIELDS[chip.field]}"
