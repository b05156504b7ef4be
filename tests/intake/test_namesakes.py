"""A file that fits the source of its name by half: the editor says what it is."""

import pytest

from catalog.models import Case, Source
from intake.models import ImportBatch
from tests.importing.test_identity import FOUR
from tests.importing.test_identity import rows as cases
from tests.intake.conftest import accept, address, file, rows, upload, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

OTHER = [*cases("渔港的冷库"), *cases("码头的车队", "老城的窑厂", "河边的水厂", start=2)]


@pytest.fixture
def asked(client, editor) -> ImportBatch:
    accept(client, upload(client, file("案例.jsonl", rows(*cases(*FOUR[:3])))))
    return upload(client, file("案例.jsonl", rows(*OTHER)))


@pytest.mark.parametrize(("answer", "sources", "number"), [("edition", 1, 6), ("source", 2, 7)])
def test_the_answer_is_taken(client, asked, answer, sources, number):
    assert "那一份的新版本" in client.get(address("change", asked.pk)).content.decode()
    client.post(address("again", asked.pk), {"taken_for": answer})
    work()
    asked.refresh_from_db()
    assert asked.state == ImportBatch.State.WAITING
    asked.items.update(chosen=True)
    assert accept(client, asked).state == ImportBatch.State.DONE
    assert (Source.objects.count(), Case.objects.count()) == (sources, number)


def test_without_one_nothing_is_written(client, asked):
    assert asked.state == ImportBatch.State.FAILED
    assert Case.objects.count() == 3
