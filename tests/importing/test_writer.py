from dataclasses import replace
from datetime import date

import pytest

from catalog.importing.compose import statement_of
from catalog.importing.database import sources
from catalog.importing.database.documents import DocumentContent
from catalog.importing.database.names import Names
from catalog.importing.database.sources import Report
from catalog.importing.drafts import (
    Block,
    Caption,
    CaseDraft,
    Document,
    Doubt,
    ImportProblem,
    ProductDraft,
    SourceDraft,
)
from catalog.models import Bank, BankKind, Case, Category, Conflict, Product, Source
from catalog.models import Doubt as Doubts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reference():
    Bank.objects.create(code="abc", name="农业银行", kind=BankKind.STATE, imported={"name": "农业银行"})
    Bank.objects.create(code="icbc", name="工商银行", kind=BankKind.STATE)
    Category.objects.create(code="kangyi", name="聚力抗疫", position=1)


def case(number=1, **changes) -> CaseDraft:
    draft = CaseDraft(
        ref=f"book/{number:03}",
        number=number,
        title=f"众志成城 {number}",
        subtitle="农行在行动",
        bank="农业银行",
        branch="农业银行深圳分行",
        category="聚力抗疫",
        summary="简介。",
        blocks=(
            Block("heading", "1.绿色通道", ((3, 3),), level=1),
            Block("paragraph", "正文一段。", ((5, 7), (11, 13))),
        ),
        captions=(Caption("图片说明。", ((9, 9),)),),
        products=(ProductDraft("复工贷"),),
        spans=((1, 13),),
        pages=(2, 3),
    )
    return replace(draft, **changes)


def source(*cases: CaseDraft, name="book.txt", sha256="a" * 64) -> SourceDraft:
    document = Document(name, sha256, "utf-8", ("一", "二"))
    return SourceDraft(document, "casebook", "案例集", "协会", date(2020, 10, 1), "hans", cases)


def load(draft: SourceDraft) -> Report:
    return sources.load(DocumentContent(draft), Names.load(), fingerprint="")


class TestFirstImport:
    def test_a_draft_becomes_a_case_with_its_relations_and_places(self):
        report = load(source(case()))
        stored = Case.objects.get()
        assert report.counts == {"created": 1}
        assert stored.full_title == "众志成城 1——农行在行动"
        assert (stored.bank.name, stored.category.name, stored.branch) == ("农业银行", "聚力抗疫", "农业银行深圳分行")
        assert stored.body == "## 1.绿色通道\n\n正文一段。"
        assert stored.captions == ["图片说明。"]
        assert [product.name for product in stored.products.all()] == ["复工贷"]
        assert (stored.first_line, stored.last_line, stored.first_page, stored.last_page) == (1, 13, 2, 3)
        assert stored.provenance[1]["lines"] == [[5, 7], [11, 13]]
        assert stored.source.publisher == "协会"

    def test_a_chapter_the_catalogue_does_not_know_is_added_after_the_others(self):
        load(source(case(category="数字人民币")))
        assert Case.objects.get().category.position == 2

    def test_a_text_without_a_bank_waits_for_an_editor(self):
        load(source(case(bank=None, doubts=(Doubt("bank", "正文没有写明银行", 0.2),))))
        stored = Case.objects.get()
        assert stored.bank is None
        assert stored.doubts.open().get(field="bank").reason == "正文没有写明银行"


class TestImportAgain:
    def test_the_same_document_changes_nothing(self):
        load(source(case(1), case(2)))
        before = list(Case.objects.values("pk", "slug", "updated_at"))
        assert load(source(case(1), case(2))).counts == {"unchanged": 2}
        assert list(Case.objects.values("pk", "slug", "updated_at")) == before
        assert Product.objects.count() == 1

    def test_a_corrected_document_changes_what_it_corrects(self):
        load(source(case()))
        assert load(source(case(summary="新的简介。"), sha256="b" * 64)).counts == {"updated": 1}
        assert Case.objects.get().summary == "新的简介。"

    def test_an_editors_work_stays_and_the_difference_is_told(self):
        load(source(case()))
        edited = Case.objects.get()
        edited.title, edited.bank = "编辑的标题", Bank.objects.get(code="icbc")
        edited.save()
        edited.products.clear()
        report = load(source(case(title="文档的新标题", summary="新的简介。")))
        stored = Case.objects.get()
        assert (stored.title, stored.bank.code, stored.products.count()) == ("编辑的标题", "icbc", 0)
        assert stored.summary == "新的简介。"
        assert (report.conflicts, report.doubts) == (1, 0)
        conflict = stored.conflicts.get()
        assert (conflict.field, conflict.base, conflict.theirs) == ("title", "众志成城 1", "文档的新标题")

    def test_a_case_that_an_editor_deleted_stays_deleted(self):
        load(source(case(1), case(2)))
        Case.objects.get(number=1).delete()
        assert load(source(case(1), case(2))).counts == {"removed": 1, "unchanged": 1}
        assert Case.objects.count() == 1

    def test_a_case_that_the_new_version_lacks_is_kept_and_doubted(self):
        load(source(case(1), case(2)))
        report = load(source(case(1)))
        assert report.counts == {"unchanged": 1, "vanished": 1}
        assert Case.objects.get(number=2).doubts.open().exists()

    def test_a_vanished_case_keeps_its_other_doubts_and_loses_that_one_when_it_is_back(self):
        doubts = (Doubt("body", "接缝", 0.3, ((1, 2),)),)
        load(source(case(1), case(2, doubts=doubts)))
        load(source(case(1)))
        assert {doubt.field for doubt in Case.objects.get(number=2).doubts.open()} == {"body", "source"}
        load(source(case(1), case(2, doubts=doubts)))
        assert Case.objects.get(number=2).doubts.open().get().spans == [[1, 2]]

    def test_a_doubt_of_the_document_itself_goes_with_the_version_that_has_it_no_more(self):
        load(replace(source(case()), doubts=(Doubt("body", "不属于任何案例", 0.3, ((1, 1),)),)))
        assert Source.objects.get().doubts.open().get().case is None
        load(source(case()))
        assert not Source.objects.get().doubts.exists()

    def test_a_text_too_long_for_its_field_is_named(self):
        with pytest.raises(ImportProblem, match=r"book.txt：第 1 行：标题超过 300 字"):
            load(source(case(title="长" * 301)))

    def test_a_settled_doubt_is_not_raised_again_and_an_outdated_one_goes(self):
        doubts = (Doubt("body", "接缝一", 0.3, ((1, 2),)), Doubt("body", "接缝二", 0.4))
        load(source(case(doubts=doubts)))
        Case.objects.get().doubts.filter(reason="接缝一").update(settled_at="2021-01-01T00:00Z")
        load(source(case(doubts=doubts[:1])))
        assert [(d.reason, d.settled_at is None) for d in Case.objects.get().doubts.all()] == [("接缝一", False)]

    def test_a_renamed_bank_is_still_the_documents_bank(self):
        Bank.objects.filter(code="abc").update(name="中国农业银行")
        load(source(case()))
        assert Case.objects.get().bank.code == "abc"

    def test_the_same_content_under_another_name_is_refused(self):
        load(source(case()))
        with pytest.raises(ImportProblem, match=r"book\.txt"):
            load(source(case(), name="copy.txt"))


