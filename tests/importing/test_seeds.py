"""The catalogue's own documents, imported whole with the corrections that stand beside them."""

import re
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from catalog.importing.corrections import load_corrections
from catalog.models import Case, Source
from catalog.text.markdown import pieces

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def imported(django_db_setup, django_db_blocker):
    """Once for this module, and gone after it: the other tests begin with an empty catalogue."""
    with django_db_blocker.unblock():
        out = StringIO()
        call_command("import_cases", stdout=out)
        yield out.getvalue()
        call_command("flush", interactive=False, verbosity=0)


def test_the_casebook_gives_65_cases_and_every_article_one(imported):
    counts = {source.kind: source.cases.count() for source in Source.objects.filter(kind="casebook")}
    assert counts == {"casebook": 65}
    assert Case.objects.filter(source__kind="article").count() == Source.objects.filter(kind="article").count() == 4


def test_every_case_knows_its_bank_branch_and_chapter(imported):
    assert not Case.objects.filter(bank=None).exists()
    assert not Case.objects.filter(branch="").exists()
    assert not Case.objects.filter(category=None).exists()


def test_only_an_inferred_chapter_has_a_confidence(imported):
    inferred = Case.objects.filter(category_confidence__isnull=False)
    assert {case.source.kind for case in inferred} == {"article"}


def test_every_paragraph_of_the_casebook_ends_as_a_paragraph_does(imported):
    broken = [
        (case.number, piece.text[-20:])
        for case in Case.objects.filter(source__kind="casebook")
        for piece in pieces(case.body)
        if piece.level == 0 and len(piece.text) > 45 and not re.search(r"[。！？：；”）…!?]$", piece.text)
    ]
    assert not broken


def test_the_report_tells_how_many_corrections_each_document_needed(imported):
    for path in settings.SEEDS_DIR.glob("*.txt"):
        row = next(line for line in imported.splitlines() if line.startswith(path.name))
        assert int(row.split()[-1]) == len(load_corrections(path))


def test_a_case_is_found_by_its_place_in_the_source(imported):
    for case in Case.objects.select_related("source"):
        lines = case.source.lines[case.first_line - 1 : case.last_line]
        first = "".join(pieces(case.body)[0].text.split())[:6]
        assert first in "".join("".join(lines).split())
