"""Whatever is typed, up to the length that is read, is answered."""

import random

import pytest

from catalog.models import Case
from catalog.search import LONGEST_QUERY, mark, plan_query, search_cases, snippet, suggest
from catalog.text.script import to_traditional

pytestmark = pytest.mark.django_db

CHARACTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 1_000)]
BODY = "工行深圳市分行创新知识产权融资新模式，助力科创小微企业；截至2020年6月末，累计发放7.9亿元贷款，惠及35户企业。"


def words(length: int) -> list[str]:
    """As many different words of so many characters as a query has room for."""
    return ["".join(CHARACTERS[start : start + length]) for start in range(0, LONGEST_QUERY, length)]


def shuffled(text: str) -> str:
    return "".join(random.Random(1).sample(text, len(text)))


PARAGRAPH = (BODY * 20)[:LONGEST_QUERY]
QUERIES = {
    "a paragraph": PARAGRAPH,
    "a paragraph of nonsense": shuffled(PARAGRAPH),
    "a traditional paragraph": to_traditional(PARAGRAPH),
    "a quoted paragraph": f'"{PARAGRAPH[:-2]}"',
    "1,000 different characters": "".join(CHARACTERS),
    "500 characters apart": " ".join(CHARACTERS[:500]),
    "words of two": " ".join(words(2)),
    "words of seven": " ".join(words(7)),
    "phrases of the text": " ".join(BODY[start : start + 7] for start in range(len(BODY) - 7)),
    "alternatives": "|".join(CHARACTERS[:500]),
    "alternatives of five": "|".join(words(5)),
    "exclusions": " ".join(f"-{character}" for character in CHARACTERS[:333]),
    "exclusions of five": " ".join(f"-{word}" for word in words(5)),
    "quoted pieces": " ".join(f'"{word}"' for word in words(2)),
    "fields": " ".join(f"年份:{year}" for year in range(1900, 2020)),
    "unknown fields": " ".join(f"产品:{word}" for word in words(2)),
    "marks of punctuation": "，。！？；：、" * 142,
    "quotation marks": '"' * LONGEST_QUERY,
    "letters": "xian'qiong" * 100,
    "syllables": "zhi shi chan quan " * 55,
    "Chinese and letters in turn": " ".join("贷x" * 250),
    "numbers": "一百二十亿" * 200,
    "ligatures": "ﷺ" * LONGEST_QUERY,
}


@pytest.mark.slow
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_any_long_query_is_answered(make_case, snapshot_sometimes, icbc, query):
    make_case("贷款", BODY, bank=icbc)
    snapshot_sometimes()
    make_case("另一个", "别的内容")
    query = query[:LONGEST_QUERY]
    plan = plan_query(query)
    assert plan.results.total >= 0
    if relaxed := plan.relaxed():
        assert relaxed.results.total >= plan.results.total
    assert list(search_cases(Case.objects.all(), query)) is not None
    assert mark(BODY, query)
    assert snippet([BODY], query)
    suggest(query)


def test_a_paragraph_finds_the_case_that_it_was_copied_from(make_case, find):
    text = BODY + "".join(CHARACTERS[:600])
    make_case("有", text)
    make_case("无", shuffled(text))
    assert find(text)[0] == "有"
    assert find(text + "，还有别的")[0] == "有"
