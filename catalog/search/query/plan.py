"""What a query was taken for: the terms, filters and exclusions read from it, and what was done so that it finds
something. Made once a search by `understand`; everything that matches, ranks, marks or explains goes by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, reduce
from operator import or_

from catalog.search.index import frequencies
from catalog.search.match import view
from catalog.search.match.expressions import AtLeast, Has, either
from catalog.search.match.phrases import Runs
from catalog.search.match.results import Selection
from catalog.search.match.sql import Condition, Match
from catalog.search.match.view import View
from catalog.search.names import thesaurus
from catalog.search.names.lexicon import Lexicon, current
from catalog.search.names.thesaurus import Expansion
from catalog.search.query import current_vocabulary, scoring, syntax
from catalog.search.query.correction import Correction, correct
from catalog.search.query.fields import FieldFilter, read_field
from catalog.search.query.terms import IDLE, Group, Term, Word, groups, idle_words, make_term

# A sentence of so many words may have more of them than a case that answers it. Where those with all of them do not
# fill a page, any of them will do: those with most of what tells come first.
SENTENCE, ENOUGH = 4, 20
COMMON = 0.5  # a word in more than this share of all entries tells nothing where rarer ones are asked for too


class Step(StrEnum):
    """How a query was matched: each step asks for less than the one before and is taken when that finds too little."""

    TYPED = "typed"
    WORDS = "words"
    MOST = "most"
    ANY = "any"

    @property
    def remark(self) -> str:
        """What a reader should know; nothing where all was found as typed."""
        return {
            Step.WORDS: "没有案例含有与输入完全相同的文字，以下案例含有其中的全部词语",
            Step.MOST: "没有案例含有全部词语，以下案例含有其中的大部分",
            Step.ANY: "含有全部词语的案例没有或很少，以下案例含有其中的一部分，最相符的在前",
        }.get(self, "")


@dataclass(frozen=True)
class Chip:
    """A part of a query as it was understood, and the query without it."""

    kind: str
    label: str
    without: str


@dataclass(frozen=True)
class QueryPlan:
    query: str
    groups: tuple[Group, ...] = ()
    fields: tuple[FieldFilter, ...] = ()
    step: Step = Step.TYPED
    idle: tuple[str, ...] = ()
    related: tuple[Expansion, ...] = ()
    correction: Correction | None = None
    condition: Condition = field(default_factory=Condition)
    lexemes: dict[str, float] = field(default_factory=dict)
    rarity: dict[str, float] = field(default_factory=dict)
    common: frozenset[str] = frozenset()
    view: View = field(default_factory=View)

    @property
    def wanted(self) -> list[Group]:
        return [group for group in self.groups if not group.excluded]

    @property
    def terms(self) -> list[Term]:
        return [term for group in self.wanted for term in group.terms]

    @property
    def words(self) -> list[Word]:
        return list({word.text: word for term in self.terms for word in term.words}.values())

    @property
    def is_empty(self) -> bool:
        """Nothing was asked for: no text, no filter."""
        return not self.groups and not self.fields

    @property
    def ranks(self) -> bool:
        """Whether there is anything to rank by; exclusions and filters alone put nothing before something else."""
        return bool(self.lexemes)

    @cached_property
    def chips(self) -> list[Chip]:
        found = [
            Chip("不含" if group.excluded else "检索", group.label, syntax.without(self.query, group.start, group.end))
            for group in self.groups
        ]
        found += [
            Chip(f"不是{one.title}" if one.excluded else one.title, one.label, syntax.without(self.query, *one.span))
            for one in self.fields
        ]
        return found

    @property
    def remarks(self) -> list[str]:
        """What was done to the query, for the reader."""
        correction = [f"已改为检索“{self.query}”"] if self.correction else []
        joined = [f"“{group.label}”当作连在一起的文字检索" for group in self.joined]
        return [*correction, *joined, *filter(None, [self.step.remark])]

    @property
    def joined(self) -> list[Group]:
        """Those whose blanks were taken for those of typography."""
        return [group for group in self.groups if group.parts]

    @property
    def apart(self) -> str:
        """The query with the parts of these asked for one by one; nothing where there are none."""
        query = self.query if self.joined else ""
        for group in reversed(self.joined):
            parts = " ".join(f'"{part}"' for part in group.parts)
            query = query[: group.start] + parts + query[group.end :]
        return query

    def forms(self, word: str) -> dict[str, float]:
        """What stands for a word of the query beside itself, each with its weight below 1."""
        found: dict[str, float] = {}
        for one in self.related:
            if one.word in word or word in one.word:
                for text, weight in one.related:
                    found[text] = max(weight, found.get(text, 0.0))
        return found

    @property
    def expansions(self) -> dict[str, float]:
        """All related words with their weights."""
        found: dict[str, float] = {}
        for one in self.related:
            for text, weight in one.related:
                found[text] = max(weight, found.get(text, 0.0))
        return found

    def wider(self) -> "QueryPlan | None":
        """The same query with any of its words enough; nothing where that asks for no less."""
        asked = {part for word in self.words for part in [word.text, *_parts(word)]} | set(self.expansions)
        if self.step == Step.ANY or not self.words or (len(self.terms) == 1 and asked == {self.terms[0].text}):
            return None
        condition = Condition((_any_word(self, self.words, Runs(self.view)),), self.condition.excluded)
        return replace(self, step=Step.ANY, condition=condition)

    @cached_property
    def selection(self) -> Selection:
        """The public cases that match."""
        return self.view.select(self.condition, self.fields)


def plan_query(query: str, *, correcting: bool = True, seen: View | None = None) -> QueryPlan:
    """Reads the query and decides how it is matched, on all public cases, so that filters change nothing about it.

    Costs some short queries: for the names, the thesaurus, the frequencies, and how many cases there are. What finds
    nothing as it was typed is read again with its slips put right, unless `correcting` is false. `seen`: how the cases
    are looked at, by default as is quickest.
    """
    lexicon = current()
    # Half a character is in no text and no address.
    query = query.encode("utf-8", "replace").decode("utf-8")
    seen = view.now() if seen is None else seen
    runs = Runs(seen)
    found = replace(_read(query, lexicon, runs), view=seen)
    if found.is_empty:
        return found
    found = _weighed(_related(_literal(found, lexicon, runs)))
    typed = _attempt(found, Step.TYPED, [_alternatives(group, runs) for group in found.wanted], runs)
    if typed.selection.total or not found.wanted:
        return typed
    slips = correct(query, current_vocabulary.current(), current_vocabulary.is_word) if correcting else None
    if slips:
        return replace(plan_query(slips.query, correcting=False, seen=seen), correction=slips)
    return _widest_needed(_relaxed(found, runs), typed)


def _widest_needed(relaxed: Iterator[QueryPlan], typed: QueryPlan) -> QueryPlan:
    """The first that finds enough, else the last that finds anything."""
    best = typed
    for one in relaxed:
        if one.selection.total:
            best = one
        if best.selection.total >= (ENOUGH if len(one.words) >= SENTENCE else 1):
            break
    return best


def _related(found: QueryPlan) -> QueryPlan:
    known = thesaurus.current()
    return replace(
        found, related=tuple(one for term in found.terms if not term.exact for one in known.expand(term.text))
    )


def _read(query: str, lexicon: Lexicon, runs: Runs) -> QueryPlan:
    clauses, fields = [], []
    for clause in syntax.read(query):
        read = read_field(clause, lexicon) if clause.field else None
        if read:
            fields.append(read)
        elif clause.field:
            # No such bank or year: it is text, with its colon.
            text = (
                query[clause.start : clause.end].lstrip("-－") if clause.excluded else query[clause.start : clause.end]
            )
            clauses.append(replace(clause, field=None, pieces=(syntax.Piece(text),)))
        else:
            clauses.append(clause)
    made = groups(clauses, lexicon, lambda run: _stands(run, runs))
    idle = [word for group in made for term in group.terms for word in idle_words(term.text, lexicon)]
    return QueryPlan(query, tuple(made), tuple(fields), idle=tuple(dict.fromkeys(idle)))


def _literal(found: QueryPlan, lexicon: Lexicon, runs: Runs) -> QueryPlan:
    """A query that only excludes, but stands in a text as it was typed (-20℃), means that text."""
    if found.fields or len(found.groups) != 1 or not found.groups[0].excluded:
        return found
    term = make_term(syntax.Piece(found.query), lexicon)
    if not term or not _stands(term.text, runs):
        return found
    return replace(found, groups=(Group((term,), False, 0, len(found.query)),))


def _stands(run: str, runs: Runs) -> bool:
    return runs.view.select(Condition((runs.find(run),))).total > 0


def _weighed(found: QueryPlan) -> QueryPlan:
    factors = scoring.factors(found.terms, found.expansions)
    entries, counts = frequencies.of_lexemes(factors)
    for word in found.words:
        # Several that go by one name are asked for alike, however many cases each has.
        together = sum(counts.get(owner, 0) for owner in word.owners)
        counts |= {owner: together for owner in word.owners if owner in counts}
    rarity = {lexeme: scoring.idf(counts[lexeme], entries) for lexeme in factors if lexeme in counts}
    lexemes = {lexeme: factors[lexeme] * idf for lexeme, idf in rarity.items()}
    common = {lexeme for lexeme in factors if counts.get(lexeme, 0) > COMMON * entries}
    return replace(found, lexemes=lexemes, rarity=rarity, common=frozenset(common))


def _attempt(found: QueryPlan, step: Step, wanted: list[Match], runs: Runs) -> QueryPlan:
    excluded = tuple(_alternatives(group, runs) for group in found.groups if group.excluded)
    return replace(found, step=step, condition=Condition(tuple(wanted), excluded))


def _relaxed(found: QueryPlan, runs: Runs) -> Iterator[QueryPlan]:
    """Each asks for less than the one before."""
    words = [word for word in found.words if len(word.text) > 1] or found.words
    if not words:
        return
    groups = found.wanted
    if len(words) > len(groups) or any(term.exact for term in found.terms):
        yield _attempt(found, Step.WORDS, [match for group in groups for match in _by_words(group, runs)], runs)
    asked = [_word_or_related(found, word, runs) for word in words]
    if len(asked) == 3 and all(match.lexemes and not match.keys for match in asked):
        yield _attempt(found, Step.MOST, [Match(AtLeast(2, tuple(match.lexemes for match in asked)))], runs)
    telling = [word for word in words if word.text not in found.common and word.text not in IDLE]
    for chosen in (telling, words):
        if chosen:
            yield _attempt(found, Step.ANY, [_any_word(found, chosen, runs)], runs)


def _word_or_related(found: QueryPlan, word: Word, runs: Runs) -> Match:
    return reduce(or_, map(runs.find, found.forms(word.text)), _word(word, runs))


def _alternatives(group: Group, runs: Runs) -> Match:
    """Cases that have one of the terms as it was typed, or are of the bank or product that it names."""
    together = Match()
    for term in group.terms:
        together |= runs.find(term.text) | Match(either(map(Has, term.owners)))
    return together


def _any_word(found: QueryPlan, words: list[Word], runs: Runs) -> Match:
    telling = [word for word in words if len(word.text) > 1] or words
    parts = dict.fromkeys(part for word in telling if not word.owners for part in _parts(word))
    return reduce(or_, [*(_word(word, runs) for word in telling), *map(runs.find, [*parts, *found.expansions])])


def _parts(word: Word) -> list[str]:
    """The shorter words that it consists of."""
    return [part for part in word.parts if 1 < len(part) < len(word.text) and part not in IDLE]


def _by_words(group: Group, runs: Runs) -> list[Match]:
    if len(group.terms) > 1:
        return [_alternatives(group, runs)]
    return [_word(word, runs) for word in group.terms[0].words]


def _word(word: Word, runs: Runs) -> Match:
    return runs.find(word.text) | Match(either(map(Has, word.owners)))
