"""What the history of every write costs, in the tables of the cases alone: 22,000 made cases, copied in as an import
does, 500 at once, then written all of them by one statement each.

    python -m bench.history [--cases 22000] [--rounds 3]

In turn, on one database of the bench's own server, each in a transaction that is rolled back: without triggers of the
history; with those of the catalogue, once a statement; with those that django-pghistory makes by default, once a row
with all of its columns.
"""

import argparse
import os
import statistics
import sys
import time
from collections import defaultdict

from bench.tables import table
from config.friendly import PROJECT

FOLDER = PROJECT / "var" / "bench"
DATABASE = "bench_history"
WAYS = ("without", "statement", "row")
EVENTS = ("catalog_caseevent", "catalog_caseproductevent", "pghistory_context")
COLUMNS = (
    "id, title, subtitle, title_inferred, slug, status, branch, summary, body, captions, authors, published_on, "
    "script, provenance, imported, created_at, updated_at"
)
WRITES = {
    "all withdrawn": "UPDATE catalog_case SET status = 'draft'",
    "every body": "UPDATE catalog_case SET body = body || '改'",
    "imported only": "UPDATE catalog_case SET imported = '{\"x\": 1}'",
    "all deleted": "DELETE FROM catalog_case",
}
BATCH = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=22_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.search.settings"
    os.environ["BENCH_DATABASE"] = DATABASE
    import django

    django.setup()
    from bench.search.corpus import documents, load_material
    from bench.search.database import connect, create, manage

    material = load_material(PROJECT / "seeds", FOLDER / "material.json")
    rows = [_row(document) for document in documents(material, 1, options.cases + 1)]
    create(DATABASE)
    manage(DATABASE, "migrate", "--verbosity=0")
    figures = defaultdict(lambda: defaultdict(list))
    with connect(DATABASE) as connection:
        for statement in _by_row():
            connection.execute(statement)
        for _ in range(options.rounds):
            for way in WAYS:
                measured = _measured(connection, way, rows)
                print(way, {name: round(figure, 2) for name, figure in measured.items()}, file=sys.stderr, flush=True)
                for name, figure in measured.items():
                    figures[name][way].append(figure)
    lines = [[name, *(f"{statistics.median(by_way[way]):.2f}" for way in WAYS)] for name, by_way in figures.items()]
    print(table(["seconds, MB", *WAYS], lines))


def _row(document) -> tuple:
    body, title = document.row["body"], document.title
    dates = (document.published_on, "hans", "[]", "{}", "now", "now")
    return (
        document.number,
        title,
        "",
        False,
        str(document.number),
        "public",
        "",
        document.summary,
        body,
        [],
        [],
        *dates,
    )


def _measured(connection, way: str, rows: list[tuple]) -> dict[str, float]:
    figures = {}
    with connection.transaction(force_rollback=True):
        for statement in _switches(way):
            connection.execute(statement)
        before = _megabytes(connection)
        start = time.perf_counter()
        for first in range(0, len(rows), BATCH):
            with connection.cursor().copy(f"COPY catalog_case ({COLUMNS}) FROM STDIN") as copy:
                for row in rows[first : first + BATCH]:
                    copy.write_row(row)
        figures["copied in"] = time.perf_counter() - start
        figures["MB: copied in"] = _megabytes(connection) - before
        for name, statement in WRITES.items():
            before, start = _megabytes(connection), time.perf_counter()
            connection.execute(statement)
            figures[name] = time.perf_counter() - start
            figures[f"MB: {name}"] = _megabytes(connection) - before
    return figures


def _switches(way: str) -> list[str]:
    """The statements by which only the triggers of this way act."""
    block = (
        "DO $$ DECLARE line text; BEGIN FOR line IN SELECT format('ALTER TABLE %s {deed} TRIGGER %I', "
        "tgrelid::regclass, tgname) FROM pg_trigger WHERE tgname LIKE '{name}%' LOOP EXECUTE line; END LOOP; END $$"
    )
    names = {"statement": "pgtrigger_history", "row": "pgtrigger_row"}
    deeds = {name: "ENABLE" if way == of_way else "DISABLE" for of_way, name in names.items()}
    return [block.replace("{deed}", deed).replace("{name}", name) for name, deed in deeds.items()]


def _by_row() -> list[str]:
    """The triggers of `row`."""
    import pgtrigger
    from pghistory.trigger import Event

    from catalog.models import Case, CaseEvent

    operations = {"insert": pgtrigger.Insert, "update": pgtrigger.Update, "delete": pgtrigger.Delete}
    return [
        Event(
            event_model=CaseEvent,
            label=label,
            name=f"row_{label}",
            row="OLD" if label == "delete" else "NEW",
            operation=operation,
            condition=pgtrigger.AnyChange("title", "status", "summary", "body") if label == "update" else None,
            level=pgtrigger.Row,
        )
        .compile(Case)
        .install_sql
        for label, operation in operations.items()
    ]


def _megabytes(connection) -> float:
    sizes = "SELECT sum(pg_total_relation_size(to_regclass(name))) FROM unnest(%s::text[]) AS name"
    return float(connection.execute(sizes, [list(EVENTS)]).fetchone()[0]) / 1e6


if __name__ == "__main__":
    main()
