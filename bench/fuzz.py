"""Odd requests, and whether the site answers all of them.

    python -m bench.fuzz http://127.0.0.1:8000 [--count 20000] [--seed 1] [--at-once 4] [--pid PID] [--most 600]

Two of three are questions: addresses that may hold a query, with queries of everything that people, pastes and probes
might put there: words in both scripts and pinyin, punctuation, operators of this query language and of others, control
characters, broken percent-encoding, lengths up to far beyond what is read. A question is never an error of the page's:
cases are asked for whatever a query and the other parameters may be. The others are of any kind: every page, the admin,
static files, with odd methods, headers, cookies, hosts, paths and bodies.

The same seed makes the same requests. Prints how many answers there were of each status, and the slowest; with the
`--pid` of the server's first process also the most memory that each process of its tree had. The exit code is 1 if
there was an error of the server's, a time-out or a broken connection, or a process had more than `--most` megabytes.
"""

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from socket import create_connection
from urllib.parse import quote, unquote, urlsplit

import psutil

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
    """`address` with `{slug}` for that of some case; `query` as it stands in an address. `broken`: it is no HTTP, and a
    closed connection is an answer to it.
    """

    address: str
    query: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    broken: bool = False

    @property
    def target(self) -> str:
        return f"{self.address}?{self.query}" if self.query else self.address


def requests(seed: int, count: int) -> Iterator[Request]:
    """Questions, and every third of any kind."""
    asked = questions(seed, count)
    chance = random.Random(seed + 1)
    for number, question in enumerate(asked):
        yield _of_any_kind(chance, question.query) if number % 3 == 2 else question


def questions(seed: int, count: int) -> Iterator[Request]:
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


# --- Of any kind ------------------------------------------------------------------------------------------------------

# Every page (see `catalog.pages.urls`), the API, the admin, and what lies beside.
PLACES = (
    *("/", "/cases/", "/cases/{slug}/", "/banks/", "/banks/icbc/", "/chapters/", "/chapters/inclusive/", "/products/"),
    *(
        "/products/icbc-x/",
        "/sources/",
        "/sources/1/",
        "/suggestions/",
        "/script/",
        "/api/cases/",
        "/api/cases/{slug}/",
    ),
    *("/admin/", "/admin/login/", "/admin/logout/", "/admin/catalog/case/", "/admin/jsi18n/", "/accounts/login/"),
    *("/static/css/base.css", "/static/", "/static/../manage.py", "/favicon.ico", "/robots.txt", "/healthz", "/readyz"),
    *("/nothing", "/cases", "//cases/", "/cases//", "/.env", "/api/", "/api/nothing/", "/.well-known/security.txt"),
)
_METHODS = ["GET"] * 6 + [
    "HEAD",
    "POST",
    "POST",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "PROPFIND",
    "get",
    "X" * 40,
]
_LONG = (10, 300, 2_000, 4_000, 8_000)
_FORM, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
_HEADERS = {
    "Accept": ["*/*", "application/json", "text/html;q=0.1", "image/*", ";;;", "a/b;q=x", ",", "*" * 500],
    "Accept-Encoding": ["gzip", "br", "identity;q=0", "*;q=0", "gzip;q=x", "deflate, gzip, br, zstd"],
    "Accept-Language": ["zh-TW", "zh", "en", "x" * 300, "zh;q=9", "*", "zh-Hant-HK-x-y-z"],
    "Authorization": ["Basic eDp5", "Basic !!!", "Bearer x", "Digest"],
    "Connection": ["close", "keep-alive", "upgrade", "x"],
    "Content-Type": [_FORM, _MULTIPART, "multipart/form-data", "application/json", "x", "text/plain; charset=nonsense"],
    "Cookie": [
        *("sessionid=x", "csrftoken=" + "a" * 32, "csrftoken=x", "script=hant", "messages=x", "a", "=", ";;;"),
        *("sessionid=" + "é" * 300, "a=b; " * 200, 'x="\\', "sessionid=\x01"),
    ],
    "Expect": ["100-continue"],
    "Forwarded": ["for=1.2.3.4;proto=https;host=evil.example"],
    "HX-Boosted": ["true"],
    "HX-Current-URL": ["http://x/é", "%ff", "", "http://[", "http://x:99999999/"],
    "HX-History-Restore-Request": ["true"],
    "HX-Request": ["true", "false", "x"],
    "HX-Trigger": ["x", "\xff", "%E4"],
    "If-Match": ["*", '"x"', "x"],
    "If-Modified-Since": ["Thu, 01 Jan 1970 00:00:00 GMT", "x", "Mon, 99 Foo 9999 99:99:99 GMT"],
    "If-None-Match": ["*", 'W/"x"', '"', "x, y, z"],
    "Origin": ["null", "http://evil.example", "x"],
    "Range": ["bytes=0-1", "bytes=9999999-", "bytes=-1", "bytes=5-1", "x", "bytes=" + "0-1," * 200],
    "Referer": ["http://evil.example/", "x", "http://[", "é"],
    "Upgrade": ["websocket", "h2c"],
    "User-Agent": ["", "x" * 2_000, "é", "() { :; }; echo"],
    "X-CSRFToken": ["x", "a" * 64],
    "X-Forwarded-For": ["1.2.3.4", "::1", "x", "127.0.0.1, 127.0.0.1"],
    "X-Forwarded-Host": ["evil.example"],
    "X-Forwarded-Proto": ["https", "x"],
    "X-HTTP-Method-Override": ["DELETE"],
    "X-Request-ID": ["x", "a" * 1_000, "é", "<script>"],
    "X-Requested-With": ["XMLHttpRequest"],
}
_HOSTS = [
    "",
    "localhost",
    "LOCALHOST.",
    "evil.example",
    "127.0.0.1:99999",
    "[::1]",
    "a b",
    "é",
    "x" * 300,
    "..",
    "@",
    "a,b",
]


