"""Champion lists: the cases in which a common lexeme weighs most, so that ranking need not read every match.

After Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 7.1.3. A lexeme that stands in more than
`LISTED` cases has a threshold; a case in which it weighs as much or more stands in the index under `champion(lexeme)`
too. The threshold is the quantile of a sample, so that the list has about `LISTED` cases. A case saved later is held
against the same threshold: lists stay right as cases change, and grow with the catalogue until the next rebuild.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from catalog.models import Champion, SearchIndex

LISTED = 256
SAMPLE = 4_000
_known: tuple[object, dict[str, float]] = (None, {})


def thresholds() -> dict[str, float]:
    """Of every lexeme with champions. Read once per build of the index and process."""
    global _known
    built_at = SearchIndex.objects.values_list("built_at", flat=True).first()
    if _known[0] != (connection.alias, connection.settings_dict["NAME"], built_at):
        found = dict(Champion.objects.values_list("lexeme", "threshold")) if built_at else {}
        _known = (connection.alias, connection.settings_dict["NAME"], built_at), found
    return _known[1]


def champions(weights: dict[str, float], known: dict[str, float]) -> list[str]:
    """The lexemes of whose champions a case with these weights is."""
    if not known:
        return []
    return [lexeme for lexeme, weight in weights.items() if weight >= known.get(lexeme, 2.0)]


def from_sample(weights: Iterable[dict[str, float]], entries: int) -> dict[str, float]:
    """Thresholds from the weights of a random sample of an index of so many entries."""
    seen, sampled = defaultdict(list), 0
    for one in weights:
        sampled += 1
        for lexeme, weight in one.items():
            seen[lexeme].append(weight)
    share = sampled / entries
    found = {}
    for lexeme, values in seen.items():
        # Of a lexeme seen once or twice in the sample nothing is known but that it is rare.
        if len(values) / share > 2 * LISTED and len(values) >= 4:
            values.sort(reverse=True)
            found[lexeme] = values[min(len(values), max(1, round(LISTED * share))) - 1]
    return found
