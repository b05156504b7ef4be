"""New cases that the catalogue may have already, from another source or by an editor's hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Case, Source
from catalog.search import candidates, text_of
from catalog.text.sketch import Sketch, likeness, sketch

NEARLY_THE_SAME = 0.8  # of the text


@dataclass(frozen=True)
class Twin:
    """`alike`: how much of the text is the same, 0 to 1; None where only the title says so."""

    pk: int
    title: str
    alike: float | None

    @property
    def reason(self) -> str:
        if self.alike is None:
            return f"标题与已有的案例“{self.title}”相同，可能是同一个案例"
        return f"正文与已有的案例“{self.title}”几乎相同，先作草稿：是同一个案例就合并或删除，不是就公开"


def likely_duplicates(cases: Sequence[Case], source: Source) -> dict[int, Twin]:
    """By the keys of those cases of `source` that look like one of another. So many queries, however many cases."""
    sketches = [_sketch(case) for case in cases]
    near = candidates([case.title for case in cases], sketches, source.pk)
    others = Case.objects.only("title", "subtitle", "summary", "body").in_bulk(set().union(*near))
    texts = {pk: _sketch(other) for pk, other in others.items()}
    twins = {}
    for case, text, keys in zip(cases, sketches, near, strict=True):
        alike = sorted(((likeness(texts[pk], text) or 0, pk) for pk in keys if pk in texts), reverse=True)
        named = [pk for _, pk in alike if others[pk].full_title == case.full_title]
        if alike and alike[0][0] >= NEARLY_THE_SAME:
            most, pk = alike[0]
            twins[case.pk] = Twin(pk, others[pk].full_title, most)
        elif named:
            twins[case.pk] = Twin(named[0], others[named[0]].full_title, None)
    return twins


def _sketch(case: Case) -> Sketch:
    return sketch(text_of(case))
