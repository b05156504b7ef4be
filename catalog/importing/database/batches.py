"""Many rows at once: keys and addresses of new ones, rows by COPY, and the values and products of cases."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import connection, models

from catalog.importing.drafts import ImportProblem
from catalog.models import Case, Product
from catalog.models.slugs import former_addresses, slug_stem
from config.database.copying import copying
from embedded_postgres import free_space_problem

PRODUCT_LINK = Case.products.through
_UNTOLD = {"provenance"}  # of a case's values, what says nothing to a reader
_GROWTH = 15  # bytes in the database, with its index, for one of a file: 57 MB for 3.9 MB of rows
_NUMBERED = re.compile(r"(.+)-([0-9]{1,9})")


def refuse_full_disk(size: int = 0) -> None:
    """`ImportProblem` before the embedded server's disk is full, which would stop it for everyone.

    `size`: bytes of file still to be imported. A server of one's own looks after its disk itself.
    """
    root = connection.settings_dict.get("EMBEDDED_ROOT")
    if root and (problem := free_space_problem(root, size * _GROWTH)):
        raise ImportProblem(problem)


def next_keys(model, number: int) -> list[int]:
    """Keys of rows to come, so that what refers to them can be made before they are written."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [connection.ops.quote_name(table), column, number],
        )
        return [key for (key,) in cursor.fetchall()]


def copy_in(rows: Sequence[models.Model]) -> None:
    """Rows of one model; either all have a key or none."""
    if not rows:
        return
    meta, quote = rows[0]._meta, connection.ops.quote_name
    fields = [field for field in meta.local_concrete_fields if not (field.primary_key and rows[0].pk is None)]
    columns = ", ".join(quote(field.column) for field in fields)
    with copying(quote(meta.db_table), columns) as copy:
        for row in rows:
            copy.write_row([field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields])


class Slugs:
    """Gives each text an address that neither the database nor the import has: 概述, 概述-2, 概述-3 …

    Keeps the last number of each address that was asked for twice; the database is asked for it once.
    """

    def __init__(self, model):
        self.model = model
        self._last: dict[str, int] = {}

    def take(self, texts: Sequence[str]) -> list[str]:
        stems = [slug_stem(self.model, text) for text in texts]
        taken = set(self.model.objects.filter(slug__in=set(stems)).values_list("slug", flat=True))
        former = former_addresses(self.model).filter(address__in=set(stems))
        taken |= set(former.values_list("address", flat=True))
        repeated = {stem for stem, times in Counter(stems).items() if times > 1 or stem in taken}
        self._last |= self._last_numbers(repeated - self._last.keys())
        return [self._give(stem, taken) for stem in stems]

    def _give(self, stem: str, taken: set[str]) -> str:
        slug = stem
        while slug in taken:
            self._last[stem] += 1
            slug = f"{stem}-{self._last[stem]}"
        taken.add(slug)
        # A title that ends in a number takes the address that its beginning would have come to.
        if (numbered := _NUMBERED.fullmatch(slug)) and numbered[1] in self._last:
            self._last[numbered[1]] = max(self._last[numbered[1]], int(numbered[2]))
        return slug

    def _last_numbers(self, stems: Iterable[str]) -> dict[str, int]:
        """1 for an address without numbered ones. Compared byte by byte, as the index for beginnings is sorted."""
        numbers = dict.fromkeys(stems, 1)
        if numbers:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"""
                    SELECT stem, max(substring(slug FROM length(stem) + 2)::bigint)
                    FROM unnest(%s::text[]) AS stem
                    JOIN (
                        SELECT slug FROM {connection.ops.quote_name(self.model._meta.db_table)}
                        UNION ALL SELECT address FROM catalog_formeraddress WHERE kind = %s
                    ) AS addresses
                      ON slug ~>=~ (stem || '-') AND slug ~<~ (stem || '.')
                    WHERE substring(slug FROM length(stem) + 2) ~ '^[0-9]{{1,9}}$'
                    GROUP BY stem
                    """,
                    [list(numbers), self.model._meta.model_name],
                )
                for stem, number in cursor.fetchall():
                    numbers[stem] = max(1, number)
        return numbers


def assign(row: Case, values: Mapping[str, object], related: Mapping[str, object]) -> None:
    """`values` as a merge compares them; `related`: the rows that stand behind bank and category."""
    for name, value in values.items():
        if name in ("bank", "category"):
            setattr(row, name, related[name])
        elif name == "published_on":
            row.published_on = date.fromisoformat(value) if value else None
        elif name != "products":
            setattr(row, name, value)


def carry(row: Case, products: Iterable[Product]) -> None:
    """Lets `row.products.all()` answer without the database, as after `prefetch_related`."""
    row._prefetched_objects_cache = {"products": list(products)}


def current_values(row: Case, products: Iterable[Product]) -> dict[str, object]:
    """As a merge compares them, of all fields that an import may write."""
    current = {field.name: getattr(row, field.name) for field in Case._meta.concrete_fields if field.name != "source"}
    current["published_on"] = row.published_on and row.published_on.isoformat()
    return current | {
        "bank": row.bank and row.bank.code,
        "category": row.category and row.category.code,
        "products": sorted(product.pk for product in products),
    }


def save(rows: list[Case], columns: set[str]) -> None:
    """One statement whatever differs, as `bulk_create` updates what is there."""
    if rows:
        Case.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=sorted(columns))


def products_of(cases: list[int]) -> dict[int, list[Product]]:
    """By the keys of cases."""
    products = defaultdict(list)
    for link in PRODUCT_LINK.objects.filter(case__in=cases).select_related("product"):
        products[link.case_id].append(link.product)
    return products


def link(products: Mapping[int, list[Product]]) -> None:
    """Sets the products of cases, which are all of them known."""
    if products:
        PRODUCT_LINK.objects.filter(case__in=list(products)).delete()
        copy_in([PRODUCT_LINK(case_id=pk, product_id=product.pk) for pk, rows in products.items() for product in rows])


def told_values(row: Case, products: Iterable[Product], fields: Iterable[str]) -> dict[str, object]:
    """What a case holds in these fields, as an `Outcome` tells it."""
    held = {
        "bank": row.bank and row.bank.name,
        "category": row.category and row.category.name,
        "products": sorted(product.name for product in products),
        "published_on": row.published_on and row.published_on.isoformat(),
    }
    return {name: held[name] if name in held else getattr(row, name) for name in fields if name not in _UNTOLD}


def wanted_values(
    values: Mapping[str, object], related: Mapping[str, object], fields: Sequence[str]
) -> dict[str, object]:
    """What a file wants in fields in which an edit stays."""
    wanted = Case()
    assign(wanted, {name: values[name] for name in fields}, related)
    return told_values(wanted, related.get("products", ()) if "products" in fields else (), fields)
