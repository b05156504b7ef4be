"""How near to each other the words of a query stand in a text: 0 (none of them) to 1 (all of it, as it was typed)."""

from collections.abc import Callable

from catalog.search.deadlines import check
from catalog.search.query.plan import QueryPlan

WINDOW = 60  # characters: a sentence
_MOST_PLACES = 64  # of one word in one text


def proximity(plan: QueryPlan) -> Callable[[str], float]:
    """A measure of folded texts: the share of the query's telling words, by rarity, in the best window of a text."""
    phrases = [term.text for term in plan.terms if len(term.text) > 1]
    words = {}
    for word in plan.words:
        own = [word.text, *word.owners, *word.names, *word.parts]
        related = plan.forms(word.text)
        worth = max((plan.lexemes.get(form, 0.0) for form in [*own, *related]), default=0.0)
        if worth and len(word.text) > 1:
            forms = [word.text, *word.names, *related]
            words[word.text] = (worth, [form for form in dict.fromkeys(forms) if len(form) > 1])
    total = sum(worth for worth, _ in words.values())

    def measure(text: str) -> float:
        check()
        if not total:
            return 0.0
        whole = sum(phrase in text for phrase in phrases) / len(phrases) if phrases else 0.0
        return 0.5 * whole + 0.5 * _best_window(text, words) / total

    return measure


def _best_window(text: str, words: dict[str, tuple[float, list[str]]]) -> float:
    words = {word: (worth, forms) for word, (worth, forms) in words.items() if any(form in text for form in forms)}
    if len(words) < 2:
        # Wherever it stands.
        return sum(worth for worth, _ in words.values())
    places = sorted(
        (place, word) for word, (_, forms) in words.items() for form in forms for place in _places(text, form)
    )
    best = inside = 0.0
    counts: dict[str, int] = {}
    first = 0
    for place, word in places:
        counts[word] = counts.get(word, 0) + 1
        if counts[word] == 1:
            inside += words[word][0]
        while places[first][0] < place - WINDOW:
            left_behind = places[first][1]
            counts[left_behind] -= 1
            if not counts[left_behind]:
                inside -= words[left_behind][0]
            first += 1
        best = max(best, inside)
    return best


def _places(text: str, form: str) -> list[int]:
    places: list[int] = []
    start = text.find(form)
    while start >= 0 and len(places) < _MOST_PLACES:
        places.append(start)
        start = text.find(form, start + len(form))
    return places
