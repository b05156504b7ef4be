import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from catalog.models import Bank, BankAlias, Case, LexemeCount, NameChange, Product, SearchEntry
from catalog.search import search_cases
from catalog.search.index import frequencies, writer
from catalog.search.names import lexicon

pytestmark = pytest.mark.django_db


@pytest.fixture
def indexed(monkeypatch) -> list[list[int]]:
    """The keys of each batch that was indexed."""
    batches, replace = [], writer._replace

    def spy(keys):
        batches.append(keys)
        return replace(keys)

    monkeypatch.setattr(writer, "_replace", spy)
    return batches


class TestCases:
    def test_a_saved_case_is_found_at_once(self, make_case, find):
        case = make_case("案例", "旧文字")
        assert find("旧文字") == ["案例"]
        case.body = "新内容"
        case.save()
        assert find("新内容") == ["案例"]
        assert find("旧文") == []

    def test_a_deleted_case_leaves_no_entry(self, make_case):
        make_case().delete()
        assert not SearchEntry.objects.exists()

    def test_a_draft_has_an_entry_and_is_not_public(self, make_case):
        make_case("草稿", "渔民", status=Case.Status.DRAFT)
        assert search_cases(Case.objects.all(), "渔民").exists()
        assert not search_cases(Case.objects.public(), "渔民").exists()


class TestProducts:
    @pytest.fixture
    def product(self, icbc) -> Product:
        return Product.objects.create(bank=icbc, name="园区e贷")

    def test_added_set_removed_and_cleared(self, make_case, find, product):
        case = make_case("案例")
        case.products.add(product)
        assert find("园区e贷") == ["案例"]
        case.products.clear()
        assert find("园区e贷") == []
        case.products.set([product])
        assert find("园区") == ["案例"]
        case.products.remove(product)
        assert find("园区") == []

    def test_from_the_other_side(self, make_case, find, product):
        case = make_case("案例")
        product.cases.add(case)
        assert find("园区") == ["案例"]
        product.cases.clear()
        assert find("园区") == []
        product.cases.set([case])
        product.cases.remove(case)
        assert find("园区") == []

    def test_renamed_and_deleted(self, make_case, find, product):
        make_case("案例").products.add(product)
        product.name = "渔民贷"
        product.save()
        assert (find("渔民贷"), find("园区")) == (["案例"], [])
        product.delete()
        assert find("渔民贷") == []


class TestNames:
    def test_a_renamed_bank_shows_at_once(self, make_case, find, icbc):
        make_case("案例", bank=icbc)
        icbc.name = "工商大银行"
        icbc.save()
        assert find("商大银") == find("工商大银行") == ["案例"]

    def test_a_renamed_chapter_shows_at_once(self, make_case, find, chapter):
        make_case("案例", category=chapter)
        chapter.name = "乡村振兴"
        chapter.save()
        assert (find("乡村振兴"), find("普惠")) == (["案例"], [])

    def test_an_alias_comes_moves_and_goes(self, make_case, find, icbc):
        other = Bank.objects.create(code="other", name="建设银行", kind="state")
        make_case("工", bank=icbc)
        make_case("建", bank=other)
        alias = icbc.aliases.create(name="宇宙行")
        assert find("宇宙行") == ["工"]
        alias.bank = other
        alias.save()
        assert find("宇宙行") == ["建"]
        alias.delete()
        assert find("宇宙行") == []

    def test_an_alias_rewrites_nothing(self, make_case, find, icbc, indexed):
        make_case("案例", bank=icbc)
        indexed.clear()
        icbc.aliases.create(name="宇宙行")
        assert find("宇宙行") == ["案例"]
        assert indexed == []

    def test_a_name_written_past_the_signals_is_known(self, make_case, find, icbc):
        make_case("案例", bank=icbc)
        find("工行")
        icbc.aliases.update(name="宇宙行")
        assert find("宇宙行") == ["案例"]

    def test_a_change_that_the_index_does_not_hold_rewrites_nothing(self, make_case, icbc, indexed):
        make_case("案例", bank=icbc)
        indexed.clear()
        icbc.position = 3
        icbc.save()
        assert indexed == []


class TestDeferred:
    def test_each_case_is_indexed_once_at_the_end(self, make_case, find, icbc, indexed):
        with writer.deferred_indexing():
            case = make_case("案例", "渔民", bank=icbc, products=["园区e贷"])
            with writer.deferred_indexing():
                case.save()
            icbc.name = "大银行"
            icbc.save()
            assert indexed == []
        assert indexed == [[case.pk]]
        assert find("渔民 园区 大银行") == ["案例"]

    def test_a_block_that_raises_leaves_nothing(self, make_case, find):
        def fail_midway():
            with writer.deferred_indexing():
                make_case("案例", "渔民")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_midway()
        assert find("渔民") == []
        assert not Case.objects.exists()
        make_case("另一", "渔民")
        assert find("渔民") == ["另一"]

    def test_cases_deleted_in_the_block_are_passed_over(self, make_case):
        with writer.deferred_indexing():
            make_case().delete()
        assert not SearchEntry.objects.exists()


