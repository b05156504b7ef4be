"""Which case a row or a chapter of a new edition is, and which source a file continues."""

import hashlib
import json
from dataclasses import replace
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalog.importing.database import sources
from catalog.importing.database.documents import DocumentContent
from catalog.importing.database.names import Names
from catalog.importing.database.reference import read_reference
from catalog.importing.database.run import work_at
from catalog.importing.drafts import Block, SourceDraft
from catalog.models import Bank, Case, Source
from catalog.search import find_differences

pytestmark = pytest.mark.django_db

TEXTS = {
    "渔港的冷库": "渔港边上的冷库今年换了新的压缩机，船一靠岸就能入库。银行按存货的数量放款，渔民不用等卖完再还旧账。",
    "山里的茶园": "茶农春天要雇人采茶，工钱当天就要结清。支行把去年的收购单当作凭据，三天之内把周转的钱送到了村里。",
    "街角的书店": "书店老板想把二楼改成自习室，缺一笔装修的钱。客户经理看了两年的流水，帮他把贷款分成十二个月来还。",
    "码头的车队": "车队接了跨省的长途单，轮胎和油钱都要先垫。银行与货主的系统连在一起，运单签收以后自动到账。",
    "老城的窑厂": "窑厂做的是出口的瓷器，订单要等半年才有回款。信用保险的保单押给银行以后，工人的工资都能按时发放。",
    "河边的水厂": "水厂要更换三十年前的管网，工期很长。银团由两家分行牵头，按工程的进度分七次放款，利息只算用掉的。",
}


def rows(*titles: str, start: int = 1, **texts: str) -> list[dict]:
    """Numbered one after the other, as a spreadsheet does it."""
    return [
        {"id": number, "title": title, "text": texts.get(title) or TEXTS[title]}
        for number, title in enumerate(titles, start)
    ]


@pytest.fixture
def imported(tmp_path):
    def run(given: list[dict], name="案例.jsonl", folder="一", **options) -> str:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in given), encoding="utf-8")
        out = StringIO()
        call_command("import_cases", str(path), stdout=out, **options)
        return out.getvalue()

    return run


def addresses() -> dict[str, str]:
    return dict(Case.objects.values_list("title", "slug"))


FOUR = ("渔港的冷库", "山里的茶园", "街角的书店", "码头的车队")


class TestRowsWithRunningNumbers:
    def test_one_that_is_taken_out_leaves_the_others_where_they_are(self, imported):
        imported(rows(*FOUR))
        before = addresses()
        Case.objects.filter(title="码头的车队").update(summary="编辑写的简介")
        imported(rows("渔港的冷库", "街角的书店", "码头的车队"))
        assert addresses() == before
        assert {case.title: case.body for case in Case.objects.all()} == {title: TEXTS[title] for title in FOUR}
        assert Case.objects.get(title="码头的车队").summary == "编辑写的简介"
        assert [case.title for case in Case.objects.filter(doubts__reason__contains="没有这个案例")] == ["山里的茶园"]

    def test_one_that_is_put_in_gets_an_address_of_its_own(self, imported):
        imported(rows(*FOUR))
        before = addresses()
        imported(rows("渔港的冷库", "老城的窑厂", *FOUR[1:]))
        after = addresses()
        assert after.items() >= before.items()
        assert len(after) == 5
        assert not Case.objects.filter(doubts__isnull=False).exists()

    def test_the_next_edition_but_one_is_known_as_well(self, imported):
        imported(rows(*FOUR))
        imported(rows("老城的窑厂", *FOUR))
        before = addresses()
        imported(rows("河边的水厂", "老城的窑厂", "码头的车队", "渔港的冷库", "街角的书店"))
        assert addresses().items() >= before.items()
        report = imported(rows("河边的水厂", "老城的窑厂", "码头的车队", "渔港的冷库", "街角的书店"), again=True)
        assert report.splitlines()[1].split()[1:4] == ["0", "0", "5"]

    def test_one_that_is_retitled_and_one_that_is_rewritten_keep_theirs(self, imported):
        imported(rows(*FOUR))
        before = {case.body: case.slug for case in Case.objects.all()}
        given = rows("街角的书店", "渔港的冷库", "码头的车队", "山里的茶园")
        given[0]["title"] = "一家书店的第二层楼"
        given[2]["text"] = "车队去年换成了电动的货车。充电桩由银行和园区一起出钱，半年里省下的油费已经够还第一期。"
        imported(given)
        assert Case.objects.get(title="一家书店的第二层楼").slug == before[TEXTS["街角的书店"]]
        assert Case.objects.get(title="码头的车队").slug == before[TEXTS["码头的车队"]]
        assert Case.objects.count() == 4

    def test_one_that_was_half_recognised_is_told_until_it_is_settled(self, imported):
        imported(rows(*FOUR))
        given = rows("街角的书店", "渔港的冷库", "码头的车队", "山里的茶园")
        given[2]["text"] = "车队去年换成了电动的货车。充电桩由银行和园区一起出钱，半年里省下的油费已经够还第一期。"
        imported(given)
        imported([*given, *rows("老城的窑厂", start=5)])
        doubt = Case.objects.get(title="码头的车队").doubts.open().get()
        assert "按内容认作这个案例" in doubt.reason

    def test_a_deleted_one_stays_deleted_under_another_number(self, imported):
        imported(rows(*FOUR))
        Case.objects.get(title="街角的书店").delete()
        imported(rows("老城的窑厂", *FOUR))
        assert "街角的书店" not in addresses()
        assert len(addresses()) == 4

    def test_zeros_that_a_spreadsheet_drops_make_no_difference(self, imported):
        first = [{"id": f"{n:03}", "title": f"第{n}号", "text": f"短{n}"} for n in range(1, 4)]
        imported(first)
        before = addresses()
        imported([row | {"id": int(row["id"]), "text": "改了" + row["text"]} for row in first])
        assert addresses() == before
        assert Case.objects.get(title="第2号").body == "改了短2"
        imported([row | {"id": f"{row['id']}.0"} for row in first])
        assert addresses() == before

    def test_both_writings_of_a_number_in_one_file_are_two_cases(self, imported):
        given = [{"id": "1", "title": "甲", "text": "一"}, {"id": "001", "title": "乙", "text": "二"}]
        imported(given)
        imported([row | {"summary": "新"} for row in reversed(given)])
        assert sorted(Case.objects.values_list("title", "body", "summary")) == [("乙", "二", "新"), ("甲", "一", "新")]


