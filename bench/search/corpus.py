"""Same-domain cases by the thousand, recombined from the sentences of the catalogue's own. No database here.

Case n depends on n alone: a corpus of 10,000 is the beginning of one of 1,000,000, and neither is ever held in memory.
As every sentence comes from some seventy cases, the words of the trade stand in most of the made ones: the worst that
can happen to a ranking. Some sentences are drawn far more often than others, so that there are rare words as well.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from random import Random

LENGTH = (1_680, 450)  # characters from which on a body ends, mean and standard deviation: bodies of about 1,900
SHORTEST = 400
FIRST_DAY, DAYS = date(2014, 1, 1), 4_000
UNDATED = 0.1  # the share of cases without a date, as without a chapter
# How often the sentence of rank r is drawn: (r + FLAT) ** -STEEP. The first stands in about two cases of five, the last
# in about one of a thousand.
FLAT, STEEP = 30, 1.5

_SENTENCE = re.compile(r"[^。！？；]+[。！？；]?")
_TITLE_PART = re.compile(r"[^，。：:——“”\"\s]{4,}")


@dataclass(frozen=True)
class Material:
    """What cases are made of. Each list is in the order of a fixed shuffle; earlier pieces are drawn more often.

    `banks` are (catalogue name, kind, code, its products' names).
    """

    titles: list[str]
    sentences: list[str]
    headings: list[str]
    banks: list[tuple[str, str, str, list[str]]]
    chapters: list[tuple[str, str]]

    @cached_property
    def fingerprint(self) -> str:
        """Of the material and of the way cases are made of it."""
        made = json.dumps(asdict(self), ensure_ascii=False) + Path(__file__).read_text(encoding="utf-8")
        return hashlib.sha256(made.encode()).hexdigest()


@dataclass(frozen=True)
class Document:
    """A made case. `paragraphs` are lists of sentences, each with its heading; names are as the catalogue has them."""

    number: int
    title_parts: tuple[str, str]
    bank: str
    kind: str
    category: str
    products: tuple[str, ...]
    published_on: date | None
    summary: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def title(self) -> str:
        """Like no other's."""
        return f"{self.title_parts[0]}——{self.title_parts[1]}（{self.number}）"

    @property
    def row(self) -> dict:
        """As `import_cases` takes it."""
        parts = [part for heading, sentences in self.sections for part in (f"## {heading}", "".join(sentences))]
        return {
            "id": self.number,
            "title": self.title,
            "bank": self.bank,
            "category": self.category,
            "products": list(self.products),
            "date": self.published_on.isoformat() if self.published_on else "",
            "summary": self.summary,
            "body": "\n\n".join(parts),
        }

    @property
    def texts(self) -> Iterator[str]:
        """All that is searched, in pieces that cases share (but for the number)."""
        yield from (*self.title_parts, str(self.number), self.bank, *self.products, self.category, self.summary)
        for heading, sentences in self.sections:
            yield heading
            yield from sentences


def documents(material: Material, start: int, stop: int) -> Iterator[Document]:
    """Cases number `start` to `stop`, the last not included. The first of all is 1."""
    sentences = _drawn(material.sentences)
    banks = [1 / (rank + 2) for rank in range(len(material.banks))]
    chapters = [1 / (rank + 4) for rank in range(len(material.chapters))]
    for number in range(start, stop):
        chance = Random(number)
        bank, kind, _, products = chance.choices(material.banks, banks)[0]
        category = chance.choices(material.chapters, chapters)[0][0] if chance.random() >= UNDATED else ""
        day = FIRST_DAY + timedelta(int(DAYS * chance.random() ** 0.5)) if chance.random() >= UNDATED else None
        length = max(SHORTEST, chance.gauss(*LENGTH))
        yield Document(
            number=number,
            title_parts=tuple(chance.choices(material.titles, k=2)),
            bank=bank,
            kind=kind,
            category=category,
            products=tuple(dict.fromkeys(chance.choices(products, k=chance.randrange(4)))) if products else (),
            published_on=day,
            summary=chance.choices(material.sentences, cum_weights=sentences)[0],
            sections=_sections(material, sentences, chance, length),
        )


def _sections(material: Material, weights: list[float], chance: Random, length: float):
    sections, written = [], 0
    while written < length:
        heading = chance.choice(material.headings)
        drawn = tuple(chance.choices(material.sentences, cum_weights=weights, k=chance.randrange(3, 8)))
        sections.append((heading, drawn))
        written += len(heading) + sum(map(len, drawn))
    return tuple(sections)


def _drawn(pieces: list[str]) -> list[float]:
    """Cumulative weights by rank."""
    return list(accumulate((rank + FLAT) ** -STEEP for rank in range(len(pieces))))


def write_rows(material: Material, cases: int, path: Path) -> None:
    """The file that `import_cases` reads. Under its name only when whole."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8") as file:
        for document in documents(material, 1, cases + 1):
            file.write(json.dumps(document.row, ensure_ascii=False) + "\n")
    unfinished.rename(path)


def load_material(seeds: Path, kept: Path) -> Material:
    """The material of the documents in `seeds`. Reading these takes a while, so it is kept beside their checksum."""
    checksum = _checksum(seeds)
    if kept.exists():
        record = json.loads(kept.read_text(encoding="utf-8"))
        if record.pop("checksum") == checksum:
            return Material(**record)
    material = _read_material(seeds)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"checksum": checksum, **asdict(material)}, ensure_ascii=False), encoding="utf-8")
    return material


def _checksum(seeds: Path) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sorted(seeds.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read_material(seeds: Path) -> Material:
    from catalog.importing.corrections import load_corrections
    from catalog.importing.decoding import read_document
    from catalog.importing.files import find_documents
    from catalog.importing.readers import read
    from catalog.importing.reference import load_reference

    reference = load_reference(seeds)
    cases = [
        case
        for path in find_documents([seeds])
        for case in read(read_document(path), reference, load_corrections(path)).cases
    ]
    return material_of(cases, reference)


def material_of(cases, reference) -> Material:
    """`cases` are drafts as the importer reads them."""
    sentences, headings, titles, products = {}, {}, {}, {}
    banks = Counter(case.bank for case in cases if case.bank)
    for case in cases:
        titles |= dict.fromkeys(_TITLE_PART.findall(case.full_title))
        products.setdefault(case.bank, {}).update(dict.fromkeys(product.name for product in case.products))
        for block in case.blocks:
            if block.kind == "heading":
                headings[block.text] = None
            elif block.kind == "paragraph":
                sentences |= dict.fromkeys(part.strip() for part in _SENTENCE.findall(block.text) if len(part) > 5)
    return Material(
        titles=_shuffled(titles),
        sentences=_shuffled(sentences),
        headings=_shuffled(headings),
        banks=[
            (bank.name, bank.kind, bank.code, list(products.get(bank.name, ())))
            for bank in sorted(reference.banks, key=lambda bank: -banks[bank.name])
        ],
        chapters=[(chapter.name, chapter.code) for chapter in reference.chapters],
    )


def _shuffled(pieces) -> list[str]:
    return Random(1).sample(sorted(pieces), len(pieces))
