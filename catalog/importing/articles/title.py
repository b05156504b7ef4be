"""Finds the title among the lines before an article's first paragraph."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.importing.articles import lines as form
from catalog.importing.articles.credits import is_dateline
from catalog.importing.institutions import mentioned_banks
from catalog.importing.reference import Reference

_DASH = re.compile(r"\s*(?:——|──|—{1,2}|--)\s*")
# The name of the site, which it appends to the title of a page.
_SITE_NAME = re.compile(r"\s*[_|｜丨-]\s*[^\s_|｜丨-]{2,14}(?:网|報|报|财经|新闻|资讯|频道|在线|客户端)$")
_LONGEST_TITLE = 120
_SHORTEST_TITLE = 8


@dataclass(frozen=True)
class Title:
    """A title; `line` and `last_line` are the numbers of its first and last line."""

    text: str
    subtitle: str
    line: int
    last_line: int = 0

    @property
    def full_text(self) -> str:
        return f"{self.text}——{self.subtitle}" if self.subtitle else self.text


def find_title(head: Sequence[form.Line], reference: Reference) -> Title | None:
    """The title with its subtitle; None if no line could be a title.

    `head`: the lines before the first paragraph. Taken is the last possible title before the page's date or credits.
    If the page has neither, it is the line that is most like a title: it names a bank, is long and stands early.
    """
    candidates = [(number, text) for number, text in head if _could_be_title(text)]
    datelines = [number for number, text in head if is_dateline(text) or form.is_credit(text)]
    above_dateline = [line for line in candidates if datelines and line[0] < datelines[0]]
    if not candidates:
        return None
    number, text = (
        above_dateline[-1]
        if above_dateline
        else max(candidates, key=lambda line: (_likeness(line[1], reference), -line[0]))
    )
    if _DASH.match(text) and (line_above := [line for line in head if line[0] < number and form.hanzi(line[1]) >= 4]):
        return Title(form.head_text(line_above[-1][1]), _DASH.sub("", text, count=1), line_above[-1][0], number)
    line_below = next((line for line in head if line[0] > number), None)
    if line_below and _DASH.match(line_below[1]) and form.hanzi(line_below[1]) >= 4:
        return Title(_plain(text), _DASH.sub("", line_below[1], count=1).strip(), number, line_below[0])
    main, *subtitle = _DASH.split(_plain(text), maxsplit=1)
    if main and subtitle and subtitle[0]:
        return Title(main, subtitle[0], number, number)
    return Title(_plain(text), "", number, number)


def _plain(text: str) -> str:
    """A title without Markdown's marks and the name of the site."""
    return _SITE_NAME.sub("", form.head_text(text))


def _could_be_title(text: str) -> bool:
    if form.hanzi(text) < _SHORTEST_TITLE or len(text) > _LONGEST_TITLE or text[-1] in "。；;，,、：:":
        return False
    furniture = form.is_site_line(text) or form.is_menu(text) or form.is_credit(text) or form.is_bullet(text)
    return not (furniture or is_dateline(text) or form.has_caption_mark(text))


def _likeness(text: str, reference: Reference) -> float:
    """How much a line is like a title, 0 to 7."""
    return min(len(text), 40) / 10 + 3 * bool(mentioned_banks(text, reference))
