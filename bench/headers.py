"""Grades the headers of a running site by the rules of Mozilla's HTTP Observatory.

    python -m bench.headers https://127.0.0.1:8443 [--plain http://127.0.0.1:8000] [--host 名称] [--least A+]

Each of some addresses of the site is graded: the home page, the log-in, the API, a style sheet, a page that is not
there. --plain is where the site is asked without TLS, which has to lead to https; --host is the name it is asked for
by. Any certificate is taken. Prints each rule's outcome and points; the exit code is 1 where a grade is below --least.

The rules are the Observatory's as it publishes them: a hundred points, less what each rule takes; bonuses count only
for who has kept ninety without them. Left out is what it knows of the domain (whether browsers preload it, +5) and of
the certificate.
"""

import argparse
import re
import ssl
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

from bench.tables import table

GRADES = [(100, "A+"), (90, "A"), (85, "A-"), (80, "B+"), (70, "B"), (65, "B-"), (60, "C+"), (50, "C"), (45, "C-")]
GRADES += [(40, "D+"), (30, "D"), (25, "D-"), (0, "F")]
BONUS_FROM = 90
HALF_A_YEAR = 15_768_000  # seconds
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SESSION = re.compile("sess|login|auth|token|sid", re.IGNORECASE)
PATIENCE = 20  # seconds for an answer


@dataclass(frozen=True)
class Answer:
    """What the Observatory looks at of one page; `headers` in lower case, `cookies` as each Set-Cookie has them."""

    secure: bool
    headers: dict[str, str]
    cookies: list[str] = field(default_factory=list)
    html: str = ""
    plain_leads_to_tls: bool | None = None  # None: not asked


@dataclass(frozen=True)
class Outcome:
    rule: str
    outcome: str
    points: int


def policy_of(answer: Answer) -> dict[str, set[str]]:
    """The directives of the content security policy, each with its sources."""
    directives: dict[str, set[str]] = {}
    for directive in answer.headers.get("content-security-policy", "").split(";"):
        name, *sources = directive.split() or [""]
        directives.setdefault(name.lower(), {source.lower() for source in sources})
    directives.pop("", None)
    return directives


def grade_policy(answer: Answer) -> Outcome:
    policy = policy_of(answer)
    if not policy:
        return Outcome("CSP", "没有", -25)
    default = policy.get("default-src", {"*"})
    scripts, styles = policy.get("script-src", default), policy.get("style-src", default)
    objects = policy.get("object-src", default)
    anywhere = {"*", "http:", "https:", "data:"}
    hashed = any(source.startswith(("'nonce-", "'sha")) for source in scripts)
    if ("'unsafe-inline'" in scripts and not hashed) or anywhere & scripts or anywhere & objects:
        return Outcome("CSP", "脚本可以写在页面里，或来自任何地方", -20)
    if "'unsafe-eval'" in scripts | styles:
        return Outcome("CSP", "允许 eval", -10)
    if answer.secure and any(source.startswith("http:") for sources in policy.values() for source in sources):
        return Outcome("CSP", "允许不加密的来源", -20)
    if "'unsafe-inline'" in styles or anywhere & styles:
        return Outcome("CSP", "样式可以写在页面里", 0)
    if default == {"'none'"}:
        return Outcome("CSP", "默认全不允许，没有 unsafe", 10)
    return Outcome("CSP", "没有 unsafe", 5)


def grade_cookies(answer: Answer) -> Outcome:
    worst = 5 if answer.cookies else 0
    hsts = "strict-transport-security" in answer.headers
    for text in answer.cookies:
        for name, cookie in SimpleCookie(text).items():
            session, forgery = bool(SESSION.search(name)), "csrf" in name.lower()
            if not cookie["secure"]:
                worst = min(worst, (-10 if hsts else -40) if session else (-5 if hsts else -20))
            if session and not forgery and not cookie["httponly"]:
                worst = min(worst, -30)
            if not cookie["samesite"]:
                worst = min(worst, -20 if forgery else 0)
            elif cookie["samesite"].lower() not in ("lax", "strict", "none"):
                worst = min(worst, -20)
    return Outcome("Cookie", f"{len(answer.cookies)} 个", worst)


def grade_sharing(answer: Answer) -> Outcome:
    if answer.headers.get("access-control-allow-credentials", "").lower() == "true":
        origin = answer.headers.get("access-control-allow-origin", "")
        return Outcome("CORS", f"带凭据，来源 {origin}", -50 if origin not in ("", "null") else 0)
    return Outcome("CORS", answer.headers.get("access-control-allow-origin", "没有"), 0)


def grade_redirection(answer: Answer) -> Outcome:
    if answer.plain_leads_to_tls is None:
        return Outcome("转到 https", "没有问", 0)
    if answer.plain_leads_to_tls:
        return Outcome("转到 https", "是", 0)
    return Outcome("转到 https", "否", -20)


def grade_referrer(answer: Answer) -> Outcome:
    text = answer.headers.get("referrer-policy", "").lower()
    policies = [policy.strip() for policy in text.split(",") if policy.strip()]
    if not policies:
        return Outcome("Referrer-Policy", "没有", 0)
    if policies[-1] in PRIVATE:
        return Outcome("Referrer-Policy", text, 5)
    return Outcome("Referrer-Policy", text, -5)


