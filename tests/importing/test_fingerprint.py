"""A document is read again when something that its reading depends on has changed, and only then."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog.importing import fingerprint
from catalog.importing.fingerprint import DOCUMENT_READERS, ROWS_READERS, digest_of, file_of
from catalog.models import Case

IN_CASEBOOK = "catalog.importing.casebook.frames"
IN_TEXT = "catalog.text.names"
IN_ROWS = "catalog.importing.rows.dates"


@pytest.fixture
def changed(tmp_path):
    """changed(module, old, new, readers=…): whether the digest is another where the module has `new` for `old`."""

    def check(module: str, old: str, new: str, readers: tuple[str, ...] = DOCUMENT_READERS) -> bool:
        source = file_of(module).read_text(encoding="utf-8")
        assert old in source
        copy = tmp_path / "copy.py"
        copy.write_text(source.replace(old, new, 1), encoding="utf-8")
        return digest_of(readers, lambda name: copy if name == module else file_of(name)) != digest_of(readers, file_of)

    return check


class TestCode:
    @pytest.mark.parametrize("module", [IN_CASEBOOK, IN_TEXT])
    def test_comments_docstrings_and_layout_change_nothing(self, changed, module):
        assert not changed(module, "\n\n\ndef ", "\n\n\n# Ein Wort dazu.\ndef ")
        assert not changed(module, '"""', '"""Otherwise said: ')
        assert not changed(module, "\n\n\ndef ", "\n\ndef ")

    def test_a_constant_of_a_reader_does(self, changed):
        assert changed(IN_CASEBOOK, "MAX_DOUBT = ", "MAX_DOUBT = 1 + ")

    def test_a_constant_of_what_readers_use_does(self, changed):
        assert changed(IN_TEXT, r"[-\s]+", r"[-_\s]+")

    def test_how_cases_are_written_does_not(self, changed):
        assert not changed("catalog.importing.database.writer", "_VANISHED = ", "_VANISHED = 1 or ")

    def test_rows_and_documents_have_readers_of_their_own(self, changed):
        assert not changed(IN_CASEBOOK, "MAX_DOUBT = ", "MAX_DOUBT = 1 + ", ROWS_READERS)
        assert changed(IN_ROWS, "Asia/Shanghai", "UTC", ROWS_READERS)
        assert not changed(IN_ROWS, "Asia/Shanghai", "UTC")


class TestData:
    @pytest.mark.parametrize(("package", "file"), [("jieba", "dict.txt"), ("opencc", "dictionary/TSCharacters.txt")])
    def test_a_dictionary_does(self, tmp_path, package, file):
        copy = tmp_path / package
        shutil.copytree(file_of(package).parent, copy)

        def find(name: str) -> Path | None:
            return copy / "__init__.py" if name == package else file_of(name)

        before = digest_of(DOCUMENT_READERS, find)
        assert before == digest_of(DOCUMENT_READERS, file_of)
        (copy / file).write_text((copy / file).read_text(encoding="utf-8") + "新词 3 n\n", encoding="utf-8")
        assert digest_of(DOCUMENT_READERS, find) != before

    def test_a_data_file_beside_a_module_that_names_it_does(self, tmp_path):
        for name, text in {"reader.py": 'WORDS = "words.txt"\n', "words.txt": "甲", "other.txt": "乙"}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")

        def digest() -> str:
            return digest_of(["catalog.text.reader"], lambda name: tmp_path / "reader.py")

        before = digest()
        (tmp_path / "other.txt").write_text("丙", encoding="utf-8")
        assert digest() == before
        (tmp_path / "words.txt").write_text("丙", encoding="utf-8")
        assert digest() != before


@pytest.mark.django_db
class TestImporting:
    @pytest.mark.parametrize("name", ["article.txt", "rows.jsonl"])
    def test_a_file_is_read_again_by_other_readers_and_not_by_the_same(self, tmp_path, monkeypatch, name):
        paragraph = "工商银行深圳市分行日前推出“复工贷”，支持小微企业复工复产，首批企业已经拿到贷款，资金当天到账。"
        content = paragraph if name.endswith("txt") else f'{{"title": "题", "text": "{paragraph}"}}'
        (tmp_path / name).write_text(content, encoding="utf-8")

        def is_read() -> bool:
            # What a reading notes of a case is written anew only by a reading.
            Case.objects.update(imported={})
            call_command("import_cases", str(tmp_path), stdout=StringIO())
            return Case.objects.get().imported != {}

        assert is_read()
        assert not is_read()
        monkeypatch.setattr(fingerprint, "readers_digest", lambda readers: "other")
        assert is_read()
