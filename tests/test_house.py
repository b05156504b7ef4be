"""What import-linter's contracts (pyproject.toml) cannot say of the tree: how much a room holds."""

from pathlib import Path

import pytest
from django.conf import settings

CATALOG = Path(settings.BASE_DIR) / "catalog"
MOST_MODULES = 14  # in one folder: what can be taken in at a glance


def modules(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.py")} - {"__init__.py"}


# Migrations grow by one at every change of the models and are read one at a time.
ROOMS = sorted(
    folder
    for folder in CATALOG.rglob("*")
    if folder.is_dir() and folder.name not in {"__pycache__", "migrations"} and modules(folder)
)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(CATALOG)))
def test_a_room_holds_no_more_modules_than_can_be_taken_in_at_a_glance(room):
    assert len(modules(room)) <= MOST_MODULES


def test_every_module_of_the_catalogue_lies_in_a_room_but_those_that_django_looks_for():
    assert modules(CATALOG) == {"apps.py", "urls.py"}
