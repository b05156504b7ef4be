"""How much a lexeme says about a case: BM25 over several fields (BM25F), the part that belongs to the case.

    weight(lexeme, case) = tf / (K1 + tf)
    tf = Σ over fields  BOOST[field] · count / norm(field),   norm(body) = 1 - B + B · length / PIVOT,  else 1

after Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004. The other part,
how rare the lexeme is, belongs to the query (`scoring`): so the weights of a case stay as they are whatever else comes
into the catalogue. For the same reason PIVOT is a fixed length and not the average of the day.

To see what a change does: edit, `manage.py rebuild_index`, `manage.py judge`.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from zlib import crc32

BOOST = {"title": 3.0, "names": 3.0, "summary": 2.0, "headings": 1.5, "body": 1.0, "captions": 0.7}
K1 = 1.2
B = 0.75
PIVOT = 2_000  # characters of a case of usual length

# A `sparsevec` has at most a thousand million dimensions and 16,000 values.
DIMENSIONS = 1_000_000_000
_MOST_VALUES = 16_000


def weigh(counts: Mapping[str, Counter], length: int) -> dict[str, float]:
    """Weights from 0 to 1 by lexeme. `counts`: per field how often each lexeme stands in it; `length` of the body in
    characters. The other fields are short in every case: in a long case its title says no less.
    """
    total: dict[str, float] = {}
    norm = 1 - B + B * length / PIVOT
    for field, lexemes in counts.items():
        boost = BOOST[field] / norm if field == "body" else BOOST[field]
        for lexeme, count in lexemes.items():
            total[lexeme] = total.get(lexeme, 0.0) + boost * count
    return {lexeme: tf / (tf + K1) for lexeme, tf in total.items()}


@lru_cache(maxsize=1_000_000)
def dimension(lexeme: str) -> int:
    """The lexeme's place in a vector: a hash, for there is no list of all lexemes. Two of one query in a case that
    share a place by chance are one in some ten thousand cases, and cost no hit, only rank.
    """
    return crc32(lexeme.encode()) % DIMENSIONS + 1


def sparse(values: Iterable[tuple[str, float]]) -> str:
    """Lexemes and their values as the text of a `sparsevec`."""
    found: dict[int, float] = {}
    for lexeme, value in values:
        place = dimension(lexeme)
        found[place] = found.get(place, 0.0) + value
    if len(found) > _MOST_VALUES:
        found = dict(heapq.nlargest(_MOST_VALUES, found.items(), key=lambda item: item[1]))
    # pgvector takes no zeros.
    inside = ",".join([f"{place}:{value:.4g}" for place, value in found.items() if value])
    return f"{{{inside}}}/{DIMENSIONS}"
