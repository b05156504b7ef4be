"""A file and the sources of its name: which of them it is an edition of, and which case each statement is.

The file is run through once before anything is written. What says the same under the same number as at the last import
needs no more than that; what is left on both sides is compared by title, text and bank (`catalog.importing.identity`).
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import NamedTuple

from django.db.models import ExpressionWrapper, F, Func, JSONField, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from catalog.importing.database.content import Content
from catalog.importing.database.names import Banks
from catalog.importing.database.resolved import SOURCE_REF, marks_of
from catalog.importing.drafts import ImportProblem, Statement
from catalog.importing.identity import SURE, Traits, match
from catalog.importing.terms import TakenFor
from catalog.models import Case, Source
from catalog.text.sketch import Sketch, sketch

ASKED = "它是那一份的新版本（--as-edition），还是另一份文件（--as-source）？"
FITS = 0.5  # the share of cases met again from which on a file is an edition of a source of its name
_UNTOLD = (None, None, None)  # of a case that was deleted before it was noted what it said: there is only its number
# What a case says in these is the same only if nothing of it was changed.
_SAID = ("title", "subtitle", "body")
_TELLING_BODY = 25  # characters; of a long body there is only its digest, which is as long
_TOLD_APART = re.compile(r"[~@]\d+$")  # what a ref ends with that another case had already
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_FRACTION = re.compile(r"\.0+$")


class Known(NamedTuple):
    """A case of the source as its last edition told of it. `called`: by the source. `pk`: None of a deleted one."""

    pk: int | None
    called: str
    said: tuple
    number: int | None = None


@dataclass
class Edition:
    """`source`: None where the file is to be a new one. `refs`: of the case, by what the file calls it, where these
    differ or did. `unsure`: of statements that were recognised by half, how sure. `gone`: cases that the file has no
    more. `fit`: the share of cases met again, of the file's or the source's, whichever are fewer.
    """

    source: Source | None
    name: str
    refs: Mapping[str, str] = field(default_factory=dict)
    unsure: Mapping[str, float] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    renumbered: Sequence[int] = ()
    met: int = 0
    known: int = 0
    cases: int = 0
    fit: float = 1.0

    def statements(self, statements: Iterable[Statement]) -> Iterator[Statement]:
        """Those of the file, each with the ref of the case that it tells of."""
        for statement in statements:
            ref = self.refs.get(statement.ref)
            yield statement if ref is None else replace(statement, ref=ref, source_ref=statement.ref)

    def free_numbers(self) -> None:
        """Takes the numbers from the cases that have another in this edition, and from those that are in it no more and
        whose number another has: so these can get them, in whatever order they come. What an editor has numbered is
        left alone.
        """
        last = KeyTransform("number", "imported")
        as_imported = Case.objects.alias(last=last).filter(
            pk__in=self.renumbered, number__isnull=False, last=Func(F("number"), function="to_jsonb")
        )
        # As if it had never been imported, so that the next import of one gives it its number back.
        without = Func(F("imported"), Value("number"), arg_joiner=" - ", template="(%(expressions)s)")
        as_imported.update(number=None, imported=ExpressionWrapper(without, JSONField()))


def recognise(content: Content, banks: Banks, taken_for: TakenFor = None) -> Edition:
    """The edition that the file is. Where that isn't plain, and nobody says what to take it for, an `ImportProblem`."""
    namesakes = list(Source.objects.filter(file_name=content.name).defer("lines", "withheld").order_by("pk"))
    for source in namesakes:
        if source.sha256 == content.sha256:
            return _edition(content, source, banks)
    editions = [] if taken_for == "source" else [_edition(content, source, banks) for source in namesakes]
    best = max(editions, key=lambda edition: edition.fit, default=None)
    if best is None or (best.met == 0 and best.known and taken_for != "edition"):
        return Edition(None, _free_name(content.name) if namesakes else content.name)
    if best.fit < FITS and taken_for != "edition":
        raise ImportProblem(
            f"和已导入的同名文件（来源“{best.source.name}”）不大相同：这份有 {best.cases} 个案例，"
            f"那边有 {best.known} 个，只有 {best.met} 个对得上。" + ASKED,
            file=content.name,
        )
    return best


