from catalog.importing.merge import merge


class TestAnImportAgainstAnEditor:
    def test_a_first_import_writes_everything(self):
        assert merge({"title": "新"}, {}, {"title": ""}).values == {"title": "新"}

    def test_what_the_document_changed_is_written_where_nobody_edited(self):
        result = merge({"title": "新"}, {"title": "旧"}, {"title": "旧"})
        assert result.values == {"title": "新"}
        assert result.kept == ()

    def test_an_edit_stays_when_the_document_is_as_before(self):
        result = merge({"title": "旧"}, {"title": "旧"}, {"title": "编辑"})
        assert result.values == {}
        assert result.kept == ()

    def test_an_edit_stays_when_the_document_changed_too_and_is_told(self):
        result = merge({"title": "新"}, {"title": "旧"}, {"title": "编辑"})
        assert result.values == {}
        assert result.kept == ("title",)

    def test_an_edit_that_came_to_the_same_is_no_conflict(self):
        result = merge({"title": "新"}, {"title": "旧"}, {"title": "新"})
        assert result.values == {}
        assert result.kept == ()

    def test_fields_are_judged_one_by_one(self):
        result = merge({"a": 2, "b": 2}, {"a": 1, "b": 1}, {"a": 1, "b": 9})
        assert result.values == {"a": 2}
        assert result.kept == ("b",)
