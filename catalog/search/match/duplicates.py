"""Cases that may be one that is told anew: by their title, or by most of their text."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from catalog.models import CaseTitle, SearchText
from catalog.search.index.titles import LONGEST
from catalog.text.normalise import fold
from catalog.text.sketch import Sketch

_TITLE = 8  # characters: shorter ones stand over many texts
_EACH = 3  # cases, of those that share most
_MOST = 50  # for each text, of those that share anything: what stands in more of them tells nothing


def candidates(titles: Sequence[str], texts: Sequence[Sketch], besides: int) -> list[set[int]]:
    """For each title and text, the keys of up to six cases to compare it with, none of the source `besides`.

    Two queries, however many there are.
    """
    folded = [fold(title)[:LONGEST] for title in titles]
    by_title, by_text = _by_title(folded, besides), _by_text(texts, besides)
    return [{*by_title.get(title, ()), *by_text.get(place, ())} for place, title in enumerate(folded)]


def _by_text(texts: Sequence[Sketch], besides: int) -> Mapping[int, list[int]]:
    """For the places of texts, the cases that share most of their marks."""
    places: dict[int, list[int]] = {}
    for place, text in enumerate(texts):
        for mark in text.marks:
            places.setdefault(mark, []).append(place)
    if not places:
        return {}
    rows = SearchText.objects.filter(marks__overlap=list(places)).exclude(entry__source=besides)
    shared: dict[int, Counter[int]] = {}
    for pk, marks in rows.values_list("pk", "marks")[: _MOST * len(texts)]:
        for mark in marks:
            for place in places.get(mark, ()):
                shared.setdefault(place, Counter())[pk] += 1
    return {place: [pk for pk, _ in counts.most_common(_EACH)] for place, counts in shared.items()}


def _by_title(folded: Iterable[str], besides: int) -> Mapping[str, list[int]]:
    telling = {title for title in folded if len(title) >= _TITLE}
    if not telling:
        return {}
    rows = CaseTitle.objects.filter(folded__in=telling).exclude(case__source=besides).order_by("case")
    found: dict[str, list[int]] = {}
    for title, pk in rows.values_list("folded", "case")[: _MOST * len(telling)]:
        if len(found.setdefault(title, [])) < _EACH:
            found[title].append(pk)
    return found
