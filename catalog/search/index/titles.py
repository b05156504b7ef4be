"""How the title of a case may be typed, for suggestions: folded, as pinyin, as initials, by its pairs of characters."""

from itertools import pairwise

from catalog.text import pinyin
from catalog.text.normalise import fold

# A title begins with its beginning: more of it than this nobody types to have it suggested.
LONGEST = 200


def title_row(case: int, title: str) -> tuple[int, str, str, str, str, list[str]]:
    """The columns of `CaseTitle` in their order."""
    folded = fold(title)[:LONGEST]
    spoken = "".join(filter(str.isalnum, folded))
    pairs = sorted({a + b for a, b in pairwise(folded)})
    return case, title, folded, pinyin.sound(spoken), pinyin.initials(spoken), pairs
