"""Whatever is typed, up to the length that is read, is answered."""

import random

import pytest

from catalog.models import Case
from catalog.search import LONGEST_QUERY, search_cases
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
def test_any_long_query_is_answered(make_case, snapshot_sometimes, icbc, client):
    case = make_case("贷款", BODY, bank=icbc)
    snapshot_sometimes()
    make_case("另一个", "别的内容")
    for kind, query in QUERIES.items():
        for address in ("/cases/", "/suggestions/", case.get_absolute_url()):
            assert client.get(address, {"q": query}).status_code == 200, (kind, address)
        assert search_cases(Case.objects.all(), query[:LONGEST_QUERY]).count() <= 2, kind


@pytest.mark.parametrize("query", ["1,000 different characters", "500 characters apart", "alternatives", "exclusions"])
def test_a_reader_is_told_that_only_the_beginning_was_used(make_case, client, query):
    make_case("贷款", BODY)
    page = client.get("/cases/", {"q": QUERIES[query]}).content.decode()
    assert "输入很长，只按开头的部分检索" in page
    assert len(page) < 1_500_000


def test_a_reader_is_told_that_a_longer_query_was_cut(make_case, client):
    make_case("贷款", BODY)
    beginning = f"贷款{'，' * LONGEST_QUERY}"[:LONGEST_QUERY]
    assert "只按开头的部分检索" not in client.get("/cases/", {"q": beginning}).content.decode()
    assert "只按开头的部分检索" in client.get("/cases/", {"q": beginning + "天津"}).content.decode()


def test_a_paragraph_finds_the_case_that_it_was_copied_from(make_case, find):
    text = BODY + "".join(CHARACTERS[:600])
    make_case("有", text)
    make_case("无", shuffled(text))
    assert find(text)[0] == "有"
    assert find(text + "，还有别的")[0] == "有"