def _free_name(name: str) -> str:
    """A name for one more source of the same file name: 案例（2）.csv."""
    stem, dot, suffix = name.rpartition(".")
    number = 2
    while Source.objects.filter(name=(other := f"{stem}（{number}）{dot}{suffix}")).exists():
        number += 1
    return other


def _edition(content: Content, source: Source, banks: Banks) -> Edition:
    known = _known(source)
    if not known:
        return Edition(source, source.name)
    comparison = _Comparison(known)
    for statement in content.statements():
        comparison.add(statement, banks)
    comparison.settle(source)
    return comparison.edition(source)


class _Comparison:
    """A file's statements against the cases of a source, `known` by their refs."""

    def __init__(self, known: Mapping[str, Known]):
        self._known = known
        self._by_called: dict[str, str] = {}
        for ref, case in known.items():
            self._by_called.setdefault(case.called, ref)
        self._free = dict(known)
        self._found: dict[str, str] = {}  # what the file calls a case: its ref
        self._unsure: dict[str, float] = {}
        self._left: dict[str, tuple[tuple, Traits]] = {}
        self._renumbered: list[int] = []
        self._numbers: dict[str, object] = {}

    def add(self, statement: Statement, banks: Banks) -> None:
        called, said = statement.ref, _said(statement)
        self._numbers[called] = statement.fields.get("number")
        ref = self._by_called.get(called)
        if ref in self._free and self._known[ref].said in (said, _UNTOLD):
            self._take(called, ref)
        else:
            self._left[called] = said, _traits(statement, banks)

    def settle(self, source: Source) -> None:
        """What was not met under its number, unchanged."""
        for look in (self._moved, self._retitled, self._rewritten):
            for called, ref in [*look()]:
                self._take(called, ref)
        if self._left and self._free:
            stored = _stored(source, self._free)
            met = {called: self._renamed(traits) for called, (_, traits) in self._left.items()}
            for called, (ref, sure) in match(stored, met).items():
                self._take(called, ref)
                if sure < SURE:
                    self._unsure[ref] = sure

    def edition(self, source: Source) -> Edition:
        cases = len(self._found) + len(self._left)
        refs = {c: ref for c, ref in self._found.items() if c != ref or self._known[ref].called != c}
        taken = set(self._known) | set(self._found)
        for called in self._left:
            if called in taken:
                refs[called] = _another(called, taken)
                taken.add(refs[called])
        claimed = set(self._numbers.values())
        gone = [case.pk for case in self._free.values() if case.pk and case.number in claimed]
        return Edition(
            source,
            source.name,
            refs=refs,
            unsure=self._unsure,
            gone=frozenset(self._free),
            renumbered=[*self._renumbered, *gone],
            met=len(self._found),
            known=len(self._known),
            cases=cases,
            fit=len(self._found) / min(cases, len(self._known)) if cases else 0,
        )

    def _take(self, called: str, ref: str) -> None:
        self._found[called] = ref
        self._left.pop(called, None)
        case = self._free.pop(ref)
        if case.pk and case.number is not None and case.number != self._numbers[called]:
            self._renumbered.append(case.pk)

    def _moved(self) -> Iterator[tuple[str, str]]:
        """Those that say the same under another number."""
        by_said: dict[tuple, list[str]] = {}
        for ref, case in self._free.items():
            by_said.setdefault(case.said, []).append(ref)
        for called, (said, _) in self._left.items():
            if any(said) and (refs := by_said.get(said)):
                yield called, refs.pop(0)

    def _retitled(self) -> Iterator[tuple[str, str]]:
        """Those whose body no other has, if it is of some length or their number is the same."""
        bodies = Counter(case.said[2] for case in self._free.values())
        met = Counter(said[2] for said, _ in self._left.values())
        by_body = {case.said[2]: ref for ref, case in self._free.items()}
        for called, (said, _) in self._left.items():
            body = said[2] or ""
            ref = by_body.get(body)
            if ref is None or not bodies[body] == met[body] == 1:
                continue
            if len(body) >= _TELLING_BODY or _plain(self._known[ref].called) == _plain(called):
                yield called, ref

    def _rewritten(self) -> Iterator[tuple[str, str]]:
        """Those that have their number, however it is written, and a title that no other has."""
        titles = Counter(case.said[:2] for case in self._free.values())
        by_plain = {_plain(case.called): ref for ref, case in self._free.items()}
        taken = set()
        for called, (said, _) in self._left.items():
            ref = by_plain.get(_plain(called))
            if ref and ref not in taken and self._known[ref].said[:2] == said[:2] and titles[said[:2]] == 1:
                taken.add(ref)
                yield called, ref

    def _renamed(self, traits: Traits) -> Traits:
        return replace(traits, ref=_plain(traits.ref))