class TestFilesOfOneName:
    def test_another_file_is_another_source(self, imported):
        imported(rows(*FOUR[:2]))
        imported(rows(*FOUR[2:]), folder="二")
        assert sorted(Case.objects.values_list("title", flat=True)) == sorted(FOUR)
        assert sorted(Source.objects.values_list("name", flat=True)) == ["案例.jsonl", "案例（2）.jsonl"]
        assert not Case.objects.filter(doubts__isnull=False).exists()

    def test_each_is_known_again(self, imported):
        imported(rows(*FOUR[:2]))
        imported(rows(*FOUR[2:]), folder="二")
        before = addresses()
        imported(rows(*FOUR[2:], "老城的窑厂"), folder="二")
        imported(rows("河边的水厂", *FOUR[:2]))
        assert addresses().items() >= before.items()
        assert {source.name: source.cases.count() for source in Source.objects.all()} == {
            "案例.jsonl": 3,
            "案例（2）.jsonl": 3,
        }

    def test_what_fits_badly_is_asked_before_anything_is_written(self, imported):
        imported(rows(*FOUR[:3]))
        before = list(Case.objects.order_by("pk").values())
        new = [*rows("渔港的冷库"), *rows("码头的车队", "老城的窑厂", "河边的水厂", start=2)]
        with pytest.raises(CommandError, match=r"案例.jsonl：.*只有 1 个对得上.*--as-edition.*--as-source"):
            imported(new)
        assert list(Case.objects.order_by("pk").values()) == before
        imported(new, taken_for="edition")
        assert Source.objects.count() == 1
        assert Case.objects.count() == 6

    def test_what_is_said_to_be_another_source_is_one(self, imported):
        imported(rows(*FOUR[:3]))
        imported([*rows("渔港的冷库"), *rows("码头的车队", "老城的窑厂", "河边的水厂", start=2)], taken_for="source")
        assert Source.objects.count() == 2

    def test_two_formats_of_one_name_are_two_sources(self, imported, tmp_path):
        imported(rows("渔港的冷库"), name="报告.jsonl")
        (tmp_path / "报告.csv").write_text(f"id,title,text\n1,山里的茶园,{TEXTS['山里的茶园']}\n", encoding="utf-8")
        call_command("import_cases", str(tmp_path / "报告.csv"), stdout=StringIO())
        assert Source.objects.count() == Case.objects.count() == 2


@pytest.fixture(scope="module")
def book(django_db_setup, django_db_blocker) -> SourceDraft:
    """The real casebook as read."""
    (path,) = [path for path in settings.SEEDS_DIR.glob("*.txt") if path.stat().st_size > 100_000]
    with django_db_blocker.unblock():
        call_command("import_cases", str(min(settings.SEEDS_DIR.glob("*.txt"))), verbosity=0)
        draft = work_at(path, read_reference(), corrected=True).read(read_reference())
        call_command("flush", interactive=False, verbosity=0)
    return draft


