"""What goes out of the site where it is asked for: figures to Prometheus, errors to a Sentry-compatible address."""

import gzip
import http.server
import json
import os
import re
import subprocess
import sys
import threading

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow

# A process of the site of its own, since both are set up when it starts. Its log is not that of the checkout, whose
# static files need not be collected.
START = """
import sys
from pathlib import Path
import config.settings
config.settings.LOGGING["handlers"]["file"]["filename"] = str(Path(sys.argv[1]) / "site.log")
config.settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
import django
django.setup()
from django.test import Client, override_settings
reader = Client(raise_request_exception=False, headers={"Host": "localhost"})
"""


@pytest.fixture
def run(tmp_path):
    """What some code prints in such a process, with settings of its environment."""

    def start(code: str, **environment: str) -> str:
        names = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(settings.BASE_DIR)}
        process = subprocess.run(
            [sys.executable, "-c", START + code, str(tmp_path)],
            cwd=settings.BASE_DIR,
            env=os.environ | names | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert process.returncode == 0, process.stderr
        return process.stdout

    return start


class TestFigures:
    ASK = """
for _ in range(2):
    reader.get("/healthz")
print(reader.get("/metrics", REMOTE_ADDR="127.0.0.1").content.decode())
"""

    def test_of_all_processes_are_added_up(self, run, tmp_path):
        shared = {"METRICS": "1", "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
        totals = [
            float(re.search(r"^django_http_requests_before_middlewares_total (\S+)", text, re.MULTILINE)[1])
            for text in (run(self.ASK, **shared), run(self.ASK, **shared))
        ]
        assert totals == [3, 6]

    def test_are_for_those_addresses_alone(self, run):
        code = """
for address in ("127.0.0.1", "::1", "10.1.2.3", "10.2.0.1", "203.0.113.9", "", "x"):
    print(reader.get("/metrics", REMOTE_ADDR=address).status_code)
"""
        environment = {"METRICS": "1", "METRICS_ALLOWED": "127.0.0.1,10.1.0.0/16"}
        assert run(code, **environment).split() == ["200", "404", "200", "404", "404", "404", "404"]


class Collector(http.server.ThreadingHTTPServer):
    """Takes what a client of Sentry's sends."""

    def __init__(self):
        self.events = []
        super().__init__(("127.0.0.1", 0), CollectorHandler)


class CollectorHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        items = [json.loads(line) for line in body.decode().splitlines() if line]
        self.server.events += [item for item in items if "event_id" in item and "platform" in item]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def collector():
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class TestErrors:
    BREAK = """
reader.cookies["note"] = "Keks-4711"
with override_settings(ROOT_URLCONF="tests.operations.faults"):
    given = {"REMOTE_ADDR": "203.0.113.9", "headers": {"User-Agent": "Kennung"}}
    reply = reader.post("/broken/?q=张三", {"name": "李四光"}, **given)
print(reply["X-Request-ID"])
import sentry_sdk
sentry_sdk.flush()
"""

    def test_are_sent_with_their_place_and_without_persons(self, run, collector):
        dsn = f"http://key@127.0.0.1:{collector.server_address[1]}/1"
        request_id = run(self.BREAK, SENTRY_DSN=dsn).strip()
        (event,) = collector.events
        (error,) = event["exception"]["values"]
        assert error["type"] == "RuntimeError"
        assert error["stacktrace"]["frames"][-1]["function"] == "broken"
        assert event["request"] == {"method": "POST", "url": "/broken/"}
        assert event["tags"]["request_id"] == request_id
        text = json.dumps(event, ensure_ascii=False)
        for secret in ("张三", "李四光", "Keks", "203.0.113.9", "Kennung"):
            assert secret not in text

    def test_nothing_waits_for_an_address_that_is_away(self, run):
        assert run(self.BREAK.replace("sentry_sdk.flush()", ""), SENTRY_DSN="http://key@127.0.0.1:9/1")
