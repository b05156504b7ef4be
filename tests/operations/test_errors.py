"""Whatever goes wrong is answered in Chinese, with the right status, as a page or as JSON."""

import pytest
from django.test import Client
from django.urls import get_resolver

from catalog.pages import urls as pages

FAULTS = {"bad": 400, "suspicious": 400, "large": 413, "denied": 403, "broken": 500}


@pytest.mark.django_db
@pytest.mark.parametrize(("fault", "status"), FAULTS.items())
class TestFaults:
    def test_a_page(self, reader, site_log, fault, status):
        reply = reader.get(f"/fault/{fault}/")
        assert reply.status_code == status
        text = reply.content.decode()
        assert 'lang="zh-Hans"' in text
        assert "案例库" in text

    def test_a_program(self, reader, site_log, fault, status):
        reply = reader.get(f"/api/fault/{fault}/")
        assert (reply.status_code, reply["Content-Type"]) == (status, "application/json")
        assert any("\u4e00" <= char <= "\u9fff" for char in reply.json()["detail"])


class TestMethods:
    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
    @pytest.mark.parametrize("address", ["/", "/cases/", "/admin/login/", "/nothing/"])
    def test_that_no_page_takes(self, client, method, address):
        reply = client.generic(method, address)
        assert reply.status_code == 405
        assert reply["Allow"] == "GET, HEAD, POST"
        assert "这个页面不接受这种请求" in reply.content.decode()

    @pytest.mark.parametrize("pattern", pages.urlpatterns, ids=lambda pattern: pattern.name)
    def test_a_form_sent_to_a_page_that_only_reads(self, pattern):
        words = {"slug": "x", "code": "x", "pk": 1}
        names = get_resolver().reverse_dict.getlist(pattern.name)[0][0][0][1]
        address = get_resolver().reverse(pattern.name, **{name: words[name] for name in names})
        reply = Client(enforce_csrf_checks=True).post(f"/{address}", {"x": "y"})
        assert reply.status_code == 405
        assert reply["Allow"] == "GET, HEAD"
        assert "这个页面不接受这种请求" in reply.content.decode()

    def test_a_form_without_its_token_is_told_so(self, db):
        reply = Client(enforce_csrf_checks=True).post("/admin/login/")
        assert reply.status_code == 403
        assert "表单已失效" in reply.content.decode()
