"""The catalogue of DATABASE_URL (or of the embedded server), asked as a page asks it."""

import os
from urllib.parse import urlencode

from bench.judgements import Listed


def open_catalogue() -> None:
    """Sets Django up. Exits with a line that says what to do where the catalogue has no public case."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.db import DatabaseError

    from config.friendly import SetupError, explain

    django.setup()
    from catalog.models import Case

    try:
        if not Case.objects.public().exists():
            raise SystemExit("目录里还没有案例：请先运行 make run（或 .venv/bin/python manage.py prepare），再试一次。")
    except (DatabaseError, SetupError) as error:
        raise SystemExit(explain(error) or str(error)) from error


def keys_shown(query: str, number: int) -> list[int]:
    """The keys of the first cases that a page shows, those that match in part after the others."""
    from django.http import QueryDict

    from catalog.pages.listing import Listing

    listing = Listing(QueryDict(urlencode({"q": query})), page_size=number)
    return [case.pk for case in [*listing.page, *listing.partly]][:number]


def public_cases() -> dict[int, Listed]:
    """What judgements name a case by, by key."""
    from catalog.models import Case

    cases = Case.objects.public().select_related("source").only("title", "subtitle", "source__name")
    return {case.pk: Listed(case.full_title, case.source.name if case.source else "") for case in cases}
