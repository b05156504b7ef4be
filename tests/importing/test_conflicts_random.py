"""Editions, edits and settlements of one case in any order."""

from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from catalog.admin.conflicts.settling import seen, settle
from catalog.importing.merge.paragraphs import paragraphs_of
from catalog.models import Bank, BankKind, Case, Category, Conflict
from tests.importing.merge.test_paragraphs import text, versions
from tests.importing.test_conflicts import edition

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Without headings, which a document has as such.
editions = versions.map(lambda names: names.replace("h", "")).filter(bool)
# A step is an edition of the source, an edit of a paragraph or of the whole, or the settling of a conflict.
steps = st.one_of(
    st.tuples(st.just("edition"), editions),
    st.tuples(st.just("edit"), st.integers(0, 5), st.sampled_from(["改甲乙丙丁戊。", "", "写子丑寅卯辰。"])),
    st.tuples(st.just("settle"), st.integers(0, 3), st.sampled_from(Conflict.How.values)),
)


@settings(
    max_examples=10, phases=[Phase.generate], deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(editions, st.lists(steps, min_size=3, max_size=9))
def test_no_word_of_an_editor_is_lost_and_nothing_unedited_is_old(first, story):
    with transaction.atomic():
        Bank.objects.create(code="abc", name="农业银行", kind=BankKind.STATE)
        Category.objects.create(code="kangyi", name="聚力抗疫", position=1)
        _run(first, story)
        transaction.set_rollback(True)


def _run(first: str, story: list[tuple]) -> None:
    user = get_user_model().objects.create(username="editor")
    edition(*paragraphs_of(text(first)))
    said, written = paragraphs_of(text(first)), set()
    for number, (kind, *what) in enumerate(story):
        before = Case.objects.get()
        waiting = set(Conflict.objects.open().values_list("pk", flat=True))
        if kind == "edition":
            own = Counter(paragraphs_of(before.body)) - Counter(said)
            edition(*paragraphs_of(text(what[0])))
            said = paragraphs_of(text(what[0]))
            after = Case.objects.get()
            assert not own - Counter(paragraphs_of(after.body))
            assert waiting <= set(Conflict.objects.open().values_list("pk", flat=True))
            if not written:
                assert tuple(paragraphs_of(after.body)) == said
            if not Conflict.objects.exists():
                assert {*paragraphs_of(after.body)} <= {*said, *written}
        elif kind == "edit":
            paragraphs = list(paragraphs_of(before.body))
            place, new = what
            new = f"{new}{number}" if new else ""
            paragraphs[place : place + 1] = [new] if new else []
            written.add(new)
            before.body = "\n\n".join(paragraphs)
            before.save()
        elif waiting:
            conflict = Conflict.objects.get(pk=sorted(waiting)[what[0] % len(waiting)])
            try:
                settle(conflict.pk, Conflict.How(what[1]), user, seen(conflict), f"合并{number}")
            except ValidationError:
                assert Case.objects.get().body == before.body
                assert Conflict.objects.open().filter(pk=conflict.pk).exists()
            written.add(f"合并{number}")
        after = Case.objects.get()
        expected = None if after.body == "\n\n".join(said) else {"body": "\n\n".join(said)}
        assert after.base == expected