def edition(draft: SourceDraft, cases) -> SourceDraft:
    """Of these cases, numbered one after the other, as a reader would."""
    numbered = [replace(case, number=n, ref=f"book/{n:03}") for n, case in enumerate(cases, 1)]
    sha256 = hashlib.sha256(repr(numbered).encode()).hexdigest()
    return replace(draft, document=replace(draft.document, name="book.txt", sha256=sha256), cases=tuple(numbered))


def load(draft: SourceDraft) -> None:
    sources.load(DocumentContent(draft), Names.load(), fingerprint="")


@pytest.mark.slow
def test_a_next_edition_of_the_real_book_keeps_every_case_where_it_is(book):
    call_command("import_cases", str(min(settings.SEEDS_DIR.glob("*.txt"))), verbosity=0)  # the banks
    Case.objects.all().delete()
    load(edition(book, book.cases))
    before = {case.title: (case.pk, case.slug) for case in Case.objects.all()}
    edited = [case.title for case in book.cases[20:50:10]]
    bank = Bank.objects.get(code="icbc")
    Case.objects.filter(title=edited[0]).update(summary="编辑写的简介")
    Case.objects.filter(title=edited[1]).update(title="编辑拟的标题")
    Case.objects.filter(title=edited[2]).update(bank=bank, branch="编辑选的机构")

    cases = list(book.cases)
    taken_out = cases.pop(10)
    added = replace(
        cases[3],
        title="一座水厂的三十年",
        subtitle="",
        summary="",
        blocks=tuple(Block("paragraph", text, ()) for text in TEXTS.values()),
        doubts=(),
    )
    cases.insert(5, added)
    cases[30], cases[31] = cases[31], cases[30]
    cases[44] = replace(cases[44], title="换过的一个题目", subtitle="")
    load(edition(book, cases))

    after = {case.title: (case.pk, case.slug) for case in Case.objects.all()}
    assert len(after) == len(book.cases) + 1
    assert taken_out.title in after
    retitled = book.cases[44]  # one was taken out before it and one added
    expected = dict(before)
    expected["换过的一个题目"] = expected.pop(retitled.title)
    expected["编辑拟的标题"] = expected.pop(edited[1])
    assert {title: place for title, place in after.items() if title != "一座水厂的三十年"} == expected
    assert Case.objects.get(title=edited[0]).summary == "编辑写的简介"
    assert Case.objects.get(title=edited[2]).branch == "编辑选的机构"
    numbers = list(Case.objects.filter(number__isnull=False).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(cases) + 1))
    assert not find_differences()


class TestDuplicates:
    def test_a_text_that_another_source_has_comes_as_a_draft_that_names_it(self, imported):
        long = TEXTS["渔港的冷库"] + TEXTS["老城的窑厂"]
        imported(rows(*FOUR, 渔港的冷库=long))
        slightly = long.replace("今年", "去年") + "（记者 李明）"
        report = imported([{"title": "一座冷库", "text": slightly}, *rows("河边的水厂")], name="别的.jsonl")
        case = Case.objects.get(title="一座冷库")
        assert case.status == Case.Status.DRAFT
        assert case.doubts.open().get().other == Case.objects.get(title="渔港的冷库")
        assert Case.objects.get(title="河边的水厂").status == Case.Status.PUBLIC
        assert "1 个案例和别处已有的相同或几乎相同" in report

    def test_a_whole_file_under_another_name_is_no_second_public_copy(self, imported):
        imported(rows(*FOUR))
        imported([row | {"summary": ""} for row in rows(*FOUR)], name="别的.jsonl")
        assert Case.objects.filter(status=Case.Status.PUBLIC).count() == 4
        assert Case.objects.filter(doubts__other__isnull=False).count() == 4

    def test_only_the_title_being_the_same_is_told(self, imported):
        imported([*rows("渔港的冷库"), {"id": 9, "title": "二〇二四年服务小微企业的做法", "text": TEXTS["山里的茶园"]}])
        imported([{"title": "二〇二四年服务小微企业的做法", "text": TEXTS["老城的窑厂"]}], name="别的.jsonl")
        case = Case.objects.get(body=TEXTS["老城的窑厂"])
        assert case.status == Case.Status.PUBLIC
        assert "标题与已有的案例" in case.doubts.open().get().reason

    def test_traditional_characters_and_other_marks_make_no_difference(self, imported):
        imported(rows("渔港的冷库"))
        other = "漁港邊上的冷庫今年換了新的壓縮機,船一靠岸就能入庫.銀行按存貨的數量放款,漁民不用等賣完再還舊帳."
        imported([{"title": "別的題目", "text": other}], name="别的.jsonl")
        assert Case.objects.get(title="別的題目").doubts.open().get().other.title == "渔港的冷库"

    def test_the_doubt_stays_when_the_file_comes_again_and_goes_with_the_other(self, imported):
        imported(rows(*FOUR))
        imported([{"title": "一座冷库", "text": TEXTS["渔港的冷库"]}], name="别的.jsonl")
        imported([{"title": "一座冷库", "text": TEXTS["渔港的冷库"], "summary": "新"}], name="别的.jsonl")
        case = Case.objects.get(title="一座冷库")
        assert (case.summary, case.doubts.open().count()) == ("新", 1)
        Case.objects.get(title="渔港的冷库").delete()
        assert not case.doubts.exists()

    def test_what_two_files_of_one_import_say_is_told(self, tmp_path):
        for name in ("甲.jsonl", "乙.jsonl"):
            row = {"title": f"{name}的冷库", "text": TEXTS["渔港的冷库"]}
            (tmp_path / name).write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
        call_command("import_cases", str(tmp_path), stdout=StringIO())
        assert Case.objects.filter(status=Case.Status.DRAFT).count() == 1


