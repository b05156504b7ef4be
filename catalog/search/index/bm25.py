"""How much a lexeme says about a case: BM25 over several fields (BM25F), the part that belongs to the case.

    weight(lexeme, case) = tf / (K1 + tf)
    tf = Σ over fields  BOOST[field] · count / norm(field)
    norm(body) = 1 - B + B · max(length, SHORT) / PIVOT,   norm of any other field = 1

after Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004. The other part,
how rare the lexeme is, belongs to the query (`scoring`): so the weights of a case stay as they are whatever else comes
into the catalogue. For the same reason PIVOT is a fixed length and not the average of the day.

To see what a change does: edit, `manage.py rebuild_index`, `make judge`.
"""

from collections import Counter
from collections.abc import Mapping

BOOST = {"title": 3.0, "names": 3.0, "summary": 2.0, "headings": 1.5, "body": 1.0, "captions": 0.7}
K1 = 1.2
B = 0.75
PIVOT = 800  # characters of a case of usual length
SHORT = 100  # a shorter case says no more by each of its words: its body must not outweigh a title


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
