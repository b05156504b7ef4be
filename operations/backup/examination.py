"""What a database holds and what it answers: of a copy and its original both are the same.

An examination runs in a process of its own, which knows nothing of another database: names, vocabulary and columns of
the search live in a process for as long as it does.
"""

import hashlib
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import pairwise

from django.conf import settings
from django.db import connection, transaction

from config.friendly import SetupError
from config.processes import process_pool

# By kind of thing: its name, how many there are, and a sum over them that does not depend on their order.
Contents = dict[str, list]
# Of each question: what was typed, how many cases match, the keys of the first ones.
Answers = list[list]

QUESTIONS = 20
FIRST = 20  # cases of an answer
# Kinds of things that a dump might leave behind, counted. NOT NULL is a constraint in some versions only.
_STRUCTURE = {
    "indexes": "SELECT count(*) FROM pg_index JOIN pg_class ON indexrelid = pg_class.oid WHERE relnamespace = ANY(%s)",
    "constraints": "SELECT count(*) FROM pg_constraint WHERE connamespace = ANY(%s) AND contype <> 'n'",
    "triggers": "SELECT count(*) FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid "
    "WHERE NOT tgisinternal AND relnamespace = ANY(%s)",
    "functions": "SELECT count(*) FROM pg_proc WHERE pronamespace = ANY(%s)",
    "sequences": "SELECT count(*) FROM pg_class WHERE relkind = 'S' AND relnamespace = ANY(%s)",
}
_SCHEMAS = "SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
TABLES = (
    "SELECT format('%I.%I', nspname, relname) FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid "
    "WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1"
)


@dataclass(frozen=True)
class Findings:
    """`is_indexed`: whether the search's index is that of the cases, None where it was not looked at."""

    contents: Contents
    answers: Answers | None = None
    is_indexed: bool | None = None


def examine(
    database: str, *, snapshot: str = "", ask: bool = False, questions: list[str] | None = None, index: bool = False
) -> Findings:
    """What a database of the site's server holds; as of an exported `snapshot` where one is named.

    `ask`: searches too, those of `questions`, else some made of its own titles and names; `index`: the search's index
    too, which makes the entry of every case anew. Raises SetupError where the process was killed.
    """
    with process_pool(1, database) as pool:
        try:
            return pool.submit(_examine, snapshot, ask, questions, index).result()
        except BrokenProcessPool as error:
            raise SetupError("核对备份的进程意外结束（可能内存不足）：请稍后重试") from error


def difference(original: Findings, copy: Findings) -> str | None:
    """In which thing the copy is another, None if in none."""
    for name in sorted(original.contents.keys() | copy.contents.keys()):
        if original.contents.get(name) != copy.contents.get(name):
            return name
    return _different_answer(original.answers, copy.answers)


def _different_answer(before: Answers | None, after: Answers | None) -> str | None:
    for expected, given in zip(before or [], after or [], strict=True):
        if expected != given:
            return f"检索“{expected[0]}”"
    return None


def release() -> str:
    """What the code and its libraries are that search and write: the same release answers the same."""
    digest = hashlib.sha256((settings.BASE_DIR / "requirements" / "base.txt").read_bytes())
    for path in sorted((settings.BASE_DIR / "catalog").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _examine(snapshot: str, ask: bool, questions: list[str] | None, index: bool) -> Findings:
    if ask:
        from catalog.search import read_ahead

        read_ahead()  # outside of the transaction: the vocabulary is made by a thread of its own
    with transaction.atomic():
        if snapshot:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                # The name cannot be a parameter; it is hexadecimal digits and lines.
                cursor.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        contents = _contents()
        answers = _answers(questions if questions is not None else _questions()) if ask else None
    return Findings(contents, answers, _is_indexed() if index else None)


def _contents() -> Contents:
    contents: Contents = {}
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(
                "SELECT count(*), coalesce(sum(hashtextextended(line::text, 0)::numeric), 0)::text "
                f"FROM {table} AS line"
            )
            contents[f"table {table}"] = list(cursor.fetchone())
        cursor.execute(_SCHEMAS)
        schemas = [schema for (schema,) in cursor.fetchall()]
        for kind, statement in _STRUCTURE.items():
            cursor.execute(statement, [schemas])
            contents[kind] = list(cursor.fetchone())
    return contents


def _questions() -> list[str]:
    """Parts of titles, and names of banks with a word of a title, of cases spread over the catalogue."""
    from catalog.models import Case

    keys = list(Case.objects.public().order_by("pk").values_list("pk", flat=True))
    chosen = [keys[place * len(keys) // QUESTIONS] for place in range(QUESTIONS)] if keys else []
    cases = Case.objects.filter(pk__in=chosen).select_related("bank").order_by("pk")
    questions = []
    for place, (before, case) in enumerate(pairwise([None, *cases])):
        match place % 4:
            case 0:
                questions.append(case.title[:4])
            case 1:
                questions.append(case.title[-6:])
            case 2:
                questions.append(f"{case.bank.name if case.bank else ''} {case.title[:2]}".strip())
            case 3:
                questions.append(f"{case.title[:2]} {before.title[-2:]}")
    return list(dict.fromkeys(question for question in questions if question.strip()))


def _answers(questions: list[str]) -> Answers:
    from catalog.models import Case
    from catalog.search import search_cases

    answers: Answers = []
    for question in questions:
        matches = search_cases(Case.objects.public(), question)
        answers.append([question, matches.count(), list(matches.values_list("pk", flat=True)[:FIRST])])
    return answers


def _is_indexed() -> bool:
    from catalog.search import find_differences, index_is_current

    return index_is_current() and not find_differences()