class TestAnExportOfOurOwn:
    @pytest.fixture
    def exported(self, tmp_path):
        """exported(): the path of an export of all cases."""

        def export(timed=True, change=lambda row: row):
            out = StringIO()
            call_command("export_cases", all=True, timed=timed, stdout=out)
            changed = [change(json.loads(line)) for line in out.getvalue().splitlines()]
            path = tmp_path / "cases.jsonl"
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in changed), encoding="utf-8")
            return path

        return export

    @pytest.fixture
    def catalogue(self, imported):
        bank = {"bank": "工商银行", "products": ["渔港贷"], "category": "服务小微"}
        imported([row | bank for row in rows(*FOUR)])
        Case.objects.create(title="编辑写的案例", body=TEXTS["河边的水厂"])
        Case.objects.filter(title="街角的书店").update(summary="编辑写的简介")

    def everything(self) -> list:
        return [list(model.objects.order_by("pk").values()) for model in (Case, Source)]

    @pytest.mark.parametrize("timed", [True, False])
    def test_changes_nothing(self, catalogue, exported, timed):
        before = self.everything()
        out = StringIO()
        call_command("import_cases", str(exported(timed)), stdout=out)
        assert self.everything() == before
        assert out.getvalue().splitlines()[1].split()[1:4] == ["0", "0", "5"]

    def test_what_was_changed_in_it_is_an_editors_change(self, catalogue, exported, imported):
        def change(row):
            return row | {"branch": "改过的支行"} if row["title"] == "渔港的冷库" else row

        call_command("import_cases", str(exported(change=change)), stdout=StringIO())
        case = Case.objects.get(title="渔港的冷库")
        assert (case.branch, Case.objects.count(), Source.objects.count()) == ("改过的支行", 5, 1)
        imported([row | {"branch": "来源的支行"} for row in rows(*FOUR)])
        assert Case.objects.get(title="渔港的冷库").branch == "改过的支行"
        assert not find_differences()

    def test_what_was_changed_here_meanwhile_is_kept_and_told(self, catalogue, exported):
        path = exported(change=lambda row: row | {"summary": "文件里的简介"})
        case = Case.objects.get(title="山里的茶园")
        case.summary = "后来写的简介"
        case.save()
        call_command("import_cases", str(path), stdout=StringIO())
        case.refresh_from_db()
        assert case.summary == "后来写的简介"
        assert "案例简介" in case.doubts.open().get().reason
        assert Case.objects.get(title="街角的书店").summary == "文件里的简介"

    def test_without_the_time_only_what_nobody_edited_is_taken(self, catalogue, exported):
        path = exported(timed=False, change=lambda row: row | {"summary": "文件里的简介", "branch": "文件里的支行"})
        call_command("import_cases", str(path), stdout=StringIO())
        case = Case.objects.get(title="街角的书店")
        assert (case.summary, case.branch) == ("编辑写的简介", "文件里的支行")
        assert "案例简介" in case.doubts.open().get().reason

    def test_what_was_added_to_it_is_a_new_case(self, catalogue, exported):
        path = exported()
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"title": "老城的窑厂", "text": TEXTS["老城的窑厂"]}, ensure_ascii=False) + "\n")
        call_command("import_cases", str(path), stdout=StringIO())
        assert Case.objects.count() == 6
        assert Case.objects.get(title="老城的窑厂").source.name == "cases.jsonl"
        call_command("import_cases", str(path), stdout=StringIO(), again=True)
        assert Case.objects.count() == 6

    @pytest.mark.parametrize("text", [TEXTS["老城的窑厂"], "短。"], ids=["long", "short"])
    def test_one_of_another_catalogue_is_other_cases(self, imported, text):
        imported(rows(*FOUR[:2]))
        imported([{"id": "ref:案例.jsonl#1", "title": "老城的窑厂", "body": text}], name="cases.jsonl")
        assert Case.objects.count() == 3
        assert Case.objects.get(ref="案例.jsonl#1").title == "渔港的冷库"
