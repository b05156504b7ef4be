"""Whatever is written, in any order and by any way: the index is what follows from the cases, and no draft shows.

`HYPOTHESIS_PROFILE=thorough` tries 500 sequences, and others each time; the usual ten are always the same.
"""

import json
import os
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.importing.database.run import import_documents
from catalog.models import Bank, BankAlias, Case, Category, Product
from catalog.search import deferred_indexing, find_differences, reindex
from catalog.search.snapshot import build

settings.register_profile("usual", max_examples=10, derandomize=True)
settings.register_profile("thorough", max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

BANKS = """
[[bank]]
code = "icbc"
name = "工商银行"
kind = "国有大型商业银行"
aliases = ["工行"]

[[bank]]
code = "webank"
name = "微众银行"
kind = "民营银行"
"""
CHAPTERS = """
[[chapter]]
code = "kangyi"
name = "聚力抗疫"
order = 1

[[chapter]]
code = "xiaowei"
name = "服务小微"
order = 2
"""
# Every title has one of its own, which stands nowhere else: so a page tells whose title is on it.
TOKENS = ["茶农", "渔民", "菜农", "牧民", "果农", "花农", "蚕农", "棉农"]
WORDS = "融资贷款"
SQL_COLUMNS = ["title", "body", "status"]


class Catalogue:
    """What a sequence works on. A step names its case by a number; where there are none it does nothing."""

    def __init__(self, folder: Path, editor: Client):
        self.folder, self.editor, self.made = folder, editor, 0

    def case(self, number: int) -> Case | None:
        cases = list(Case.objects.order_by("pk"))
        return cases[number % len(cases)] if cases else None

    def title(self, number: int) -> str:
        self.made += 1
        return f"{TOKENS[number % len(TOKENS)]}{self.made}号"

    def create(self, number: int, other: int) -> None:
        status = ["public", "public", "draft"][other % 3]
        Case.objects.create(title=self.title(number), body=WORDS, status=status, bank=self.bank(other))

    def bulk_create(self, number: int, other: int) -> None:
        title = self.title(number)
        Case.objects.bulk_create([Case(title=title, slug=title, body=WORDS, status=["public", "draft"][other % 2])])

    def bank(self, number: int) -> Bank | None:
        return [*Bank.objects.order_by("pk"), None][number % 3]

    def save(self, number: int, other: int) -> None:
        if case := self.case(number):
            case.title, case.body = self.title(other), WORDS * (other % 4)
            case.bank, case.category = self.bank(other), Category.objects.order_by("pk")[other % 2]
            case.status = ["public", "draft"][other % 2]
            case.save()
            case.products.set(Product.objects.order_by("pk")[: other % 3])

    def bulk_action(self, number: int, other: int) -> None:
        """The editors' own page."""
        if case := self.case(number):
            action = ["publish", "withdraw"][other % 2]
            page = reverse("admin:catalog_case_changelist")
            assert self.editor.post(page, {"action": action, "_selected_action": [case.pk]}).status_code == 302

    def update(self, number: int, other: int) -> None:
        cases = Case.objects.filter(pk__in=[case.pk for case in [self.case(number)] if case])
        cases.update(**[{"status": "draft"}, {"status": "public"}, {"title": self.title(other)}][other % 3])

    def delete(self, number: int, other: int) -> None:
        if case := self.case(number):
            case.delete()

    def sql_update(self, number: int, other: int) -> None:
        if case := self.case(number):
            column = SQL_COLUMNS[other % 3]
            value = {"title": self.title(other), "body": "茶饼", "status": ["draft", "public"][other % 2]}[column]
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE catalog_case SET {column} = %s WHERE id = %s", [value, case.pk])

    def sql_delete(self, number: int, other: int) -> None:
        if case := self.case(number):
            with connection.cursor() as cursor:
                for table in ("catalog_doubt", "catalog_case_products"):
                    cursor.execute(f"DELETE FROM {table} WHERE case_id = %s", [case.pk])
                cursor.execute("DELETE FROM catalog_case WHERE id = %s", [case.pk])

    def load(self, number: int, other: int) -> None:
        """An import: rows that were there before with another text, and new ones."""
        path = self.folder / "rows.jsonl"
        statuses = ["public", "draft"]
        rows = [
            {
                "id": f"{row}",
                "title": f"{TOKENS[row]}{row}行",
                "text": WORDS * (1 + (row + other) % 3),
                "bank": ["工行", "微众银行", ""][(row + other) % 3],
                "status": statuses[(row + other) % 2],
                "products": ["园区e贷"],
            }
            for row in range(1 + number % 3)
        ]
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        import_documents([path], self.folder)

    def change_alias(self, number: int, other: int) -> None:
        name = f"{TOKENS[number % len(TOKENS)]}行"
        if other % 2:
            BankAlias.objects.filter(name=name).delete()
        else:
            BankAlias.objects.update_or_create(name=name, defaults={"bank": Bank.objects.order_by("pk")[number % 2]})

    def rename_chapter(self, number: int, other: int) -> None:
        chapter, name = Category.objects.order_by("pk")[number % 2], f"{TOKENS[other % len(TOKENS)]}章{number % 2}"
        if other % 2:
            chapter.name = name
            chapter.save()
        else:
            Category.objects.filter(pk=chapter.pk).update(name=name)

    def rename_bank(self, number: int, other: int) -> None:
        Bank.objects.filter(pk=Bank.objects.order_by("pk")[number % 2].pk).update(name=f"第{number % 2}宇宙银行{other}")

    def move_chapter(self, number: int, other: int) -> None:
        if case := self.case(number):
            Case.objects.filter(pk=case.pk).update(category=Category.objects.order_by("pk")[other % 2])

    def roll_back(self, number: int, other: int) -> None:
        with transaction.atomic():
            self.save(number, other)
            self.delete(other, number)
            self.bulk_create(number, other)
            transaction.set_rollback(True)

    def many_at_once(self, number: int, other: int) -> None:
        with deferred_indexing():
            self.save(number, other)
            self.update(other, number)
            self.create(number, other)

    def index_again(self, number: int, other: int) -> None:
        if case := self.case(number):
            reindex([case.pk])

    def take_a_snapshot(self, number: int, other: int) -> None:
        build.build_snapshot()


STEPS = sorted(name for name, value in vars(Catalogue).items() if callable(value) and name[0] != "_")
STEPS = [name for name in STEPS if name not in ("case", "title", "bank")]
SEQUENCES = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=10)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "banks.toml").write_text(BANKS, encoding="utf-8")
    (tmp_path / "chapters.toml").write_text(CHAPTERS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def editor(db) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("editor"))
    return client