def _known(source: Source) -> dict[str, Known]:
    """By their refs."""
    said = [KeyTextTransform(name, "imported") for name in _SAID]
    rows = Case.objects.filter(source=source, ref__isnull=False).values_list(
        "ref", "pk", KeyTextTransform(SOURCE_REF, "imported"), "number", *said
    )
    known = {
        ref: Known(pk, called or ref, tuple(said), number) for ref, pk, called, number, *said in rows.iterator(2_000)
    }
    titles = {entry["ref"]: (entry["title"], entry["subtitle"], None) for entry in source.withheld}
    deleted = [ref for ref in source.removed if ref not in known]
    return known | {ref: Known(None, _TOLD_APART.sub("", ref), titles.get(ref, (None,) * 3)) for ref in deleted}


def _stored(source: Source, free: Mapping[str, Known]) -> dict[str, Traits]:
    """The traits of cases as they are now, and as they were imported. Of deleted ones the text that the source has."""
    traits = {}
    for ref, case in free.items():
        if case.pk is None:
            titles = tuple(filter(None, [_whole(*(text or "" for text in case.said[:2]))]))
            traits[ref] = Traits(_plain(ref), titles, _withheld_text(source, ref))
    rows = Case.objects.filter(pk__in=[case.pk for case in free.values() if case.pk]).values_list(
        *("ref", "title", "subtitle", "summary", "body"),
        Coalesce(KeyTextTransform("bank", "imported"), "bank__code", output_field=TextField()),
    )
    for ref, title, subtitle, summary, body, bank in rows.iterator(500):
        case = free[ref]
        titles = dict.fromkeys([_whole(title, subtitle), _whole(case.said[0] or title, case.said[1] or "")])
        traits[ref] = Traits(_plain(case.called), tuple(titles), sketch(f"{summary}\n{body}"), bank)
    return traits


def _withheld_text(source: Source, ref: str) -> Sketch | None:
    entry = next((entry for entry in source.withheld if entry["ref"] == ref), None)
    if not entry or not entry["lines"]:
        return None
    numbers = {number for first, last in entry["lines"] for number in range(first, last + 1)}
    return sketch("".join(source.lines[n - 1] for n in sorted(numbers) if n <= len(source.lines)))


def _traits(statement: Statement, banks: Banks) -> Traits:
    fields = statement.fields
    title = _whole(fields.get("title") or "", fields.get("subtitle") or "")
    text = sketch(f"{fields.get('summary') or ''}\n{fields.get('body') or ''}")
    owner = banks.find(statement.bank) if statement.bank else None
    bank = owner.bank.code if owner and owner.bank else None
    return Traits(statement.ref, (title,), text, bank, statement.numbered)


def _said(statement: Statement) -> tuple:
    marks = marks_of({name: statement.fields.get(name) for name in _SAID})
    return tuple(marks.values())


def _whole(title: str, subtitle: str) -> str:
    return f"{title}——{subtitle}" if subtitle else title


def _plain(called: str) -> str:
    """As a spreadsheet may write it: 001 as 1, 7 as 7.0."""
    return _ZEROS.sub("", _FRACTION.sub("", called))


def _another(called: str, taken: Container[str]) -> str:
    return next(ref for n in count(2) if (ref := f"{called}~{n}") not in taken)
