"""Faults put into the code on purpose: a test that stays green under one of them tests less than it says.

    python -m bench.mutants [NAME ...] [--list]

A mutant is a list of edits, each of a text that stands exactly once in a file, and the tests that have to fail under
them. The mutants are applied one at a time to a copy of the project with a database server of its own; the tree and the
catalogue are not touched. The named tests run once without any edit first, and have to pass.

A mutant fails this check where a test passes under it (it survived), where its text is no longer found (the code has
changed: write the mutant anew), or where the tests could not be run. The exit code is 1 if any did.

Tools that make mutants themselves (mutmut, cosmic-ray) change every operator of a module and run all tests for each.
These here are few and say what they stand for: one rule of ranking, merging or indexing that is gone.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.management.table import width
from config.friendly import PROJECT

PATIENCE = 600  # seconds for the tests of a mutant
# Of the project's folder, what a test run needs nothing of.
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "var", "static-built")


@dataclass(frozen=True)
class Edit:
    """`file` from the project's folder; `old` stands in it exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """`tests`: ids for pytest (a file, a class, a function). Each of them has to have a failure under the edits."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


class Unfit(Exception):
    """A mutant that cannot be made or tested; the message says why."""


# --- Ranking ----------------------------------------------------------------------------------------------------------

_ORDER = "tests/search/test_order.py"
_RANKING = "catalog/search/query/ranking.py"
_SCORING = "catalog/search/query/scoring.py"
_PROXIMITY = "catalog/search/query/proximity.py"
_THESAURUS = "catalog/search/names/thesaurus.py"


def _order(name: str, *edits: tuple[str, str, str], tests: str) -> Mutant:
    """`tests`: classes or functions of the tests of order."""
    return Mutant(name, tuple(Edit(*edit) for edit in edits), tuple(f"{_ORDER}::{test}" for test in tests.split()))


RANKING = [
    _order(
        "synonyms-off",
        (_THESAURUS, "        expansions = self.find(text)\n", "        return []\n"),
        tests="TestSynonyms",
    ),
    _order(
        "proximity-off",
        (_RANKING, "NEAR = 1.0", "NEAR = 0.0"),
        (_RANKING, "NEAR_RELAXED = 0.4", "NEAR_RELAXED = 0.0"),
        tests="TestTogether",
    ),
    _order(
        "local-rarity-and-owners-off",
        (_RANKING, "LOCAL = 0.7", "LOCAL = 0.0"),
        (_SCORING, "OWNER = 2.0", "OWNER = 0.0"),
        tests="TestOwners TestRarity",
    ),
    _order("second-stage-off", (_RANKING, "RERANKED = 60", "RERANKED = 0"), tests="TestTogether TestRarity"),
    _order(
        "local-rarity-off",
        (_RANKING, "LOCAL = 0.7", "LOCAL = 0.0"),
        tests="TestRarity::test_a_word_that_most_of_the_best_answers_share_counts_for_less",
    ),
    _order("owners-off", (_SCORING, "OWNER = 2.0", "OWNER = 0.0"), tests="TestOwners"),
    _order(
        "proximity-off-as-typed",
        (_RANKING, "NEAR = 1.0", "NEAR = 0.0"),
        tests="TestTogether::test_words_in_one_sentence_beat_words_far_apart",
    ),
    _order(
        "proximity-off-relaxed",
        (_RANKING, "NEAR_RELAXED = 0.4", "NEAR_RELAXED = 0.0"),
        tests="TestTogether::test_so_too_where_not_all_words_are_there",
    ),
    _order(
        "window-of-a-whole-text",
        (_PROXIMITY, "WINDOW = 60", "WINDOW = 60_000"),
        tests="TestTogether::test_words_in_one_sentence_beat_words_far_apart",
    ),
    _order(
        "order-of-words-of-no-matter",
        (_PROXIMITY, "0.5 * whole", "0.0 * whole"),
        tests="TestTogether::test_what_stands_as_it_was_typed_beats_the_same_words_in_another_order",
    ),
    _order(
        "synonyms-above-words",
        (_SCORING, "RELATED = 0.5", "RELATED = 2.5"),
        tests="TestSynonyms::test_it_ranks_below_the_word_itself",
    ),
    _order(
        "all-synonyms-alike",
        (_SCORING, "RELATED * weight", "RELATED"),
        tests="TestSynonyms::test_of_two_the_closer_one_ranks_first",
    ),
    _order(
        "rarity-off",
        (_SCORING, "return math.log(", "return 1.0 + 0.0 * math.log("),
        tests="TestRarity",
    ),
    _order(
        "pairs-as-words",
        (_SCORING, "PAIR = 0.3", "PAIR = 1.0"),
        tests="TestWords::test_pairs_across_words_rank_below_a_word",
    ),
    _order(
        "parts-as-words",
        (_SCORING, "PART = 0.5", "PART = 1.0"),
        tests="TestWords::test_a_word_ranks_above_the_parts_of_another",
    ),
]

