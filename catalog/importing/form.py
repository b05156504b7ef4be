"""The one form in which a case leaves the catalogue and may come back: a JSON object a line.

An export, a dry run and a preview write it, `rows` read it. `docs/rows.md` documents it: later versions add keys, and
never another form.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date

# The case's own fields, with what they hold where nothing is said.
EMPTY: Mapping[str, object] = {
    "number": None,
    "status": "public",
    "title": "",
    "subtitle": "",
    "title_inferred": False,
    "branch": "",
    "category_confidence": None,
    "summary": "",
    "body": "",
    "captions": [],
    "authors": [],
    "published_on": None,
    "script": "hans",
    "first_line": None,
    "last_line": None,
    "first_page": None,
    "last_page": None,
    "provenance": [],
}
_DASH = "——"
LONGEST_ID = 100
_ID = re.compile(r"#((?:ref|slug):.*)$")


def case_row(
    fields: Mapping[str, object],
    *,
    id: str,
    source: str,
    publisher: str,
    bank: str | None,
    category: str | None,
    chapter: str | None,
    products: Iterable[Iterable[str]],
    doubts: Iterable[str],
) -> dict[str, object]:
    """`fields`: values of `EMPTY`'s names, JSON values or dates. `bank` and `category`: names. `chapter`: the code of
    the category. `products`: all spellings of each, the usual one first. `doubts`: names of fields, repeated or not.
    """
    values = {**EMPTY, **fields}
    title, subtitle, day = values["title"], values["subtitle"], values["published_on"]
    day = day.isoformat() if isinstance(day, date) else day
    whole = f"{title}{_DASH}{subtitle}" if subtitle else title
    text = "\n".join([whole, values["summary"], values["body"]])
    return {
        "id": id,
        "source": source,
        "number": values["number"],
        "status": values["status"],
        "title": whole,
        "subtitle": subtitle,
        "title_inferred": values["title_inferred"],
        "bank": bank,
        "branch": values["branch"],
        "category": category,
        "chapter": chapter,
        "category_confidence": values["category_confidence"],
        "products": sorted({_spelling(tuple(names), text) for names in products}),
        "summary": values["summary"],
        "body": values["body"],
        "captions": values["captions"],
        "authors": values["authors"],
        "publisher": publisher,
        "published_on": day,
        "year": int(day[:4]) if day else None,
        "script": values["script"],
        "first_line": values["first_line"],
        "last_line": values["last_line"],
        "first_page": values["first_page"],
        "last_page": values["last_page"],
        "provenance": values["provenance"],
        "doubts": sorted(set(doubts)),
    }


def id_of(ref: str | None, slug: str) -> str:
    """What tells the case from all others, also after the row was imported elsewhere and exported there: an id stands
    at the end of the ref that an import makes of it.
    """
    if ref and (carried := carried_id(ref)):
        return carried
    kind, name = ("ref", ref) if ref else ("slug", slug)
    if len(kind) + 1 + len(name) > LONGEST_ID:
        name = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
    return f"{kind}:{name}"


def carried_id(ref: str) -> str:
    """The id (see `id_of`) that a row of an export brought along, from the ref that an import makes of it, or ""."""
    carried = _ID.search(ref)
    return carried[1] if carried else ""


def split_title(title: str, subtitle: str) -> tuple[str, str]:
    """The title without the subtitle that a whole title ends with. One that stands for itself is returned as it is."""
    ending = f"{_DASH}{subtitle}"
    whole = subtitle and title.endswith(ending) and len(title) > len(ending)
    return (title.removesuffix(ending) if whole else title), subtitle


def _spelling(names: tuple[str, ...], text: str) -> str:
    """The name as the text first writes it, else the usual one. Which name is the usual one does not matter."""
    places = [(place, -len(name), name) for name in names if (place := text.find(name)) >= 0]
    return min(places)[2] if places else names[0]
