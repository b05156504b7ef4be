"""Whether the site is alive and ready, for whoever asks by address."""

import time

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from catalog.models import SearchIndex
from operations import health
from tests.factories import make_case


@pytest.fixture
def ask(mode):
    """Asks a site that has just started: nothing is kept from before."""
    return lambda **headers: Client().get("/readyz", headers=headers)


def test_a_process_is_alive_without_a_database(client, mode):
    reply = client.get("/healthz", headers={"Host": "10.1.2.3:8000"})
    assert (reply.status_code, reply.json()) == (200, {"alive": True})
    assert reply["Cache-Control"] == "no-store"


def test_behind_tls_it_is_asked_without(client, mode, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz", headers={"Host": "10.1.2.3"}).status_code == 200


def test_there_are_no_figures_where_nobody_asked_for_them(client, db):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS"])
def test_there_is_only_looking(client, mode, method):
    assert client.generic(method, "/readyz").status_code == 405


@pytest.mark.django_db
class TestReady:
    def test_every_part_with_its_time(self, ask, mode):
        reply = ask(Host="10.1.2.3")
        assert reply.status_code == 200
        found = reply.json()
        assert (found["ready"], found["mode"]) == (True, "off")
        worker = found["parts"].pop("worker")
        assert set(found["parts"]) == {"database", "migrations", "index", "disk"}
        assert all(part["ok"] and part["ms"] >= 0 for part in found["parts"].values())
        assert "后台进程没有运行" in worker["detail"]  # readers are served all the same
        mode("on")
        assert ask().json()["mode"] == "on"

    def test_once_a_second_at_most(self, client, mode, django_assert_num_queries):
        client.get("/readyz")
        with django_assert_num_queries(0):
            client.get("/readyz")

    def test_a_migration_that_is_not_applied(self, ask, site_log):
        MigrationRecorder(connection).record_unapplied("catalog", "0008_changed_cases")
        reply = ask()
        assert reply.status_code == 503
        assert "1 个数据库迁移" in reply.json()["parts"]["migrations"]["detail"]
        assert "1 个数据库迁移" in site_log.text

    def test_data_of_a_newer_version(self, ask):
        MigrationRecorder(connection).record_applied("catalog", "9999_future")
        assert "更新的版本" in ask().json()["parts"]["migrations"]["detail"]

    def test_an_index_that_another_version_made(self, ask, site_log):
        make_case("小微贷款")
        SearchIndex.objects.update(version="of old")
        assert "rebuild_index" in ask().json()["parts"]["index"]["detail"]
        assert len([record for record in site_log.records if "rebuild_index" in record]) == 1

    def test_a_disk_that_is_nearly_full(self, ask, monkeypatch):
        monkeypatch.setattr(health, "ENOUGH_DISK", 2**62)
        reply = ask()
        assert reply.status_code == 503
        assert "磁盘快满了" in reply.json()["parts"]["disk"]["detail"]

    def test_nobody_waits_behind_a_look_that_does_not_end(self, monkeypatch):
        monkeypatch.setattr(health, "PATIENCE", 0.05)
        readiness = health.Readiness()
        readiness.lasts = 0
        assert readiness.answer()["ready"]
        with readiness.lock:  # as a thread holds it that waits for a stuck database
            time.sleep(0.1)
            assert not readiness.answer()["ready"]

    def test_what_was_not_well_is_looked_at_again_at_once(self):
        readiness = health.Readiness()
        MigrationRecorder(connection).record_unapplied("catalog", "0008_changed_cases")
        assert not readiness.look()["ready"]
        MigrationRecorder(connection).record_applied("catalog", "0008_changed_cases")
        assert readiness.look()["ready"]
