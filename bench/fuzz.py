"""Odd requests to a running site: no answer may be a 500, none may stay out.

    python manage.py serve --bind 127.0.0.1:8000
    python -m bench.fuzz http://127.0.0.1:8000 [--count 20000] [--seed 1] [--at-once 4]

The list, a case, a bank, the API and the suggestions are asked for whatever a query and the other parameters may be.
The same seed makes the same requests. Prints how many answers there were of each status, and the slowest; the exit code
is 1 if there was a 500, a time-out or a broken connection.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote, unquote, urlsplit

PATIENCE = 20.0  # seconds for an answer
ADDRESSES = ("/cases/", "/api/cases/", "/suggestions/", "/cases/{slug}/", "/banks/icbc/")
SHARES = (40, 25, 25, 7, 3)

_WORDS = """
融资 贷款 小微企业 普惠金融 复工复产 知识产权质押 工商银行 工行 园区e贷 疫情 绿色 风电 供应链 招商银行 数字化 乡村振興
園區e貸 貸款 銀行 深圳 广东 ICBC 5G e贷 2020年 300万元 90% A&B
"""
_SYLLABLES = "fu gong dai zhi shi chan quan xing hang yin ka lo zh ng shuang v lv a o xian qiong"
# Bytes that are no UTF-8, or no percent-encoding.
_BROKEN = "%ED%A0%80 %ED%BF%BF %C0%80 %FF %E4%BD %80 %F4%90%80%80 %zz % %u4e00 %0 %%00"
WORDS, SYLLABLES, BROKEN = _WORDS.split(), _SYLLABLES.split(), _BROKEN.split()
MARKS = list("""'"\\&|!():*<>-%_{}[]$;,.?#@^`~+=/？！，。、；：“”‘’「」『』（）【】《》—…·｜－＂＼""")
ODD = [
    *map(chr, (0, 1, 8, 9, 10, 13, 27, 127, 0x85, 0xA0, 0xAD, 0x200B, 0x200D, 0x202E, 0x2028, 0x3000, 0xFEFF, 0xFFFD)),
    *map(chr, (0xE000, 0xFFFE, 0xFFFF, 0x10FFFF, 0x1F600, 0x20000, 0x0301, 0x1100, 0x1161, 0xFDFA, 0x337F, 0xFF21)),
    *("👨‍👩‍👧‍👦", "🇨🇳", "👍🏽", "é", "e\u0301", "ｅ貸", "ＩＣＢＣ", "１２３", "㍿", "㈱", "½", "²", "ﬁ", "İ", "ß"),
]
SYNTAX = [
    *("' OR 1=1 --", "'; DROP TABLE catalog_case; --", "1) UNION SELECT NULL--", "%s", "%(x)s", "{0}", "$1", "\\x00"),
    *("<->", "<2>", ":*", "&&", "||", "!!", "a & b | !c", "to_tsquery('x')", "'a':1A", "((((", "))))", "\\", "''"),
    *("<script>alert(1)</script>", "{{ 7*7 }}", "{% now 'Y' %}", "../../etc/passwd", "\\u0000", "null", "NaN", "-0"),
]
FIELDS = ["银行", "机构", "章节", "产品", "年份", "年", "bank", "category", "product", "year", "BANK", "作者", "http"]


@dataclass(frozen=True)
class Request:
    """`address` with `{slug}` for that of some case; `query` as it stands in an address."""

    address: str
    query: str


def requests(seed: int, count: int) -> Iterator[Request]:
    chance = random.Random(seed)
    for _ in range(count):
        (address,) = chance.choices(ADDRESSES, SHARES)
        parameters = [("q", _query(chance))] if chance.random() < 0.97 else []
        for _ in range(chance.choice((0, 0, 0, 1, 2, 4))):
            parameters.append((chance.choice(list(_OTHERS)), ""))
        chance.shuffle(parameters)
        pairs = [f"{name}={value if name == 'q' else _value(chance, name)}" for name, value in parameters]
        yield Request(address, chance.choice("&&&&;").join(pairs))


def _query(chance: random.Random) -> str:
    if chance.random() < 0.003:
        return quote((chance.choice([*WORDS, *ODD, *MARKS, *SYNTAX, "贷款 "]) * 100_000)[:100_000])
    text = quote(chance.choice(_KINDS)(chance), safe="")
    if chance.random() < 0.05:
        place = chance.randrange(len(text) + 1)
        text = text[:place] + chance.choice(BROKEN) + text[place:]
    return text


def _joined(pieces: list[str], longest: int, between: tuple[str, ...] = ("", "", " ")):
    def make(chance: random.Random) -> str:
        return "".join(
            chance.choice(pieces) + chance.choice(between) for _ in range(chance.randint(1, chance.randint(1, longest)))
        )

    return make


def _chinese(chance: random.Random) -> str:
    first, last = chance.choice(((0x4E00, 0x9FA5), (0x4E00, 0x5100), (0x3400, 0x4DB5), (0x3041, 0x30FF)))
    return "".join(
        " " if chance.random() < 0.08 else chr(chance.randint(first, last))
        for _ in range(chance.choice((2, 5, 12, 40, 300)))
    )


