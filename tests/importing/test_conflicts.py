"""A new edition against what editors wrote: paragraph by paragraph, and what both changed waits until it is settled."""

import pytest
from django.db import connection
from django.utils import timezone

from catalog.importing.database import sources
from catalog.importing.database.documents import DocumentContent
from catalog.importing.database.names import Names
from catalog.importing.drafts import Block, CaseDraft, Document, ProductDraft, SourceDraft
from catalog.models import Bank, BankKind, Case, Category, Conflict, Product
from catalog.text.markdown import piece_key

pytestmark = pytest.mark.django_db

FIRST = ["第一段说的是背景，" * 20, "第二段说的是做法。", "第三段说的是成效。"]


@pytest.fixture(autouse=True)
def reference():
    for code, name in (("abc", "农业银行"), ("icbc", "工商银行")):
        Bank.objects.create(code=code, name=name, kind=BankKind.STATE)
    Category.objects.create(code="kangyi", name="聚力抗疫", position=1)


def edition(*paragraphs: str, cases: int = 1, **changes) -> sources.Report:
    blocks = [Block("paragraph", text, ((line, line),)) for line, text in enumerate(paragraphs or FIRST, 1)]
    given = {"title": "众志成城", "bank": "农业银行", "category": "聚力抗疫", "summary": "简介。"} | changes
    drafts = [CaseDraft(ref=f"book/{n}", number=n, blocks=tuple(blocks), **given) for n in range(1, cases + 1)]
    document = Document("book.txt", "a" * 64, "utf-8", ("一",))
    content = DocumentContent(SourceDraft(document, "casebook", "案例集", "协会", None, "hans", tuple(drafts)))
    return sources.load(content, Names.load(), fingerprint="")


