from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from catalog.importing.database.run import import_documents
from catalog.importing.database.thesaurus import load_thesaurus, parse_thesaurus
from catalog.importing.drafts import ImportProblem
from catalog.models import SynonymGroup
from catalog.search.maintenance.system_checks import NO_SYNONYMS
from catalog.search.names import thesaurus
from catalog.search.names.thesaurus import build, related


class TestRelations:
    def test_words_of_a_group_are_related_both_ways(self):
        words = build([("职工 员工、雇员", "", 0.7)])
        assert words.related("职工") == [("员工", 0.7), ("雇员", 0.7)]
        assert words.related("雇员") == [("员工", 0.7), ("职工", 0.7)]

    def test_targets_are_related_one_way(self):
        words = build([("小店", "小微企业", 0.5)])
        assert words.related("小店") == [("小微企业", 0.5)]
        assert words.related("小微企业") == []
        assert "小微企业" in words

    def test_of_two_groups_the_closer_relation_counts_and_comes_first(self):
        words = build([("贷款 授信", "", 0.5), ("贷款 借款", "", 0.7), ("贷款 授信 信贷", "", 0.6)])
        assert words.related("贷款") == [("借款", 0.7), ("信贷", 0.6), ("授信", 0.6)]

    def test_any_spelling_will_do(self):
        assert build([("電腦 計算機", "", 0.7)]).related("电脑") == [("计算机", 0.7)]


class TestFind:
    def test_the_longest_words_of_an_unspaced_question(self):
        words = build(
            [("缓一缓 延期还本付息", "", 0.7), ("还 归还", "", 0.7), ("还不上 逾期", "", 0.7), ("小店 商铺", "", 0.7)]
        )
        expansions = words.find("小店还不上贷款能不能缓一缓")
        assert [expansion.word for expansion in expansions] == ["小店", "还不上", "缓一缓"]
        assert [(expansion.start, expansion.end) for expansion in expansions] == [(0, 2), (2, 5), (10, 13)]
        assert expansions[2].related == [("延期还本付息", 0.7)]

    def test_no_latin_word_inside_another(self):
        words = build([("ai 人工智能", "", 0.7)])
        assert words.find("said") == []
        assert [expansion.word for expansion in words.find("用ai催收")] == ["ai"]

    def test_numbers_in_words_are_found_beside(self):
        expansions = build([("担保 增信", "", 0.7)]).expand("一百亿担保")
        related = [(expansion.word, expansion.related[0][0]) for expansion in expansions]
        assert related == [("一百亿", "100亿"), ("担保", "增信")]