@pytest.mark.slow
@pytest.mark.django_db
def test_the_index_follows_and_no_draft_shows(folder, editor, monkeypatch):
    monkeypatch.setattr(build, "LEAST", 2)
    reader = Client()

    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(SEQUENCES)
    def follows(steps):
        with transaction.atomic():
            catalogue = Catalogue(folder, editor)
            catalogue.load(2, 0)
            for name, number, other in steps:
                getattr(catalogue, name)(number, other)
            check(reader)
            transaction.set_rollback(True)

    follows()


def check(reader: Client) -> None:
    titles = {status: set() for status in Case.Status.values}
    for status, title in Case.objects.values_list("status", "title"):
        titles[status].add(title)
    pages = shown_pages(reader)
    assert not find_differences()
    for title in titles["draft"]:
        for address, content in pages.items():
            assert title not in content, address
    public = Case.objects.filter(status="public")
    listed = json.loads(pages[reverse("api-cases")])
    assert {row["title"] for row in listed["results"]} == titles["public"]
    assert listed["count"] == public.count()
    for facet in listed["facets"]:
        column = {"bank": "bank", "category": "category"}.get(facet["name"])
        if column:
            wanted = public.exclude(**{column: None}).count()
            assert sum(option["count"] for option in facet["options"]) == wanted, facet["name"]
    for case in public:
        found = json.loads(reader.get(reverse("api-cases"), {"q": f'"{case.title}"'}).content)
        assert case.pk in [row["id"] for row in found["results"]]


def shown_pages(reader: Client) -> dict[str, str]:
    """What a reader may see, by address."""
    addresses = [
        *map(reverse, ["home", "cases", "banks", "categories", "products", "sources", "api-cases"]),
        *(row.get_absolute_url() for model in (Bank, Category, Product) for row in model.objects.all()),
        *(case.get_absolute_url() for case in Case.objects.public()),
        *(f"{reverse('suggestions')}?q={token}" for token in TOKENS),
        f"{reverse('cases')}?q={WORDS}",
        f"{reverse('cases')}?q={TOKENS[0]}",
        f"{reverse('api-cases')}?q={WORDS}",
    ]
    return {address: reader.get(address).content.decode() for address in addresses}