class TestBeforeTheUpgrade:
    """What older versions kept of the last import: documents whole values, rows digests of long texts."""

    LONG = "很长的正文。" * 50

    @pytest.fixture
    def old(self):
        draft = source(case(blocks=(Block("paragraph", self.LONG, ((5, 7),)),), doubts=(Doubt("body", "接缝", 0.3),)))
        load(draft)
        stored = Case.objects.get()
        statement = statement_of(draft.cases[0])
        relations = {"bank": "abc", "category": "kangyi", "products": [Product.objects.get().pk] * 2}
        Case.objects.update(imported={**statement.fields, **relations})
        assert stored.imported["body"].startswith("blake2b:")
        return draft

    def test_the_same_document_is_unchanged_and_its_edits_are_no_news(self, old):
        Case.objects.update(title="编辑的标题")
        before = Case.objects.values("updated_at", "title", "body").get()
        assert load(old).counts == {"unchanged": 1}
        assert Case.objects.values("updated_at", "title", "body").get() == before
        assert [doubt.reason for doubt in Doubts.objects.all()] == ["接缝"]

    def test_a_long_text_that_nobody_edited_follows_the_document(self, old):
        new = replace(old.cases[0], blocks=(Block("paragraph", f"{self.LONG}新", ((5, 7),)),))
        assert load(replace(old, cases=(new,))).counts == {"updated": 1}
        assert Case.objects.get().body == f"{self.LONG}新"

    def test_a_long_text_that_an_editor_changed_stays(self, old):
        Case.objects.update(body="编辑的正文")
        new = replace(old.cases[0], blocks=(Block("paragraph", f"{self.LONG}新", ((5, 7),)),))
        load(replace(old, cases=(new,)))
        assert Case.objects.get().body == "编辑的正文"
        conflict = Conflict.objects.open().get()
        assert (conflict.field, conflict.theirs, conflict.mine) == ("body", f"{self.LONG}新", "编辑的正文")

    @pytest.mark.parametrize("reason", ["来源文件的新版本里没有这一行", "来源文档的新版本里没有这个案例"])
    def test_a_vanished_case_that_was_settled_is_not_doubted_again(self, old, reason):
        stored = Case.objects.get()
        Doubts.objects.create(
            source=stored.source,
            case=stored,
            field="source",
            reason=reason,
            confidence=1,
            settled_at="2021-01-01T00:00Z",
        )
        load(source(case(2)))
        assert not stored.doubts.open().filter(field="source").exists()


class TestProducts:
    def test_spellings_of_one_name_are_one_product(self):
        load(
            source(
                case(1, products=(ProductDraft("纳税e贷", ("纳税 e 贷",)),)),
                case(2, products=(ProductDraft("纳税 Ｅ 贷"),)),
            )
        )
        product = Product.objects.get()
        assert product.cases.count() == 2
        assert {alias.name for alias in product.aliases.all()} == {"纳税 e 贷", "纳税 Ｅ 贷"}

    def test_the_catalogue_lists_a_product_in_simplified_characters(self):
        load(source(case(products=(ProductDraft("園區e貸"),))))
        product = Product.objects.get()
        assert product.name == "园区e贷"
        assert [alias.name for alias in product.aliases.all()] == ["園區e貸"]

    def test_the_same_name_at_two_banks_is_two_products(self):
        load(source(case(1), case(2, bank="工商银行")))
        assert Product.objects.filter(name="复工贷").count() == 2
