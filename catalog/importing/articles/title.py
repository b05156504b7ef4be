"""The title among the lines before an article's first paragraph."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.importing.articles import lines as form
from catalog.importing.articles.credits import is_dateline
from catalog.importing.institutions import mentioned_banks
from catalog.importing.reference import Reference

_DASH = re.compile(r"\s*(?:——|──|—{1,2}|--)\s*")
# Sites add their own name to a page's title.
_SITE_NAME = re.compile(r"\s*[_|｜丨-]\s*[^\s_|｜丨-]{2,14}(?:网|報|报|财经|新闻|资讯|频道|在线|客户端)$")
_LONGEST_TITLE = 120
_SHORTEST_TITLE = 8


@dataclass(frozen=True)
class Title:
    text: str
    subtitle: str
    line: int
    last_line: int = 0

    @property
    def whole(self) -> str:
        return f"{self.text}——{self.subtitle}" if self.subtitle else self.text


def find_title(head: Sequence[tuple[int, str]], reference: Reference) -> Title | None:
    """The title: of the lines that could be one, the last before the page's date and authors. A page without those
    is told by which line is most like a title: it names a bank, it is long, it comes first.

    `head` are the numbered lines before the first paragraph. None if no line of them could be a title.
    """
    candidates = [(number, text) for number, text in head if _could_be_title(text)]
    datelines = [number for number, text in head if is_dateline(text) or form.is_credit(text)]
    above = [line for line in candidates if datelines and line[0] < datelines[0]]
    if not candidates:
        return None
    number, text = above[-1] if above else max(candidates, key=lambda line: (_likeness(line[1], reference), -line[0]))
    if _DASH.match(text) and (before := [line for line in head if line[0] < number and form.hanzi(line[1]) >= 4]):
        return Title(form.head_text(before[-1][1]), _DASH.sub("", text, count=1), before[-1][0], number)
    after = next((line for line in head if line[0] > number), None)
    if after and _DASH.match(after[1]) and form.hanzi(after[1]) >= 4:
        return Title(_plain(text), _DASH.sub("", after[1], count=1).strip(), number, after[0])
    main, *rest = _DASH.split(_plain(text), maxsplit=1)
    if main and rest and rest[0]:
        return Title(main, rest[0], number, number)
    return Title(_plain(text), "", number, number)


def _plain(text: str) -> str:
    return _SITE_NAME.sub("", form.head_text(text))


def _could_be_title(text: str) -> bool:
    if form.hanzi(text) < _SHORTEST_TITLE or len(text) > _LONGEST_TITLE or text[-1] in "。；;，,、：:":
        return False
    furniture = form.is_site_line(text) or form.is_menu(text) or form.is_credit(text) or form.is_bullet(text)
    return not (furniture or is_dateline(text) or form.has_caption_mark(text))


def _likeness(text: str, reference: Reference) -> float:
    return min(len(text), 40) / 10 + 3 * bool(mentioned_banks(text, reference))
