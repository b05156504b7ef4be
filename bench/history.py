"""What the history of every write costs: an import of made cases, and writes of all of them at once.

    python -m bench.history [--cases 22000]

Three databases in turn on the bench's own server: without triggers of the history; with those of the catalogue, once a
statement; and with those that django-pghistory makes by default, once a row with all of its columns.
"""

import argparse
import os
import time

from bench.tables import table
from config.friendly import PROJECT

FOLDER = PROJECT / "var" / "bench"
WAYS = ("without", "statement", "row")
EVENTS = ("catalog_caseevent", "catalog_caseproductevent", "pghistory_context")
WRITES = {
    "publish all": "UPDATE catalog_case SET status = 'draft'",
    "every body": "UPDATE catalog_case SET body = body || '改'",
    "imported only": "UPDATE catalog_case SET imported = imported || '{\"x\": 1}'",
    "delete all": "DELETE FROM catalog_case_products; DELETE FROM catalog_doubt; DELETE FROM catalog_case",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=22_000)
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.search.settings"
    os.environ["BENCH_DATABASE"] = "bench_history"
    import django

    django.setup()
    from bench.search.corpus import load_material, write_rows

    path = FOLDER / f"history-{options.cases}.jsonl"
    if not path.exists():
        write_rows(load_material(PROJECT / "seeds", FOLDER / "material.json"), options.cases, path)
    results = {way: _measured(way, path) for way in WAYS}
    rows = [[name, *(f"{results[way][name]:.1f}" for way in WAYS)] for name in results["without"]]
    print(table(["seconds, MB", *WAYS], rows))


def _measured(way: str, path) -> dict[str, float]:
    from bench.search.database import connect, create, manage

    create("bench_history")
    manage("bench_history", "migrate", "--verbosity=0")
    with connect("bench_history") as connection:
        for statement in _triggers(way):
            connection.execute(statement)
        figures = {"import": manage("bench_history", "import_cases", str(path))}
        figures["MB after the import"] = _megabytes(connection)
        for name, statements in WRITES.items():
            start = time.perf_counter()
            for statement in statements.split(";"):
                connection.execute(statement)
            figures[name] = time.perf_counter() - start
            figures[f"MB after it: {name}"] = _megabytes(connection)
    return figures


def _triggers(way: str) -> list[str]:
    """The statements that bring a fresh database into one of the ways."""
    import pgtrigger
    from pghistory.trigger import Event

    from catalog.models import Case, CaseEvent, CaseProductEvent
    from catalog.models.history import CaseProduct

    if way == "statement":
        return []
    ours = "SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) FROM pg_trigger "
    drop = f"DO $$ DECLARE line text; BEGIN FOR line IN {ours} WHERE tgname LIKE 'pgtrigger_history%' LOOP "
    disabled = [drop + "EXECUTE line; END LOOP; END $$"]
    if way == "without":
        return disabled
    operations = {"insert": pgtrigger.Insert, "update": pgtrigger.Update, "delete": pgtrigger.Delete}
    return disabled + [
        Event(
            event_model=event,
            label=label,
            name=f"row_{label}",
            row="OLD" if label == "delete" else "NEW",
            operation=operation,
            level=pgtrigger.Row,
        )
        .compile(model)
        .install_sql
        for model, event in ((Case, CaseEvent), (CaseProduct, CaseProductEvent))
        for label, operation in operations.items()
    ]


def _megabytes(connection) -> float:
    sizes = "SELECT sum(pg_total_relation_size(to_regclass(name))) FROM unnest(%s::text[]) AS name"
    return float(connection.execute(sizes, [list(EVENTS)]).fetchone()[0]) / 1e6


if __name__ == "__main__":
    main()
