"""How much one case, one line, one file may be: every limit of what the catalogue takes in stands here.

Each is far above what real documents need (the longest section of a large documentation set has 190,000 characters, the
casebook that comes with the catalogue 137,000), and low enough that nothing within it holds up a reader, a search or an
import. `docs/importing.md` says them to editors. Lengths are in characters unless a name says bytes.
"""

from collections.abc import Mapping, Sequence

# A search shows a passage of each of twenty cases: of twenty as long as this one it takes two seconds.
BODY = 500_000
BODY_LINES = 20_000
SUMMARY = 20_000
TITLE = 300
BRANCH = 100
CATEGORY = 30
BANK = 100
PUBLISHER = 200
REF = 100
# Items of the lists of a case, and characters of one of them.
CAPTIONS, CAPTION = 1_000, 2_000
AUTHORS, AUTHOR = 200, 60
PRODUCTS, PRODUCT = 200, 100
DOUBTS, DOUBT = 100, 30
PLACES = 2 * BODY_LINES  # of pieces of a body in its source
PLACE_SPANS = 1_000
# All captions together.
CAPTIONS_TEXT = 200_000

TEXTS: Mapping[str, int] = {
    "title": TITLE,
    "subtitle": TITLE,
    "branch": BRANCH,
    "category": CATEGORY,
    "chapter": 50,
    "bank": BANK,
    "publisher": PUBLISHER,
    "ref": REF,
    "summary": SUMMARY,
    "body": BODY,
    "text": BODY,
}
LISTS: Mapping[str, tuple[int, int]] = {
    "captions": (CAPTIONS, CAPTION),
    "authors": (AUTHORS, AUTHOR),
    "products": (PRODUCTS, PRODUCT),
    "doubts": (DOUBTS, DOUBT),
}
# Of a value of any other kind (a date, a number): what is longer is none.
SHORT = 1_000

# A document of text, which is read as a whole.
DOCUMENT_BYTES = 8_000_000
DOCUMENT_LINES = 200_000
DOCUMENT_LINE = 100_000
# Of an article, menus and notices of its page included: it becomes one case.
ARTICLE = 2 * BODY
# Seconds of computing for one document; the casebook that comes with the catalogue takes eight.
DOCUMENT_SECONDS = 180.0

# A file of rows, which is read line by line: on the disk, and unpacked.
ROWS_BYTES = 4_000_000_000
# An archive that unpacks to more than this is no text: Chinese text becomes a third, the most repetitive table a
# fiftieth.
PACKING_RATIO = 100
PACKING_FREE_BYTES = 64_000_000  # that any archive may unpack to
ROWS = 500_000
ROWS_LINES = 20_000_000
# Of one row, all that its cells hold: a body as long as it may be, written in escapes, with the places of its pieces.
ROW_BYTES = 8_000_000
COLUMNS = 200
COLUMN_NAME = 100
# A workbook: all its files unpacked, and those of them that are held, such as its table of texts.
WORKBOOK_BYTES = 1_000_000_000
WORKBOOK_STRINGS_BYTES = 400_000_000
WORKBOOK_PARTS = 10_000

# What one import takes: a folder, all paths together.
FILES = 10_000
FOLDER_ENTRIES = 200_000
DOCUMENTS_BYTES = 64_000_000  # of documents of text, which are held together
CORRECTIONS_BYTES = 2_000_000


def megabytes(size: int) -> str:
    """A number of bytes as editors write it."""
    return f"{size / 1_000_000:g} MB"


def overlong_text(field: str, text: str) -> str | None:
    """What is too long about a text of a case, as a Chinese clause without its subject; None if nothing is."""
    if len(text) > TEXTS.get(field, SHORT):
        return f"超过 {TEXTS.get(field, SHORT)} 字"
    if field in ("body", "text") and text.count("\n") > BODY_LINES:  # counted first without a list of them
        lines = sum(1 for line in text.split("\n") if line.strip())
        return f"超过 {BODY_LINES} 行" if lines > BODY_LINES else None
    return None


def overlong_list(field: str, items: Sequence[str]) -> str | None:
    """As `overlong_text`, of a list of texts."""
    most, longest = LISTS[field]
    if len(items) > most:
        return f"超过 {most} 项"
    if any(len(item) > longest for item in items):
        return f"有一项超过 {longest} 字"
    if field == "captions" and sum(map(len, items)) > CAPTIONS_TEXT:
        return f"合计超过 {CAPTIONS_TEXT} 字"
    return None
