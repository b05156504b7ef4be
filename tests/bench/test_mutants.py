"""A mutant that was not made, or not tested, must not pass for one that died."""

from pathlib import Path

import pytest

from bench.mutants import MUTANTS, Edit, Mutant, Unfit, applied, edited, failures, survivors
from config.friendly import PROJECT

PRODUCT = "def double(number):\n    return 2 * number\n"
TESTS = (
    "from product import double\n\n\ndef test_two():\n    assert double(2) == 4\n\n\ndef test_none():\n    double(0)\n"
)


@pytest.fixture
def project(tmp_path) -> Path:
    (tmp_path / "product.py").write_text(PRODUCT, encoding="utf-8")
    (tmp_path / "test_product.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:django\n", encoding="utf-8")
    return tmp_path


def mutant(old: str, new: str, *tests: str) -> Mutant:
    return Mutant("doubled", (Edit("product.py", old, new),), tests)


class TestEdits:
    def test_a_text_that_is_gone_or_stands_twice_is_told(self):
        with pytest.raises(Unfit, match="有 0 处"):
            edited("a = 1", Edit("product.py", "b = 1", "b = 2"))
        with pytest.raises(Unfit, match="有 2 处"):
            edited("a = 1\na = 1", Edit("product.py", "a = 1", "a = 2"))

    def test_a_file_that_is_gone_is_told(self, project):
        broken = Mutant("gone", (Edit("product.py", "2 *", "3 *"), Edit("nowhere.py", "a", "b")), ())
        with pytest.raises(Unfit, match=r"nowhere\.py"), applied(broken, project):
            pass
        assert (project / "product.py").read_text("utf-8") == PRODUCT

    def test_they_are_undone(self, project):
        with applied(mutant("2 *", "3 *"), project):
            assert "3 * number" in (project / "product.py").read_text("utf-8")
        assert (project / "product.py").read_text("utf-8") == PRODUCT

    @pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
    def test_every_mutant_still_fits_the_code(self, mutant):
        for edit in mutant.edits:
            assert edited((PROJECT / edit.file).read_text("utf-8"), edit)
        for test in mutant.tests:
            assert (PROJECT / test.partition("::")[0]).exists()

    def test_no_two_mutants_go_by_one_name(self):
        assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


class TestVerdicts:
    TWO, NONE = "test_product.py::test_two", "test_product.py::test_none"

    def test_without_a_mutant_nothing_fails(self, project):
        assert failures(["test_product.py"], project) == []

    def test_a_test_that_fails_kills(self, project):
        fault = mutant("2 *", "3 *", self.TWO)
        with applied(fault, project):
            assert survivors(fault, failures(fault.tests, project)) == []

    def test_each_of_its_tests_has_to(self, project):
        fault = mutant("2 *", "3 *", self.TWO, self.NONE)
        with applied(fault, project):
            assert survivors(fault, failures(fault.tests, project)) == [self.NONE]

    def test_a_file_or_a_class_fails_with_one_of_its_tests(self):
        fault = mutant("2 *", "3 *", "tests/a.py", "tests/b.py::TestB")
        assert survivors(fault, ["tests/a.py::test_x", "tests/b.py::TestB::test_y[1]"]) == []
        assert survivors(fault, ["tests/a.py::test_x", "tests/b.py::TestBoth::test_y"]) == ["tests/b.py::TestB"]

    def test_a_test_of_many_parameters_fails_with_one_of_them(self):
        fault = mutant("2 *", "3 *", "tests/a.py::test_x")
        assert survivors(fault, ["tests/a.py::test_x[1]"]) == []
        assert survivors(fault, ["tests/a.py::test_xy[1]"]) == ["tests/a.py::test_x"]

    def test_code_that_cannot_be_read_is_no_death(self, project):
        with applied(mutant("return 2", "return ("), project), pytest.raises(Unfit, match="没有跑起来"):
            failures(["test_product.py"], project)

    def test_nor_is_a_fixture_that_fails(self, project):
        (project / "conftest.py").write_text("import pytest\n@pytest.fixture(autouse=True)\ndef broken():\n    1 / 0\n")
        with pytest.raises(Unfit, match="没有跑起来"):
            failures(["test_product.py"], project)

    def test_nor_is_a_test_that_there_is_not(self, project):
        with pytest.raises(Unfit, match="没有跑起来"):
            failures(["test_product.py::test_gone"], project)