# --- Index ------------------------------------------------------------------------------------------------------------

_BM25 = "catalog/search/index/bm25.py"
_LEXEMES = "catalog/search/index/lexemes.py"
_IMPACTS = "catalog/search/index/impacts.py"

INDEX = [
    _order(
        "latin-words-not-indexed",
        (_LEXEMES, "(pairs, long_words, latin_words)", "(pairs, long_words)"),
        tests="TestWords::test_a_whole_latin_word_ranks_above_one_that_holds_it",
    ),
    _order(
        "titles-as-bodies",
        (_BM25, '"title": 3.0', '"title": 1.0'),
        tests="TestFields::test_a_field_that_says_what_a_case_is_about_counts_for_more",
    ),
    _order(
        "summaries-as-bodies",
        (_BM25, '"summary": 2.0', '"summary": 1.0'),
        tests="TestFields::test_a_field_that_says_what_a_case_is_about_counts_for_more",
    ),
    _order(
        "captions-above-bodies",
        (_BM25, '"captions": 0.7', '"captions": 1.3'),
        tests="TestFields::test_a_field_that_says_what_a_case_is_about_counts_for_more",
    ),
    _order(
        "names-as-bodies", (_BM25, '"names": 3.0', '"names": 1.0'), tests="TestFields::test_a_branch_counts_as_a_name"
    ),
    _order(
        "short-bodies-above-titles",
        (_BM25, "SHORT = 100", "SHORT = 0"),
        tests="TestFields::test_a_short_body_does_not_outweigh_a_title",
    ),
    _order(
        "length-of-no-matter",
        (_BM25, "\nB = 0.75", "\nB = 0.0"),
        tests="TestFields::test_a_word_says_less_about_a_long_case",
    ),
    _order(
        "repetition-unbounded",
        (_BM25, "K1 = 1.2", "K1 = 1_200"),
        tests="TestFields::test_a_word_repeated_does_not_outweigh_two_words",
    ),
    _order(
        "equal-cases-last-first",
        (_IMPACTS, "(-row[1], row[0])", "(-row[1], -row[0])"),
        tests="TestEqualCases",
    ),
]

# --- Merging ----------------------------------------------------------------------------------------------------------

_MERGE = "catalog/importing/merge/fields.py"
_EDITORS = "tests/importing/merge/test_fields.py::TestAnImportAgainstAnEditor"
_DOCUMENT_CHANGED = "if field in last and current[field] != last[field]:"
_NOTHING_NEW = "if value == current[field] or (field in last and value == last[field]):"


