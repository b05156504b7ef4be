"""What an import would do, told case by case before anything is written; and imports of a part, or as drafts."""

import json
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from catalog.importing.database.run import import_documents, rehearse_import
from catalog.importing.terms import Change, Outcome, Terms
from catalog.models import Bank, Case, Category, ChangedCase, Doubt, Product, Source, SynonymGroup
from tests.importing.test_import_command import ARTICLE

pytestmark = pytest.mark.django_db

ROWS = [
    {"id": "1", "title": "众志成城", "text": "第一段。\n第二段。", "bank": "工商银行", "products": ["复工贷"]},
    {"id": "2", "title": "守望相助", "text": "原文。", "branch": "深圳分行"},
    {"id": "3", "title": "同舟共济", "text": "原文。"},
]


class Heard(Terms):
    indexed = False

    def __init__(self, left_out: tuple[str, ...] = ()):
        self.outcomes: dict[str, Outcome] = {}
        self.problems: list[str] = []
        self.left_out = left_out

    def takes(self, ref):
        return ref not in self.left_out

    @property
    def takes_all(self):
        return not self.left_out

    def hear(self, outcome):
        assert outcome.ref not in self.outcomes
        self.outcomes[outcome.ref] = outcome

    def refuse(self, name, problem):
        self.problems.append(str(problem))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.jsonl"

    def write(*rows):
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        return path

    return write


def rehearsed(*paths) -> Heard:
    heard = Heard()
    rehearse_import(paths, settings.SEEDS_DIR, terms=heard)
    return heard


def imported(*paths, terms=None) -> None:
    import_documents(paths, settings.SEEDS_DIR, terms=terms)


def dry_run(*paths) -> list[dict]:
    out = StringIO()
    call_command("import_cases", *map(str, paths), dry_run=True, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def edited_and_new(file):
    """An edition in which each case has its own fate."""
    imported(file(*ROWS, {"id": "4", "title": "删去的", "text": "原文。"}))
    Case.objects.filter(title="守望相助").update(body="编辑写的。")
    Case.objects.get(title="删去的").delete()
    second, third = ROWS[1] | {"text": "新文。"}, ROWS[2] | {"text": "新文。", "branch": "上海分行"}
    return file(
        ROWS[0], second, third, {"id": "4", "title": "删去的", "text": "原文。"}, {"id": "5", "title": "新来的"}
    )


class TestRehearsing:
    def test_each_case_is_told_with_what_it_held_and_what_it_gets(self, file):
        heard = rehearsed(edited_and_new(file)).outcomes
        by_number = {ref.partition("#")[2]: outcome for ref, outcome in heard.items()}
        assert {number: outcome.change for number, outcome in by_number.items()} == {
            "1": Change.UNCHANGED,
            "2": Change.CONFLICT,
            "3": Change.CHANGED,
            "4": Change.REMOVED,
            "5": Change.NEW,
        }
        conflict, changed = by_number["2"], by_number["3"]
        assert (conflict.kept, conflict.old["body"], conflict.new["body"]) == (("body",), "编辑写的。", "新文。")
        assert (changed.old, changed.new) == (
            {"body": "原文。", "branch": ""},
            {"body": "新文。", "branch": "上海分行"},
        )
        assert Case.objects.get(pk=changed.case).title == "同舟共济"

    def test_names_are_told_as_an_editor_knows_them(self, file):
        (new,) = rehearsed(file(ROWS[0])).outcomes.values()
        assert (new.new["bank"], new.new["products"]) == ("工商银行", ["复工贷"])

    def test_nothing_is_left_of_it(self, file, tmp_path):
        (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
        heard = rehearsed(file(*ROWS, {"title": "乙", "category": "新章", "bank": "火星"}), tmp_path / "a.txt")
        assert len(heard.outcomes) == 5
        kinds = (Case, Source, Bank, Category, Product, Doubt, SynonymGroup, ChangedCase)
        assert not any(model.objects.exists() for model in kinds)

    def test_the_import_then_does_what_was_told(self, file):
        path = edited_and_new(file)
        expected = rehearsed(path).outcomes
        heard = Heard()
        heard.indexed = True
        imported(path, terms=heard)
        assert heard.outcomes == expected

    def test_a_bad_file_keeps_no_other_out_and_what_it_made_is_forgotten(self, tmp_path, file):
        (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
        (tmp_path / "b.txt").write_bytes(b"%PDF-1.7")
        # Refused at its end, after a chapter was made for it, which the next file names too.
        (tmp_path / "c.csv").write_text('title,category\n甲,新章\n"乙', encoding="utf-8")
        (tmp_path / "d.csv").write_text("title,category\n丙,新章\n", encoding="utf-8")
        heard = Heard()
        heard.indexed = True
        imported(*(tmp_path / name for name in ("a.txt", "b.txt", "c.csv", "d.csv")), terms=heard)
        assert [problem.partition("：")[0] for problem in heard.problems] == ["b.txt", "c.csv"]
        assert "第 3 行" in heard.problems[1]
        assert set(Case.objects.values_list("category__name", flat=True)) >= {"新章"}
        assert {"甲"}.isdisjoint(Case.objects.values_list("title", flat=True))


class TestPartly:
    def test_what_is_left_out_comes_with_the_next_import_of_the_same_file(self, file):
        path = file(*ROWS)
        heard = Heard(left_out=("rows.jsonl#2",))
        heard.indexed = True
        imported(path, terms=heard)
        assert set(Case.objects.values_list("title", flat=True)) == {"众志成城", "同舟共济"}
        imported(path)
        assert Case.objects.count() == 3

    def test_what_is_left_out_has_not_vanished_from_its_source(self, file):
        imported(file(*ROWS))
        heard = Heard(left_out=("rows.jsonl#2",))
        heard.indexed = True
        imported(file(ROWS[0] | {"text": "新文。"}, *ROWS[1:]), terms=heard)
        assert not Doubt.objects.filter(field="source").exists()

    def test_as_drafts_only_what_is_new_is_one(self, file):
        imported(file(ROWS[0]))

        class Drafts(Terms):
            public = False

        imported(file(ROWS[0] | {"text": "新文。"}, ROWS[1]), terms=Drafts())
        assert dict(Case.objects.values_list("title", "status")) == {"众志成城": "public", "守望相助": "draft"}


def test_a_dry_run_tells_what_each_case_would_come_to(file):
    rows = dry_run(edited_and_new(file))
    assert [row["change"] for row in rows] == ["unchanged", "conflict", "changed", "removed", "new"]
    assert list(rows[0])[-1] == "change"


def test_a_dry_run_shows_what_the_catalogue_would_refuse(file, tmp_path):
    imported(file(*ROWS))
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes((tmp_path / "rows.jsonl").read_bytes())
    err = StringIO()
    call_command("import_cases", str(copy), dry_run=True, stdout=StringIO(), stderr=err)
    assert "完全相同" in err.getvalue()
    assert {row["change"] for row in dry_run(copy)} == {"refused"}