class TestBulkWrites:
    def test_what_sent_no_signal_is_settled_when_asked(self, find):
        Case.objects.bulk_create([Case(title=f"案例{n}", slug=f"c{n}", body="渔民") for n in range(450)])
        assert writer.settle() == 450
        assert len(find("渔民")) == 450

    def test_rebuild_index_restores_every_entry(self, make_case, find, capsys):
        case = make_case("案例", "渔民")
        SearchEntry.objects.all().delete()
        call_command("rebuild_index")
        assert find("渔民") == ["案例"]
        assert "1 个案例" in capsys.readouterr().out
        assert SearchEntry.objects.get().case == case


class TestTwoWriters:
    @pytest.mark.django_db(transaction=True)
    def test_at_once_both_show(self, make_case, find, icbc):
        """One renames the bank while the other, who cannot see that yet, saves a case of it."""
        case = make_case("案例", "旧文字", bank=icbc)

        def edit():
            case.body = "渔民出海"
            case.save()
            connection.close()

        editor = threading.Thread(target=edit)
        with transaction.atomic():
            icbc.name = "宇宙大银行"
            icbc.save()
            editor.start()
            editor.join(timeout=0.5)
            assert editor.is_alive(), "the editor should wait for the renaming"
        editor.join()
        assert find("宇宙大银 渔民出海") == ["案例"]


class TestFrequencies:
    """How many entries a lexeme stands in is right after every write."""

    def frequency(self, lexeme: str) -> tuple[int, int]:
        entries, counts = frequencies.of_lexemes([lexeme])
        return entries, counts.get(lexeme, 0)

    def test_counts_entries_not_occurrences(self, make_case):
        make_case("甲", "渔民和渔民")
        make_case("乙", "渔民")
        make_case("丙")
        assert self.frequency("渔民") == (3, 2)

    def test_follows_changes_and_removals(self, make_case):
        case = make_case("甲", "渔民")
        make_case("乙", "渔民").delete()
        assert self.frequency("渔民") == (1, 1)
        case.body = "农民"
        case.save()
        assert self.frequency("渔民") == (1, 0)
        assert self.frequency("农民") == (1, 1)

    def test_compacting_changes_no_figure(self, make_case):
        for title in "甲乙丙":
            make_case(title, "渔民").save()
        before = self.frequency("渔民")
        frequencies.compact()
        assert self.frequency("渔民") == before == (3, 3)
        assert LexemeCount.objects.filter(lexeme="渔民").count() == 1


def names_seen() -> list[str]:
    """By a connection of its own, as a process of its own has it."""
    names = []

    def look():
        names.extend(lexicon.current().by_name)
        connection.close()

    reader = threading.Thread(target=look)
    reader.start()
    reader.join()
    return names


class TestVersionOfNames:
    """The names that a process keeps are those of the database, whoever changes them and however."""

    @pytest.fixture
    def known(self):
        return lambda name: name in lexicon.current().by_name

    def test_bulk_writes_are_seen(self, icbc, known):
        assert not known("宇宙行")
        BankAlias.objects.bulk_create([BankAlias(bank=icbc, name="宇宙行")])
        assert known("宇宙行")
        BankAlias.objects.filter(name="宇宙行").update(name="全球行")
        assert known("全球行")
        assert not known("宇宙行")

    def test_raw_sql_is_seen(self, icbc, known):
        assert known("工行")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_bankalias SET name = '宇宙行'")
            assert known("宇宙行")
            with cursor.copy("COPY catalog_bankalias (bank_id, name) FROM STDIN") as copy:
                copy.write_row([icbc.pk, "全球行"])
            assert known("全球行")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE catalog_bankalias")
        assert not known("宇宙行")

    def test_a_savepoint_rolled_back_leaves_nothing(self, icbc, known):
        Product.objects.create(bank=icbc, name="园区贷")
        try:
            with transaction.atomic():
                Product.objects.create(bank=icbc, name="渔民贷")
                assert known("渔民贷")
                raise ZeroDivisionError
        except ZeroDivisionError:
            assert not known("渔民贷")
        assert known("园区贷")

    def test_a_change_of_no_name_keeps_what_is_built(self, icbc):
        before = lexicon.current()
        Bank.objects.update(position=7)
        assert lexicon.current() is before

    def test_lines_are_tidied_up(self, icbc, known):
        for number in range(1_000):
            Product.objects.filter(bank=icbc).update(name=str(number))
        assert NameChange.objects.count() < 990
        icbc.aliases.update(name="宇宙行")
        assert known("宇宙行")

    @pytest.mark.django_db(transaction=True)
    def test_others_see_a_change_when_it_is_committed(self, icbc, known):
        assert "渔民贷" not in names_seen()
        with transaction.atomic():
            Product.objects.create(bank=icbc, name="渔民贷")
            assert known("渔民贷")
            assert "渔民贷" not in names_seen()
            assert known("渔民贷")
        assert "渔民贷" in names_seen()

    @pytest.mark.django_db(transaction=True)
    def test_two_writers_do_not_wait_for_each_other(self, icbc, known):
        """The line of the one who began first may be the last to be seen."""

        def write():
            for number in range(300):
                Product.objects.create(bank=icbc, name=f"产品{number}")
            connection.close()

        writer = threading.Thread(target=write)
        with transaction.atomic():
            icbc.aliases.update(name="宇宙行")
            writer.start()
            writer.join(timeout=30)
            assert not writer.is_alive()
            assert "产品299" in (seen := names_seen())
            assert "宇宙行" not in seen
        assert "宇宙行" in names_seen()
