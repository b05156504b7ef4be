"""What stands before the workers: what it takes, what it refuses, and whom it believes."""

import json
import shutil
import socket
import subprocess
from contextlib import ExitStack

import pytest

from embedded_postgres.errors import SetupError
from serving.front import Front, find_nginx

from .conftest import wait_until

MEGABYTE = 1_000_000
CONNECTIONS = 50


def slow_connections(stack: ExitStack, site, request: bytes) -> None:
    for _ in range(CONNECTIONS):
        connection = stack.enter_context(socket.create_connection((site.host, site.port), timeout=20))
        connection.sendall(request)


@pytest.mark.parametrize(
    "request_so_far",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc",
    ],
    ids=["idle", "slow heads", "slow bodies"],
)
def test_readers_are_answered_while_others_send_slowly(site, request_so_far):
    with ExitStack() as stack:
        slow_connections(stack, site, request_so_far)
        assert [site.ask().status for _ in range(10)] == [200] * 10


class TestWhoAsks:
    FORGED = {
        "x_forwarded_for": "9.9.9.9",
        "x_real_ip": "9.9.9.9",
        "forwarded": "for=9.9.9.9",
        "x_forwarded_proto": "https",
        "x_forwarded_host": "evil.example",
        "script_name": "/evil",
    }

    def test_a_readers_own_word_on_his_address_and_scheme_counts_nothing(self, site):
        told = site.ask(**self.FORGED).told
        assert told["REMOTE_ADDR"] == told["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
        assert told["wsgi.url_scheme"] == "http"
        assert told["SCRIPT_NAME"] == ""
        assert "evil" not in json.dumps(told)
        assert "9.9.9.9" not in json.dumps(told)

    def test_a_header_with_an_underscore_is_not_taken_for_one_of_the_fronts(self, site):
        raw = b"GET / HTTP/1.1\r\nHost: h\r\nX_Real_IP: 9.9.9.9\r\nSCRIPT_NAME: /evil\r\nConnection: close\r\n\r\n"
        answer = site.send_raw(raw)
        assert b'"REMOTE_ADDR": "127.0.0.1"' in answer
        assert b"evil" not in answer

    def test_a_trusted_proxy_is_believed_and_what_its_client_forged_is_not(self, start):
        site = start(TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/8")
        told = site.ask(x_forwarded_for="6.6.6.6, 203.0.113.7, 10.1.2.3", x_forwarded_proto="https").told
        assert told["REMOTE_ADDR"] == told["HTTP_X_FORWARDED_FOR"] == "203.0.113.7"
        assert told["wsgi.url_scheme"] == "https"

    def test_a_proxy_that_is_not_listed_is_not_believed(self, start):
        told = start(TRUSTED_PROXIES="10.0.0.0/8").ask(x_forwarded_for="203.0.113.7", x_forwarded_proto="https").told
        assert (told["REMOTE_ADDR"], told["wsgi.url_scheme"]) == ("127.0.0.1", "http")

    def test_the_requests_number_is_the_fronts_and_the_reader_is_told_it(self, site):
        answer = site.ask(x_request_id="made-up-by-reader")
        assert answer.told["HTTP_X_REQUEST_ID"] != "made-up-by-reader"
        assert answer.headers.get_all("X-Request-ID") == [answer.told["HTTP_X_REQUEST_ID"]]

    @pytest.mark.parametrize("address", ["/healthz", "/readyz"])
    def test_health_is_asked_by_whatever_host(self, site, address):
        assert site.ask(address, host="10.0.0.17").told["HTTP_HOST"] == "localhost"
        assert site.ask("/", host="10.0.0.17").told["HTTP_HOST"] == "10.0.0.17"


class TestWhatItRefuses:
    """Each in Chinese, with the right status and the headers of every answer."""

    def refused(self, answer, status):
        assert answer.status == status
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Request-ID"] in answer.text
        assert "<!--#" not in answer.text

    def test_an_address_that_is_too_long(self, site):
        answer = site.ask("/?q=" + "a" * 20_000)
        self.refused(answer, 414)
        assert "地址太长" in answer.text

    def test_headers_that_are_too_large(self, site):
        answer = site.ask(cookie="a" * 20_000)
        self.refused(answer, 431)
        assert "请求头太大" in answer.text

    def test_a_body_that_is_too_large(self, start):
        site = start(MAX_UPLOAD="1m")
        answer = site.ask("/", "POST", b"x" * (MEGABYTE + 100_000))
        self.refused(answer, 413)
        assert "内容太大" in answer.text
        answer = site.ask("/api/cases/", "POST", b"x" * (MEGABYTE + 100_000))
        self.refused(answer, 413)
        assert "允许的大小" in answer.told["detail"]

    @pytest.mark.parametrize(
        "request_line",
        ["GARBAGE", "GET / HTTP/9.9", "GET /\u8d37\u6b3e HTTP/1.1", "BREWWWWWWWWWWWWWWWWWWWWW / HTTP/1.1"],
    )
    def test_what_is_no_request(self, site, request_line):
        answer = site.send_raw(f"{request_line}\r\nHost: h\r\nConnection: close\r\n\r\n".encode()).decode()
        assert answer.startswith("HTTP/1.1 400 ")
        assert "请求无法识别" in answer

    def test_a_control_character_in_a_header(self, site):
        answer = site.send_raw(b"GET / HTTP/1.1\r\nHost: h\r\nX-Odd: a\x01b\r\nConnection: close\r\n\r\n").decode()
        assert answer.startswith("HTTP/1.1 400 ")
        assert "请求无法识别" in answer

    def test_an_address_that_holds_every_query_of_the_accepted_length(self, site):
        query = "%E9%93%B6" * 1_000
        assert site.ask(f"/cases/?q={query}&bank=icbc").told["QUERY_STRING"] == f"q={query}&bank=icbc"

    def test_a_hundred_and_fifty_headers_are_taken(self, site):
        assert site.ask(**{f"x-header-{number}": "a" for number in range(150)}).status == 200


class TestHowMuchOneAddressMayAsk:
    PROXY = {"TRUSTED_PROXIES": "127.0.0.1", "RATE_LIMIT": "1"}

    def statuses(self, site, path, count=12, **headers):
        return [site.ask(path, **headers).status for _ in range(count)]

    def test_beyond_the_rate_it_is_told_to_wait_and_others_are_not(self, start):
        site = start(**self.PROXY)
        assert 429 in self.statuses(site, "/cases/?q=x", x_forwarded_for="203.0.113.1")
        refusal = site.ask("/api/cases/?q=x", x_forwarded_for="203.0.113.1")
        assert refusal.status == 429
        assert int(refusal.headers["Retry-After"]) > 0
        assert "太多" in refusal.told["detail"]
        assert site.ask("/cases/?q=x", x_forwarded_for="203.0.113.2").status == 200
        assert site.ask("/banks/", x_forwarded_for="203.0.113.1").status == 200

    def test_no_limit_when_it_is_switched_off_and_none_for_this_machine(self, start):
        site = start(TRUSTED_PROXIES="127.0.0.1", RATE_LIMIT="0")
        assert set(self.statuses(site, "/cases/", x_forwarded_for="203.0.113.1")) == {200}
        site.end()
        assert set(self.statuses(start(RATE_LIMIT="1"), "/cases/")) == {200}


class TestFiles:
    def test_they_are_the_fronts_own_and_what_is_named_by_its_content_never_changes(self, site):
        plain, named = site.ask("/static/page.css"), site.ask("/static/page.0123456789ab.css")
        assert plain.headers["Content-Type"] == "text/css; charset=utf-8"
        assert plain.headers["Cache-Control"] == "no-cache"
        assert "immutable" in named.headers["Cache-Control"]
        for answer in (plain, named):
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"]
        assert site.ask("/static/page.css", if_none_match=plain.headers["ETag"]).status == 304

    @pytest.mark.parametrize(
        "address", ["/static/../var/secret-key", "/static/..%2fvar/run/nginx.conf", "/front-errors/503.html"]
    )
    def test_no_other_file_can_be_reached(self, site, address):
        answer = site.ask(address)
        assert answer.status != 200 or "pid" in answer.told  # the application's business

    def test_robots_and_where_to_report_a_weakness(self, site):
        assert "Disallow: /admin/" in site.ask("/robots.txt").text
        assert site.ask("/.well-known/security.txt").text.startswith(
            "Contact: mailto:sicherheit@example.org\nExpires: 2"
        )

    def test_nowhere_to_report_when_nobody_is_named(self, start):
        assert start().ask("/.well-known/security.txt").status == 404

    def test_pages_and_files_are_compressed_for_who_can_read_that(self, site):
        for address in ("/?blanks=5000", "/static/page.css"):
            answer = site.ask(address, accept_encoding="gzip")
            assert answer.headers["Content-Encoding"] == "gzip"
            assert len(answer.body) < 1000
            assert "Accept-Encoding" in answer.headers["Vary"]


def test_nothing_of_a_person_is_written_down(start):
    site = start(TRUSTED_PROXIES="127.0.0.1")
    site.ask("/cases/?q=zhangsan", x_forwarded_for="203.0.113.9", cookie="sessionid=geheim", user_agent="Netscape")
    site.ask("/?q=" + "zhangsan" * 3000, x_forwarded_for="203.0.113.9")
    site.stop()
    written = "".join(path.read_text() for path in (site.folder / "var" / "log").iterdir())
    assert '200 GET "/cases/"' in written
    for secret in ("zhangsan", "203.0.113.9", "geheim", "Netscape"):
        assert secret not in written


def test_the_log_is_json_when_asked_for(start):
    site = start(LOG_FORMAT="json")
    number = site.ask("/cases/?q=x").headers["X-Request-ID"]
    log = site.folder / "var" / "log" / "access.log"
    wait_until(lambda: number in log.read_text())
    (entry,) = (entry for entry in map(json.loads, log.read_text().splitlines()) if entry["request_id"] == number)
    assert (entry["path"], entry["status"], entry["pool"]) == ("/cases/", 200, "web")


def test_it_speaks_tls_itself_with_a_certificate_and_a_key(start, folder):
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    certificate, key = folder / "site.crt", folder / "site.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    subprocess.run([*command, "-out", certificate, "-keyout", key], check=True, capture_output=True)
    site = start(TLS_CERTIFICATE=str(certificate), TLS_KEY=str(key))
    assert site.address.startswith("https://")
    assert site.ask().told["wsgi.url_scheme"] == "https"
    assert (site.folder / "var" / "run" / "tls-key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRUSTED_PROXIES", "10.0.0.0/8, nonsense"),
        ("TRUSTED_PROXIES", "10.0.0.1; }"),
        ("MAX_UPLOAD", "64m; }"),
        ("MAX_UPLOAD", "0"),
        ("RATE_LIMIT", "-1"),
        ("TLS_CERTIFICATE", "/nowhere.pem"),
        ("TLS_KEY", "/nowhere.pem"),
        ("SECURITY_CONTACT", 'mailto:a"@b.c'),
        ("SECURITY_CONTACT", "a b"),
        ("NGINX", "/nowhere/nginx"),
    ],
)
def test_a_setting_that_is_wrong_is_named(name, value):
    with pytest.raises(SetupError, match=name):
        find_nginx({name: value}) if name == "NGINX" else Front.of({name: value})


@pytest.mark.parametrize("host", ["0.0.0.0", "::1", "::"])
def test_it_listens_where_it_is_told(start, host):
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    site = start(HOST=host)
    site.host = "::1" if ":" in host else "127.0.0.1"
    assert site.ask().told["REMOTE_ADDR"] == site.host
