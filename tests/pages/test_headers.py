import json
import re

import pytest
from django.conf import settings
from django.test import Client

from accounts import csp_reports
from catalog.pages.urls import urlpatterns
from serving.headers import HEADERS


def told(answer):
    """The headers that every answer carries; the directives of a policy may come in any order."""
    headers = {name: answer.headers.get(name, "") for name in HEADERS}
    return headers | {POLICY: set(headers[POLICY].split("; "))}


POLICY = "Content-Security-Policy"
EXPECTED = HEADERS | {POLICY: set(HEADERS[POLICY].split("; "))}


def inline(html):
    """What a policy without unsafe-inline stops: styles and scripts inside the page, and handlers in attributes."""
    return re.findall(r"<style|<script(?![^>]*\bsrc=)[^>]*>|<[^>]+\s(?:style|on\w+)=|javascript:", html)


@pytest.fixture
def pages(catalogue, admin_client):
    """Every page of the site, then of the admin."""
    assert len(urlpatterns) > 5
    public = [admin_client.get(address) for address in catalogue.addresses.values()]
    models = ["case", "bank", "category", "product", "source", "doubt", "synonymgroup"]
    admin = ["/admin/", "/admin/two-step/", "/admin/password_change/", "/admin/accounts/record/", "/admin/auth/user/"]
    admin += [f"/admin/catalog/{model}/" for model in models] + [f"/admin/catalog/case/{catalogue.loan.pk}/change/"]
    admin += ["/admin/catalog/case/add/", "/admin/auth/user/add/", f"/admin/catalog/case/{catalogue.loan.pk}/history/"]
    return public + [admin_client.get(address) for address in admin]


def test_no_page_has_a_style_a_script_or_a_handler_inside(pages):
    for page in pages:
        assert page.status_code == 200
        assert inline(page.content.decode()) == [], page.request["PATH_INFO"]


class TestEveryAnswer:
    @pytest.mark.parametrize(
        ("address", "status"),
        [("/", 200), ("/no-such-page", 404), ("/api/cases/", 200), ("/admin/", 302), ("/cases/?page=x", 200)],
    )
    def test_carries_the_same_headers(self, db, client, address, status):
        answer = client.get(address)
        assert answer.status_code == status
        assert told(answer) == EXPECTED

    def test_so_do_static_files(self, client, tmp_path):
        from whitenoise.middleware import WhiteNoiseMiddleware

        names = settings.MIDDLEWARE
        outside = names[: names.index(f"{WhiteNoiseMiddleware.__module__}.{WhiteNoiseMiddleware.__name__}")]
        assert {"csp.middleware.CSPMiddleware", "accounts.middleware.ResourcePolicyMiddleware"} < set(outside)

    def test_so_does_a_refusal(self, db):
        client = Client(enforce_csrf_checks=True)
        for answer in (client.post("/admin/login/"), client.get("/", headers={"host": "evil.example"})):
            assert answer.status_code in (400, 403)
            assert told(answer) == EXPECTED

    def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(self):
        policy = HEADERS["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "*" not in policy


class TestReports:
    @pytest.fixture(autouse=True)
    def nothing_reported_yet(self):
        csp_reports._written.clear()

    def report(self, client, **fields):
        body = {
            "violated-directive": "script-src",
            "blocked-uri": "https://evil.example/x.js?secret",
            "document-uri": "http://testserver/cases/?q=words",
        }
        report = json.dumps({"csp-report": body | fields})
        return client.post("/admin/csp-report/", report, content_type="application/csp-report")

    def test_are_logged_without_what_a_reader_typed(self, client, caplog):
        assert self.report(client).status_code == 204
        assert "evil.example/x.js" in caplog.text
        assert "secret" not in caplog.text
        assert "words" not in caplog.text

    def test_a_flood_of_them_is_no_flood_of_lines(self, client, caplog):
        for _ in range(csp_reports.AN_HOUR + 20):
            self.report(client)
        assert caplog.text.count("evil.example") == csp_reports.AN_HOUR

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"\xff",
            b'{"csp-report": 3}',
            b'{"csp-report": {"blocked-uri": 1}}',
            b'{"csp-report": {"violated-directive": "x", "blocked-uri": 7, "document-uri": []}}',
            b'{"csp-report": {"violated-directive": "x", "blocked-uri": "//[", "document-uri": ""}}',
            b"[" * 10_000,
        ],
    )
    def test_odd_ones_are_taken_and_forgotten(self, client, body):
        assert client.post("/admin/csp-report/", body, content_type="application/csp-report").status_code == 204

    def test_no_line_can_be_forged_into_the_log(self, client, caplog):
        self.report(client, **{"violated-directive": "x\nERROR all is lost"})
        assert "\nERROR all" not in caplog.text