def _fielded(chance: random.Random) -> str:
    parts = []
    for _ in range(chance.randint(1, 6)):
        value = chance.choice([*WORDS, *SYNTAX, "2020", "2018-2020", "2020|2019", "9999-0000", "", '"', "|"])
        mark = chance.choice(("", "", "-", "--", "－"))
        parts.append(f"{mark}{chance.choice(FIELDS)}{chance.choice(':：')}{value}")
    return chance.choice((" ", " | ", "")).join(parts)


def _nested(chance: random.Random) -> str:
    return "".join(chance.choice(("-", "--", "- ", ' -"', '"', "|", " | ", "(", ")", "“")) + chance.choice(WORDS)
                   for _ in range(chance.randint(1, 12)))  # fmt: skip


_KINDS = [
    _joined(WORDS, 12), _joined([*WORDS, *MARKS], 30), _joined([*WORDS, *ODD], 30), _joined(ODD, 40),
    _joined(MARKS, 60), _joined([*SYNTAX, *WORDS], 10), _joined(SYLLABLES, 40), _joined(list("abcdefghijklmnop'"), 80),
    _joined([*WORDS, *MARKS, *ODD, *SYNTAX, *SYLLABLES], 150), _chinese, _fielded, _nested,
]  # fmt: skip
_NUMBERS = ["1", "0", "-1", "2", "99", "100", "101", "1e3", "²", "٣", "9" * 30, "1.5", "abc", "", "01", "+1", "NaN"]
_OTHERS = {
    "page": _NUMBERS,
    "page_size": _NUMBERS,
    "ordering": ["relevance", "newest", "-id", "bank", "RELEVANCE", "", "title;", "chapter"],
    "sort": ["relevance", "newest", "updated", "chapter", "x", ""],
    "bank": ["icbc", "ccb", "cmb", "nonsense", "", "1"],
    "kind": ["state", "city", "x", ""],
    "category": ["inclusive", "1", "", "x"],
    "product": ["icbc-园区e贷", "x", ""],
    "year": ["2020", "none", "0", "99999", "²", "-1", "2020-2021", "1" * 5000],
    "source": ["1", "2", "999999999999999999", "9" * 30, "x"],
    "typed": ["1", "0", "x"],
    "script": ["hans", "hant", "x"],
    "format": ["json", "xml", "api"],
}


def _value(chance: random.Random, name: str) -> str:
    if chance.random() < 0.15:
        return quote(chance.choice([*ODD, *SYNTAX, *MARKS]), safe="") + chance.choice(("", *BROKEN))
    return quote(chance.choice(_OTHERS[name]), safe="")


# --- Asking -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """`status`: the number, or what was in the place of an answer."""

    request: Request
    status: str
    seconds: float


class Site:
    def __init__(self, base: str):
        self.host = urlsplit(base).netloc
        self.slug = self._some_case()

    def _some_case(self) -> str:
        import json

        status, body = self._get("/api/cases/?page_size=1&q=" + quote("贷款"))
        rows = json.loads(body)["results"] if status == 200 else []
        return urlsplit(rows[0]["url"]).path.split("/")[2] if rows else "none"

    def ask(self, request: Request) -> Answer:
        start = time.perf_counter()
        try:
            status = str(self._get(f"{request.address.replace('{slug}', self.slug)}?{request.query}")[0])
        except TimeoutError:
            status = "超时"
        except (HTTPException, OSError) as error:
            status = f"断开 {type(error).__name__}"
        return Answer(request, status, time.perf_counter() - start)

    def _get(self, address: str) -> tuple[int, bytes]:
        connection = HTTPConnection(self.host, timeout=PATIENCE)
        try:
            connection.request("GET", address)
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", metavar="URL")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=4)
    options = parser.parse_args()
    site = Site(options.base)
    with ThreadPoolExecutor(options.at_once) as pool:
        answers = list(pool.map(site.ask, requests(options.seed, options.count)))
    return report(answers)


def report(answers: list[Answer]) -> int:
    for address in ADDRESSES:
        here = [answer for answer in answers if answer.request.address == address]
        counts = "  ".join(f"{status}: {n}" for status, n in sorted(Counter(answer.status for answer in here).items()))
        times = sorted(answer.seconds for answer in here) or [0.0]
        median, late = times[len(times) // 2], times[len(times) * 99 // 100]
        spread = f"中位 {median:.3f} 秒，99% {late:.3f} 秒，最长 {times[-1]:.3f} 秒"
        print(f"{address:16}{len(here):6}  {counts}  （{spread}）")
    print("最慢的十个：")
    for answer in sorted(answers, key=lambda answer: -answer.seconds)[:10]:
        print(f"  {answer.seconds:.3f} 秒  {answer.status}  {_shown(answer.request)}")
    failures = [answer for answer in answers if not answer.status.isdigit() or answer.status.startswith("5")]
    for answer in failures[:50]:
        print(f"  {answer.status}  {answer.request.address}?{answer.request.query[:2000]}")
    # 503 says that a search was broken off: an answer.
    return int(any(answer.status != "503" for answer in failures))


def _shown(request: Request) -> str:
    text = unquote(request.query, errors="replace")
    return f"{request.address} {''.join(c if c.isprintable() else '·' for c in text)[:100]}（{len(text)} 字）"


if __name__ == "__main__":
    sys.exit(main())