def grade_transport(answer: Answer) -> Outcome:
    text = answer.headers.get("strict-transport-security", "")
    age = re.fullmatch(r'\s*max-age="?(\d+)"?\s*(;.*)?', text, re.IGNORECASE)
    if not answer.secure or not text:
        return Outcome("HSTS", "没有", -20)
    if not age:
        return Outcome("HSTS", f"看不懂：{text}", -20)
    if int(age[1]) < HALF_A_YEAR:
        return Outcome("HSTS", f"太短：{text}", -10)
    return Outcome("HSTS", text, 0)


def grade_integrity(answer: Answer) -> Outcome:
    """Scripts of the site's own need no checksum; those of others do."""
    foreign = [
        tag
        for tag in re.findall(r"<script\b[^>]*\bsrc=[^>]*>", answer.html, re.IGNORECASE)
        if re.search(r"""src=["']?(?:https?:)?//""", tag)
    ]
    if any("integrity=" not in tag for tag in foreign):
        return Outcome("SRI", "别处的脚本没有校验", -5)
    return Outcome("SRI", f"别处的脚本 {len(foreign)} 个", 5 if foreign else 0)


def grade_types(answer: Answer) -> Outcome:
    text = answer.headers.get("x-content-type-options", "没有")
    return Outcome("X-Content-Type-Options", text, 0 if text.lower() == "nosniff" else -5)


def grade_frames(answer: Answer) -> Outcome:
    ancestors = policy_of(answer).get("frame-ancestors")
    if ancestors is not None and "*" not in ancestors:
        return Outcome("嵌入别的网页", "CSP 不许", 5)
    text = answer.headers.get("x-frame-options", "没有")
    return Outcome("嵌入别的网页", text, 0 if text.upper() in ("DENY", "SAMEORIGIN") else -20)


def grade_resources(answer: Answer) -> Outcome:
    text = answer.headers.get("cross-origin-resource-policy", "").lower()
    points = {"": 0, "same-origin": 10, "same-site": 10, "cross-origin": 0}.get(text, -5)
    return Outcome("CORP", text or "没有", points)


RULES = [
    grade_policy,
    grade_cookies,
    grade_sharing,
    grade_redirection,
    grade_referrer,
    grade_transport,
    grade_integrity,
    grade_types,
    grade_frames,
    grade_resources,
]


def outcomes_of(answer: Answer) -> list[Outcome]:
    return [rule(answer) for rule in RULES]


def score_of(outcomes: Iterable[Outcome]) -> int:
    points = [outcome.points for outcome in outcomes]
    score = 100 + sum(point for point in points if point < 0)
    if score >= BONUS_FROM:
        score += sum(point for point in points if point > 0)
    return max(0, score)


def grade_of(score: int) -> str:
    return next(grade for least, grade in GRADES if score >= least)


def ask(origin: str, address: str, host: str | None) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of an address, without following where it leads."""
    parts = urlsplit(origin)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection(parts.hostname, parts.port, timeout=PATIENCE, context=context)
    else:
        connection = HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    connection.request("GET", address, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.getheaders(), body


def fetch(origin: str, plain: str | None, address: str, host: str | None) -> tuple[int, Answer]:
    status, headers, body = ask(origin, address, host)
    leads = None
    if plain:
        _, plain_headers, _ = ask(plain, address, host)
        target = {name.lower(): value for name, value in plain_headers}.get("location", "")
        leads = target.startswith("https://")
    answer = Answer(
        secure=urlsplit(origin).scheme == "https",
        headers={name.lower(): value for name, value in headers},
        cookies=[value for name, value in headers if name.lower() == "set-cookie"],
        html=body.decode("utf-8", "replace"),
        plain_leads_to_tls=leads,
    )
    return status, answer


def a_style_sheet(origin: str, host: str | None) -> str:
    _, _, body = ask(origin, "/", host)
    sheet = re.search(r'href="([^"]+\.css)"', body.decode("utf-8", "replace"))
    return urljoin("/", sheet[1]) if sheet else "/static/css/plain.css"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("origin")
    parser.add_argument("--plain", help="不加密的地址")
    parser.add_argument("--host", help="用这个主机名访问")
    parser.add_argument("--least", default="A+", choices=[grade for _, grade in GRADES])
    arguments = parser.parse_args()
    least = next(points for points, grade in GRADES if grade == arguments.least)
    addresses = ["/", "/admin/login/", "/api/cases/", "/no-such-page", a_style_sheet(arguments.origin, arguments.host)]
    bad = False
    for address in addresses:
        status, answer = fetch(arguments.origin, arguments.plain, address, arguments.host)
        outcomes = outcomes_of(answer)
        score = score_of(outcomes)
        bad = bad or score < least
        print(f"\n{address}（{status}）：{grade_of(score)}，{score} 分")
        print(table(["规则", "结果", "分"], [[each.rule, each.outcome[:60], str(each.points)] for each in outcomes]))
    sys.exit(bad)


if __name__ == "__main__":
    main()