def _of_any_kind(chance: random.Random, query: str) -> Request:
    """`query` as it stands in an address, which few have."""
    headers = [
        (name, chance.choice(_HEADERS[name])) for name in chance.sample(list(_HEADERS), chance.choice((0, 1, 2, 5)))
    ]
    if chance.random() < 0.03:
        headers += [(f"X-{number}", "x" * chance.choice(_LONG)) for number in range(chance.choice((1, 50, 150)))]
    if chance.random() < 0.05:
        headers.append(("Host", chance.choice(_HOSTS)))
    method = chance.choice(_METHODS)
    body = _body(chance) if method not in {"GET", "HEAD"} or chance.random() < 0.02 else b""
    broken = chance.random() < 0.03
    if broken:
        method = chance.choice(["", "GET GET", "\x00", "G\tET", "é", "\x16\x03\x01", "GET\r\nX: y"])
    return Request(_place(chance), query if chance.random() < 0.3 else "", method, tuple(headers), body, broken)


def _place(chance: random.Random) -> str:
    """Mostly a page; else what might be one."""
    place = chance.choice(PLACES)
    if chance.random() < 0.75:
        return place
    text = chance.choice([*WORDS, *ODD, *MARKS, *SYNTAX, "a", "../", "%2e%2e/", "/", "1"])
    long = quote(text, safe=chance.choice(["", "/%"])) * chance.choice((1, 1, 5, 50, 500))
    middle = long[: chance.choice(_LONG)] + chance.choice(["", "", *BROKEN])
    return f"{place.rstrip('/')}/{middle}{chance.choice(('', '/'))}"


def _body(chance: random.Random) -> bytes:
    pair = f"{chance.choice(['username', 'password', 'csrfmiddlewaretoken', 'next', 'q'])}={_query(chance)}"
    form = "&".join([pair] * chance.choice((1, 2, 10)))
    part = '--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n'
    texts = [
        form,
        "",
        "{}",
        "[" * chance.choice(_LONG),
        '{"a": NaN}',
        part,
        part + "x\r\n--x--",
        "a=b&" * 2_000,
        "\0",
        "=&;%",
    ]
    body = chance.choice(texts).encode()
    return body * (1 if chance.random() < 0.95 else chance.choice((10, 100)))


# --- Asking -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """`status`: the number, or what was in the place of an answer."""

    request: Request
    status: str
    seconds: float

    @property
    def is_failure(self) -> bool:
        """503 says that a search was broken off; 501 and 505 that the request is of a kind that the site has not."""
        if self.request.broken and not self.status.isdigit():
            return self.status == _TIMEOUT
        return not self.status.isdigit() or (self.status.startswith("5") and self.status not in {"501", "503", "505"})


_TIMEOUT = "超时"


