"""How much a lexeme says about a case: BM25 over several fields (BM25F), the part that belongs to the case.

    weight(lexeme, case) = tf / (K1 + tf)
    tf = Σ over fields  BOOST[field] · count / norm(field)
    norm(body) = 1 - B + B · max(length, SHORT) / PIVOT,   norm of any other field = 1

after Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004. The other part,
how rare the lexeme is, belongs to the query (`scoring`): so the weights of a case stay as they are whatever else comes
into the catalogue. For the same reason PIVOT is a fixed length and not the average of the day.

To see what a change does: edit, `manage.py rebuild_index`, `manage.py judge`.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from zlib import crc32

BOOST = {"title": 3.0, "names": 3.0, "summary": 2.0, "headings": 1.5, "body": 1.0, "captions": 0.7}
K1 = 1.2
B = 0.75
PIVOT = 1_000  # characters of a case of usual length
SHORT = 300  # a shorter case says no more by each of its words: its body must not outweigh a title

# A `sparsevec` has at most a thousand million dimensions and 16,000 values.
DIMENSIONS = 1_000_000_000
MOST_VALUES = 16_000


def weigh(counts: Mapping[str, Counter], length: int) -> dict[str, float]:
    """Weights from 0 to 1 by lexeme. `counts`: per field how often each lexeme stands in it; `length` of the body in
    characters. The other fields are short in every case: in a long case its title says no less.
    """
    total: dict[str, float] = {}
    norm = 1 - B + B * max(length, SHORT) / PIVOT
    for field, lexemes in counts.items():
        boost = BOOST[field] / norm if field == "body" else BOOST[field]
        for lexeme, count in lexemes.items():
            total[lexeme] = total.get(lexeme, 0.0) + boost * count
    return {lexeme: tf / (tf + K1) for lexeme, tf in total.items()}


class _Dimensions(dict):
    """A lexeme's place in a vector: a hash, for there is no list of all lexemes.

    Two of one query in a case that share a place by chance are one in some ten thousand cases, and cost no hit, only
    rank.
    """

    def __missing__(self, lexeme: str) -> int:
        place = self[lexeme] = crc32(lexeme.encode()) % DIMENSIONS + 1
        return place


DIMENSION = _Dimensions()


def sparse(values: Iterable[tuple[str, float]]) -> str:
    """Lexemes and their values as the text of a `sparsevec`. pgvector takes no zeros."""
    found: dict[int, float] = {}
    for lexeme, value in values:
        if value:
            place = DIMENSION[lexeme]
            found[place] = found.get(place, 0.0) + value
    if len(found) > MOST_VALUES:
        found = dict(heapq.nlargest(MOST_VALUES, found.items(), key=lambda item: item[1]))
    inside = ",".join([f"{place}:{value:.4g}" for place, value in found.items()])
    return f"{{{inside}}}/{DIMENSIONS}"