@pytest.mark.django_db
class TestEditors:
    def test_a_change_is_at_once_effective(self):
        assert related("职工") == []
        group = SynonymGroup.objects.create(words="职工 员工")
        assert related("职工") == [("员工", 0.7)]
        SynonymGroup.objects.filter(pk=group.pk).update(words="职工 雇员", weight=0.4)
        assert related("職工") == [("雇员", 0.4)]
        SynonymGroup.objects.filter(pk=group.pk).update(enabled=False)
        assert related("职工") == []

    def test_nothing_changed_costs_one_query(self, django_assert_num_queries):
        SynonymGroup.objects.create(words="职工 员工")
        thesaurus.current()
        with django_assert_num_queries(1):
            thesaurus.current()

    def test_a_word_alone_is_no_group(self):
        with pytest.raises(ValidationError, match="至少要有两个"):
            SynonymGroup(words="职工 职工").full_clean()
        SynonymGroup(words="职工", targets="员工").full_clean()

    def test_a_weight_that_would_drown_what_was_typed_is_refused(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            SynonymGroup.objects.create(words="职工 员工", weight=1)

    def test_editors_edit_them_in_the_admin(self, admin_client):
        data = {"words": "职工，员工", "targets": "", "weight": "0.7", "enabled": "on", "note": ""}
        assert admin_client.post(reverse("admin:catalog_synonymgroup_add"), data).status_code == 302
        assert related("员工") == [("职工", 0.7)]
        assert "职工、员工" in admin_client.get(reverse("admin:catalog_synonymgroup_changelist")).content.decode()


@pytest.mark.django_db
class TestSeeds:
    @pytest.fixture
    def seeds(self, tmp_path) -> Path:
        path = tmp_path / "thesaurus.txt"
        path.write_text("# 说明\n\n职工 员工\n小店 → 小微企业 @0.5\n", encoding="utf-8")
        return path

    def test_lines_become_groups(self, seeds):
        assert [(g.words, g.targets, g.weight) for g in parse_thesaurus(seeds)] == [
            ("职工 员工", "", 0.7),
            ("小店", "小微企业", 0.5),
        ]

    def test_are_loaded_once(self, seeds):
        assert load_thesaurus(seeds) == {"added": 2, "removed": 0}
        assert load_thesaurus(seeds) == {"added": 0, "removed": 0}

    def test_follow_the_file_but_for_what_an_editor_changed(self, seeds):
        load_thesaurus(seeds)
        SynonymGroup.objects.filter(targets="小微企业").update(weight=0.3)
        seeds.write_text("厂家 厂商\n", encoding="utf-8")
        assert load_thesaurus(seeds) == {"added": 1, "removed": 1}
        assert {group.words for group in SynonymGroup.objects.all()} == {"小店", "厂家 厂商"}

    def test_switched_off_they_stay_off(self, seeds):
        load_thesaurus(seeds)
        SynonymGroup.objects.update(enabled=False)
        load_thesaurus(seeds)
        assert not SynonymGroup.objects.filter(enabled=True).exists()

    @pytest.mark.parametrize("line", ["职工", "→ 员工", "职工 员工 @5", "职工 →"])
    def test_a_line_that_says_nothing_is_named(self, seeds, line):
        seeds.write_text(f"甲 乙\n{line}\n", encoding="utf-8")
        with pytest.raises(ImportProblem, match=r"thesaurus\.txt：第 2 行"):
            parse_thesaurus(seeds)

    @pytest.mark.slow
    def test_the_catalogues_own_file_is_sound(self):
        path = settings.SEEDS_DIR / "thesaurus.words"
        groups = parse_thesaurus(path)
        for group in groups:
            group.full_clean(exclude=["seed"])
        assert len(groups) > 500
        call_command("import_thesaurus")
        assert ("员工", 0.7) in related("职工")

    def test_a_folder_without_the_file_leaves_the_groups_alone(self, seeds, tmp_path):
        load_thesaurus(seeds)
        assert load_thesaurus(tmp_path / "none.words") == {"added": 0, "removed": 0}
        assert SynonymGroup.objects.count() == 2

    def test_come_with_an_import_after_a_migration_alone(self, tmp_path):
        rows = tmp_path / "rows.jsonl"
        rows.write_text('{"id": "1", "title": "甲", "body": "普惠金融"}\n', encoding="utf-8")
        import_documents([rows], settings.SEEDS_DIR)
        assert ("员工", 0.7) in related("职工")


@pytest.mark.django_db
class TestCheck:
    """What `migrate` and `check --database default` say."""

    @pytest.fixture
    def warnings(self):
        return lambda: [message.id for message in run_checks(tags=[Tags.database], databases=["default"])]

    def test_cases_without_synonyms_are_said(self, warnings, make_case):
        assert warnings() == []
        make_case("甲", status="public")
        assert warnings() == ["search.W002"]
        assert "import_thesaurus" in NO_SYNONYMS.hint
        call_command("import_thesaurus")
        assert warnings() == []

    def test_synonyms_that_editors_switched_off_are_none_that_are_missing(self, warnings, make_case):
        make_case("甲", status="public")
        SynonymGroup.objects.create(words="职工 员工", enabled=False)
        assert warnings() == []