class Site:
    def __init__(self, base: str):
        parts = urlsplit(base)
        self.host, self.address = parts.netloc, (parts.hostname or "127.0.0.1", parts.port or 80)
        self.slug = ""
        self.slug = self._some_case()

    def _some_case(self) -> str:
        import json

        status, body = self._sent(Request("/api/cases/", "page_size=1&q=" + quote("贷款")))
        rows = json.loads(body)["results"] if status == 200 else []
        return urlsplit(rows[0]["url"]).path.split("/")[2] if rows else "none"

    def ask(self, request: Request) -> Answer:
        start = time.perf_counter()
        try:
            status = str(self._sent(request)[0])
        except TimeoutError:
            status = _TIMEOUT
        except (HTTPException, OSError) as error:
            status = f"断开 {type(error).__name__}"
        return Answer(request, status, time.perf_counter() - start)

    def _sent(self, request: Request) -> tuple[int, bytes]:
        """By a socket: a client of HTTP sends nothing that is none."""
        names = {name.lower() for name, _ in request.headers}
        headers = [] if "host" in names else [("Host", self.host)]
        headers += [] if "connection" in names else [("Connection", "close")]
        headers += [("Content-Length", str(len(request.body)))] if request.body else []
        target = request.target.replace("{slug}", self.slug)
        lines = [f"{request.method} {target} HTTP/1.1", *(f"{n}: {v}" for n, v in [*headers, *request.headers]), "", ""]
        with create_connection(self.address, timeout=PATIENCE) as connection:
            # Where it is refused before all of it was sent, the answer says why.
            with suppress(ConnectionError):
                connection.sendall("\r\n".join(lines).encode() + request.body)
            reply = HTTPResponse(connection, method=request.method)
            try:
                reply.begin()
                return reply.status, reply.read()
            finally:
                reply.close()


class Memory:
    """The most resident memory (MB) that each process of a tree had while the block ran, by process number and name."""

    EVERY = 0.5  # seconds

    def __init__(self, pid: int | None):
        self.most: dict[tuple[int, str], float] = {}
        self._root = psutil.Process(pid) if pid else None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *error) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while self._root and not self._over.wait(self.EVERY):
            for process in [self._root, *self._root.children(recursive=True)]:
                try:
                    process_key = process.pid, process.name()
                    resident = process.memory_info().rss / 1e6
                except psutil.NoSuchProcess:
                    continue
                self.most[process_key] = max(resident, self.most.get(process_key, 0.0))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", metavar="URL")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--pid", type=int, help="the server's first process: its tree's memory is watched")
    parser.add_argument("--most", type=float, default=600, metavar="MB")
    options = parser.parse_args()
    site = Site(options.base)
    with Memory(options.pid) as memory, ThreadPoolExecutor(options.at_once) as pool:
        answers = list(pool.map(site.ask, requests(options.seed, options.count)))
    failed = report(answers)
    for (pid, name), most in sorted(memory.most.items(), key=lambda row: -row[1])[:10]:
        print(f"内存最多 {most:6.0f} MB  {name} {pid}")
    return int(failed or any(most > options.most for most in memory.most.values()))


def report(answers: list[Answer]) -> bool:
    """Prints; whether any is a failure."""
    for kind in (*ADDRESSES, _OTHER_KINDS):
        here = [answer for answer in answers if _kind(answer.request) == kind]
        counts = "  ".join(f"{status}: {n}" for status, n in sorted(Counter(answer.status for answer in here).items()))
        times = sorted(answer.seconds for answer in here) or [0.0]
        median, late = times[len(times) // 2], times[len(times) * 99 // 100]
        spread = f"中位 {median:.3f} 秒，99% {late:.3f} 秒，最长 {times[-1]:.3f} 秒"
        print(f"{kind:16}{len(here):6}  {counts}  （{spread}）")
    print("最慢的十个：")
    for answer in sorted(answers, key=lambda answer: -answer.seconds)[:10]:
        print(f"  {answer.seconds:.3f} 秒  {answer.status}  {_shown(answer.request)}")
    broken_off = sum(answer.status == "503" for answer in answers)
    print(f"中止的检索（503）：{broken_off}")
    failures = [answer for answer in answers if answer.is_failure]
    for answer in failures[:50]:
        print(
            f"  {answer.status}  {answer.request.method} {answer.request.target[:2000]}  {answer.request.headers}"[
                :3000
            ]
        )
    return bool(failures)


_OTHER_KINDS = "其他"


def _kind(request: Request) -> str:
    is_question = request.method == "GET" and not request.headers and request.address in ADDRESSES
    return request.address if is_question else _OTHER_KINDS


def _shown(request: Request) -> str:
    text = f"{request.method} {unquote(request.target, errors='replace')}"
    return f"{''.join(c if c.isprintable() else '·' for c in text)[:100]}（{len(text)} 字）"


if __name__ == "__main__":
    sys.exit(main())