def _merging(name: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant(name, (Edit(_MERGE, old, new),), tuple(f"{_EDITORS}::{test}" for test in tests))


# --- What follows from a case, and who answers for it -----------------------------------------------------------------

_WRITER = "catalog/search/index/writer.py"
_READER = "catalog/search/match/reader.py"
_RESULTS = "catalog/search/match/results.py"
_PHRASES = "catalog/search/match/phrases.py"
_MARKS = "catalog/migrations/0008_changed_cases.sql"
_MARK_TESTS = "tests/search/test_marks.py"
_WRITER_TESTS = "tests/search/test_writer.py"
_SNAPSHOT_TESTS = "tests/search/test_snapshot.py"

WRITING = [
    Mutant(
        "updates-not-marked",
        (Edit(_MARKS, ") AS before", ") AS before WHERE false"),),
        (f"{_MARK_TESTS}::TestWhoeverWrites::test_an_update_of_what_is_searched",),
    ),
    Mutant(
        "removed-links-not-marked",
        (Edit(_MARKS, "IF TG_OP IN ('DELETE', 'UPDATE') THEN", "IF false THEN"),),
        (f"{_MARK_TESTS}::TestWhoeverWrites::test_links_to_products",),
    ),
    Mutant(
        "renamed-products-not-marked",
        (
            Edit(
                _MARKS,
                "SELECT DISTINCT case_id FROM catalog_case_products WHERE product_id IN",
                "SELECT DISTINCT case_id FROM catalog_case_products WHERE case_id IN",
            ),
        ),
        (f"{_MARK_TESTS}::TestWhoeverWrites::test_names_of_banks_chapters_and_products",),
    ),
    Mutant(
        "readers-settle-nothing",
        (Edit(_READER, "MOST_SETTLED = 200", "MOST_SETTLED = 0"),),
        (f"{_MARK_TESTS}::TestSettling::test_a_search_under_a_limit_of_time_has_settled_before",),
    ),
    Mutant(
        "titles-not-written",
        (Edit(_WRITER, "yield [row.title for row in rows]", "yield []"),),
        ("tests/search/test_suggest.py::TestUpkeep",),
    ),
    Mutant(
        "removed-entries-still-counted",
        (Edit(_WRITER, "changes.subtract(_delete(keys))", "_delete(keys)"),),
        (f"{_WRITER_TESTS}::TestFrequencies::test_follows_changes_and_removals",),
    ),
    Mutant(
        "the-snapshot-is-not-told",
        (Edit(_WRITER, "written = {*keys, *(row.entry[0] for row in batch.rows)}", "written = set()"),),
        (f"{_SNAPSHOT_TESTS}::TestReader::test_sees_what_was_saved_and_deleted_since",),
    ),
    Mutant(
        "drafts-as-public",
        (Edit(_WRITER, "case.status == Case.Status.PUBLIC,", "True,"),),
        ("tests/api/test_cases.py",),
    ),
    Mutant(
        "facets-count-their-own-filter",
        (
            Edit(
                _RESULTS,
                "names = tuple(name for name in self.filters if name != without)",
                "names = tuple(self.filters)",
            ),
        ),
        ("tests/search/test_facets.py::test_counts_are_those_of_the_lists_they_lead_to",),
    ),
    Mutant(
        "phrases-not-verified",
        (Edit(_PHRASES, "WHERE strpos(text, %s) > 0", "WHERE strpos(text, %s) >= 0"),),
        ("tests/search/test_exactness.py::test_the_count_of_a_term_is_that_of_a_scan",),
    ),
]

MERGING = [
    _merging(
        "edit-overwritten",
        _DOCUMENT_CHANGED,
        "if False:",
        "test_an_edit_stays_when_the_document_changed_too_and_is_told",
        "test_fields_are_judged_one_by_one",
    ),
    _merging(
        "conflict-kept-silent",
        "            kept.append(field)\n",
        "            pass\n",
        "test_an_edit_stays_when_the_document_changed_too_and_is_told",
    ),
    _merging(
        "never-imported-counts-as-edited",
        _DOCUMENT_CHANGED,
        "if field not in last or current[field] != last[field]:",
        "test_a_first_import_writes_everything",
    ),
    _merging(
        "edit-undone-by-an-unchanged-document",
        _NOTHING_NEW,
        "if value == current[field]:",
        "test_an_edit_stays_when_the_document_is_as_before",
    ),
    _merging(
        "agreement-counts-as-conflict",
        _NOTHING_NEW,
        "if field in last and value == last[field]:",
        "test_an_edit_that_came_to_the_same_is_no_conflict",
    ),
    _merging(
        "document-never-followed",
        "            values[field] = value\n",
        "            pass\n",
        "test_what_the_document_changed_is_written_where_nobody_edited",
    ),
]

MUTANTS = [*RANKING, *INDEX, *WRITING, *MERGING]


# --- Running ----------------------------------------------------------------------------------------------------------


def edited(text: str, edit: Edit) -> str:
    """The text of the file with the edit made. Raises Unfit where what it replaces does not stand there once."""
    number = text.count(edit.old)
    if number != 1:
        raise Unfit(f"{edit.file} 里有 {number} 处“{edit.old.strip()}”，应有一处：代码已改，请改写这个变异")
    return text.replace(edit.old, edit.new)


@contextmanager
def applied(mutant: Mutant, folder: Path) -> Iterator[None]:
    """In the block the project in `folder` is that of the mutant."""
    originals = {}
    try:
        for edit in mutant.edits:
            path = folder / edit.file
            if not path.exists():
                raise Unfit(f"没有 {edit.file}：代码已改，请改写这个变异")
            text = path.read_text(encoding="utf-8")
            originals.setdefault(path, text)
            path.write_text(edited(text, edit), encoding="utf-8")
        yield
    finally:
        for path, text in originals.items():
            path.write_text(text, encoding="utf-8")


def failures(tests: Iterable[str], folder: Path) -> list[str]:
    """The ids of those that fail in the project in `folder`. Raises Unfit where they cannot be run."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-rfE", *tests]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    try:
        result = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unfit(f"测试 {PATIENCE} 秒没有跑完") from None
    # An error before or after a test (no database, a fixture that is gone) is no verdict of the test.
    if result.returncode not in (0, 1) or re.search(r"^ERROR ", result.stdout, re.M):
        raise Unfit("测试没有跑起来：" + " ".join((result.stdout + result.stderr).split())[-500:])
    return re.findall(r"^FAILED (\S+)", result.stdout, re.M)


def survivors(mutant: Mutant, failed: Iterable[str]) -> list[str]:
    """The tests of the mutant in which nothing failed."""
    failed = list(failed)
    return [test for test in mutant.tests if not any(_is_part(failure, test) for failure in failed)]


def _is_part(failure: str, test: str) -> bool:
    """Whether a test that failed is the named one, one of its parameters, or in the named file or class."""
    return failure == test or failure.startswith((f"{test}::", f"{test}["))


@contextmanager
def project_copy() -> Iterator[Path]:
    """A copy of the project's files as they are now, with a running server that is stopped at the end."""
    from embedded_postgres import ensure_embedded_server, release_embedded_server

    with tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as name:
        folder = Path(name) / PROJECT.name
        shutil.copytree(PROJECT, folder, ignore=LEFT_OUT)
        server = folder / "var" / "postgres"
        ensure_embedded_server(server)
        try:
            yield folder
        finally:
            release_embedded_server(server)


def check(mutants: list[Mutant]) -> int:
    """Prints a line a mutant; the number of those that do not die."""
    unkilled = 0
    widest = max(width(mutant.name) for mutant in mutants)
    with project_copy() as folder:
        red = failures(dict.fromkeys(test for mutant in mutants for test in mutant.tests), folder)
        if red:
            raise Unfit("没有变异时测试就不通过：" + "、".join(red))
        for mutant in mutants:
            try:
                with applied(mutant, folder):
                    failed = failures(mutant.tests, folder)
                alive = survivors(mutant, failed)
                verdict = f"存活  {'、'.join(alive)}" if alive else f"被杀  {'、'.join(map(_short, failed))}"
            except Unfit as error:
                alive, verdict = mutant.tests, f"失效  {error}"
            unkilled += bool(alive)
            print(f"{mutant.name:{widest}}  {verdict}", flush=True)
    print(f"{len(mutants)} 个变异，{len(mutants) - unkilled} 个被杀")
    return unkilled


def _short(test: str) -> str:
    return test.rpartition("/")[2].partition("::")[2]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    parser.add_argument("--list", action="store_true", help="print the names, run nothing")
    options = parser.parse_args()
    by_name = {mutant.name: mutant for mutant in MUTANTS}
    if unknown := [name for name in options.names if name not in by_name]:
        parser.error(f"没有这样的变异：{'、'.join(unknown)}")
    if options.list:
        print("\n".join(by_name))
        return 0
    try:
        return int(bool(check([by_name[name] for name in options.names] or MUTANTS)))
    except Unfit as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