def body(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


def edit(**changes) -> None:
    case = Case.objects.get()
    for name, value in changes.items():
        setattr(case, name, value)
    case.save()


def settle(how: str = "mine") -> None:
    Conflict.objects.open().update(settled_at=timezone.now(), how=how)


def waiting() -> list[tuple]:
    return list(Conflict.objects.open().values_list("field", "base", "theirs", "mine"))


class TestParagraphs:
    def test_an_edited_paragraph_keeps_no_other_from_following_the_source(self):
        edition()
        edit(body=body(FIRST[0], "编辑改过的第二段。", FIRST[2]))
        edition(FIRST[0] + "新", FIRST[1], FIRST[2] + "新")
        assert Case.objects.get().body == body(FIRST[0] + "新", "编辑改过的第二段。", FIRST[2] + "新")
        edition(FIRST[0] + "再新", FIRST[1], FIRST[2] + "新", "第四段。")
        assert Case.objects.get().body == body(FIRST[0] + "再新", "编辑改过的第二段。", FIRST[2] + "新", "第四段。")
        assert waiting() == []

    def test_what_both_rewrote_stays_and_waits_with_all_three_texts(self):
        edition()
        edit(body=body(FIRST[0], "编辑改过的第二段。", FIRST[2]))
        report = edition(FIRST[0], "来源改过的第二段。", FIRST[2] + "新")
        assert Case.objects.get().body == body(FIRST[0], "编辑改过的第二段。", FIRST[2] + "新")
        assert waiting() == [("body", FIRST[1], "来源改过的第二段。", "编辑改过的第二段。")]
        assert report.conflicts == 1

    def test_new_paragraphs_have_their_places_in_the_source(self):
        edition()
        edit(body=body(FIRST[0], "编辑改过的第二段。", FIRST[2]))
        edition("新的开头。", *FIRST)
        places = {row["key"]: row["lines"] for row in Case.objects.get().provenance}
        assert places[piece_key("新的开头。")] == [[1, 1]]
        assert places[piece_key(FIRST[2])] == [[4, 4]]

    def test_a_text_of_which_too_many_paragraphs_were_rewritten_is_one_conflict(self):
        first, second, mine = ([f"第{n}段，{word}" for n in range(201)] for word in ("原来的", "来源的", "编辑的"))
        edition(*first)
        edit(body=body(*mine))
        edition(*second)
        assert waiting() == [("body", body(*first), body(*second), body(*mine))]

    def test_a_summary_is_merged_too(self):
        edition(summary="一。\n\n二。")
        edit(summary="一。\n\n编辑的二。")
        edition(summary="新的一。\n\n二。")
        assert Case.objects.get().summary == "新的一。\n\n编辑的二。"


class TestTheBase:
    def edit_by_update(self):
        Case.objects.update(body=body(FIRST[0], "编辑改过的第二段。", FIRST[2]))

    def edit_by_psql(self):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_case SET body = replace(body, %s, '编辑改过的第二段。')", [FIRST[1]])

    def edit_in_steps_by_one_who_has_read_before(self):
        case, outdated = Case.objects.get(), Case.objects.defer("body", "imported").get()
        case.body = body(FIRST[0], "编辑改过一遍的。", FIRST[2])
        case.save()
        case.body = body(FIRST[0], "编辑改过的第二段。", FIRST[2])
        case.save()
        outdated.branch = "深圳市分行"
        outdated.save()

    @pytest.mark.parametrize("way", [edit_by_update, edit_by_psql, edit_in_steps_by_one_who_has_read_before])
    def test_whatever_way_an_edit_is_made_the_next_edition_is_merged(self, way):
        edition()
        way(self)
        edition(FIRST[0], FIRST[1], "来源改过的第三段。")
        assert Case.objects.get().body == body(FIRST[0], "编辑改过的第二段。", "来源改过的第三段。")
        assert waiting() == []

    def test_a_case_that_nobody_edited_or_that_was_changed_back_carries_nothing(self):
        edition()
        edition(*FIRST, "第四段。")
        assert Case.objects.get().base is None
        edit(body="别的。")
        edit(body=body(*FIRST, "第四段。"))
        assert Case.objects.get().base is None

    def test_a_case_that_was_edited_before_the_base_was_kept_is_in_conflict_as_a_whole_once(self):
        edition()
        edited = body(FIRST[0], "编辑改过的第二段。", FIRST[2])
        edit(body=edited)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE catalog_case DISABLE TRIGGER keep_base")
            cursor.execute("UPDATE catalog_case SET base = NULL")
            cursor.execute("ALTER TABLE catalog_case ENABLE TRIGGER keep_base")
        edit(body=edited + "又改。")  # keeps what was no import's
        edition(FIRST[0] + "新", *FIRST[1:])
        assert Case.objects.get().body == edited + "又改。"
        assert waiting() == [("body", None, body(FIRST[0] + "新", *FIRST[1:]), edited + "又改。")]
        settle()
        edition(FIRST[0] + "再新", *FIRST[1:])
        assert Case.objects.get().body == edited + "又改。"
        assert [theirs for _, _, theirs, _ in waiting()] == [FIRST[0] + "再新"]


class TestUntilItIsSettled:
    @pytest.fixture
    def conflict(self):
        edition()
        edit(body=body(FIRST[0], "编辑改过的第二段。", FIRST[2]), title="编辑的标题")
        edition(FIRST[0], "来源改过的第二段。", FIRST[2], title="来源的标题")

    def test_an_import_that_brings_nothing_new_leaves_it(self, conflict):
        before = waiting()
        assert len(before) == 2
        edition(FIRST[0], "来源改过的第二段。", FIRST[2], title="来源的标题")
        edition(FIRST[0], "来源改过的第二段。", FIRST[2] + "新", title="来源的标题")
        assert waiting() == before

    def test_a_newer_text_takes_the_place_of_the_last(self, conflict):
        edition(FIRST[0], "来源又改的第二段。", FIRST[2], title="来源的新标题")
        assert waiting() == [
            ("title", "众志成城", "来源的新标题", "编辑的标题"),
            ("body", FIRST[1], "来源又改的第二段。", "编辑改过的第二段。"),
        ]

    def test_it_is_found_again_where_the_editor_went_on_writing(self, conflict):
        edit(body=body(FIRST[0], "编辑另写的一段文字。", FIRST[2]))
        edition(FIRST[0], "来源又改的第二段。", FIRST[2], title="来源的标题")
        assert [row[2:] for row in waiting() if row[0] == "body"] == [("来源又改的第二段。", "编辑另写的一段文字。")]

    def test_a_source_that_comes_to_the_editors_value_is_shown_so(self, conflict):
        edition(FIRST[0], "来源改过的第二段。", FIRST[2], title="编辑的标题")
        assert Conflict.objects.open().get(field="title").theirs == "编辑的标题"

    def test_what_was_settled_does_not_come_back_and_mutes_nothing_later(self, conflict):
        settle()
        edition(title="众志成城")
        settle()
        edition(FIRST[0], "来源改过的第二段。", FIRST[2], title="来源的标题")
        assert waiting() == []
        edition(FIRST[0], "来源又改的第二段。", FIRST[2] + "新", title="来源的新标题")
        assert [theirs for _, _, theirs, _ in waiting()] == ["来源的新标题", "来源又改的第二段。"]

    def test_a_paragraph_deleted_by_the_source_is_asked_of_each(self):
        edition()
        edit(body=body("编辑的一。", FIRST[1], "编辑的三。"))
        edition(*FIRST[1:])
        settle()
        edition(FIRST[1])
        assert [row[2:] for row in waiting()] == [("", "编辑的三。")]

    def test_an_open_doubt_of_earlier_versions_stays(self, conflict):
        case = Case.objects.get()
        reason = "来源的新文本与编辑稿不同，保留了编辑稿：作者"
        case.doubts.create(source=case.source, field="authors", reason=reason, confidence=1)
        edition(FIRST[0], FIRST[1] + "新", FIRST[2], title="来源的新标题")
        assert case.doubts.open().get(field="authors").reason == reason


class TestOtherFields:
    def test_each_is_a_conflict_of_its_own(self):
        edition(authors=("甲",), products=(ProductDraft("复工贷"),))
        edit(bank=Bank.objects.get(code="icbc"), authors=["乙"], category=None, category_confidence=None)
        Case.objects.get().products.clear()
        edition(bank="", authors=("丙",), category="服务小微", category_confidence=0.4)
        told = {field: (base, theirs, mine) for field, base, theirs, mine in waiting()}
        assert told["authors"] == (["甲"], ["丙"], ["乙"])
        assert told["bank"] == ("abc", None, "icbc")
        assert told["category"][::2] == ("kangyi", None)
        assert set(told) == {"authors", "bank", "category"}

    def test_products(self):
        edition(products=(ProductDraft("复工贷"),))
        Case.objects.get().products.clear()
        edition(products=(ProductDraft("园区贷"),))
        assert Conflict.objects.get().theirs == [Product.objects.get(name="园区贷").pk]


def test_the_number_of_queries_does_not_depend_on_the_number_of_cases():
    def second_edition(cases: int) -> int:
        Case.objects.all().delete()
        Conflict.objects.all().delete()
        sources.Source.objects.all().delete()
        edition(cases=cases)
        Case.objects.update(body=body(FIRST[0], "编辑改过的第二段。", FIRST[2]), title="编辑的标题")
        edition(FIRST[0], "来源改过的第二段。", FIRST[2], cases=cases, title="来源的标题")
        before = len(connection.queries_log)
        edition(FIRST[0], "来源又改的第二段。", FIRST[2] + "新", "第四段。", cases=cases, title="来源的新标题")
        assert Conflict.objects.open().count() == 2 * cases
        return len(connection.queries_log) - before

    connection.force_debug_cursor = True
    try:
        assert second_edition(3) == second_edition(9)
    finally:
        connection.force_debug_cursor = False
