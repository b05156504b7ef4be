"""COPY raises Django's errors, so that pages and commands say what is wrong with the database."""

from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from catalog.importing.database.batches import copy_in
from catalog.models import Category
from catalog.search.index import frequencies

ROOMS = ("catalog", "operations", "accounts", "config")


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda: frequencies.add(Counter({"贷款": 1})), id="frequencies"),
        pytest.param(lambda: copy_in([Category(name="聚力抗疫", code="kangyi")]), id="imported rows"),
    ],
)
def test_rows_that_the_server_refuses_to_copy_are_a_database_error(db, write):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        with pytest.raises(DatabaseError, match="read-only"):
            write()
        transaction.set_rollback(True)


def test_rows_are_copied_through_one_place_alone():
    copying = {
        path.relative_to(settings.BASE_DIR)
        for room in ROOMS
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py")
        if "cursor.copy(" in path.read_text("utf-8")
    }
    assert copying == {Path("config/database/copying.py")}
