import os

import pytest

from config.friendly import SetupError
from operations.backup.programs import fitting_programs
from operations.backup.server import DatabaseServer


@pytest.fixture
def only(monkeypatch, tmp_path):
    """Folders with programs that only tell their version, by major version; no others are in the way first."""

    def make(*majors: int):
        folders = {}
        for major in majors:
            folder = folders[major] = tmp_path / str(major)
            folder.mkdir()
            for name in ("pg_dump", "pg_restore"):
                (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {major}.1 (Made up 1.2)'\n")
                (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", os.pathsep.join([*map(str, folders.values()), os.environ["PATH"]]))
        return folders

    return make


def test_the_oldest_that_is_new_enough_is_taken(only):
    folders = only(50, 60, 70)
    assert fitting_programs(55, embedded=False).folder == folders[60]
    assert fitting_programs(60, embedded=False).major == 60


def test_the_embedded_server_has_its_own(only):
    only(18, 50)
    assert "pgserver" in str(fitting_programs(18, embedded=True).folder)


def test_where_none_is_new_enough_it_is_told_what_to_install(only):
    only(50)
    with pytest.raises(SetupError, match=r"postgresql-client-77.*PG_PROGRAMS"):
        fitting_programs(77, embedded=False)


def test_the_folder_named_by_the_operator_counts(only, monkeypatch):
    folder = only(88)[88]
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("PG_PROGRAMS", str(folder))
    assert fitting_programs(80, embedded=False).folder == folder


def test_a_password_stands_in_no_command_line_and_in_no_text_of_the_server():
    server = DatabaseServer("库", {"host": "db", "user": "u"}, "geheim'x", 15, False)
    assert "geheim" not in server.address("库")
    assert "geheim" not in repr(server)
    assert server.environment()["PGPASSWORD"] == "geheim'x"
