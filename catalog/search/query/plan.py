"""How a query is answered: the terms, filters and exclusions read from it, and what was done so that it finds
something. Made once a search by `plan_query`; everything that matches, ranks, marks or explains goes by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from catalog.search.index import frequencies
from catalog.search.match.expressions import AtLeast, Has, either
from catalog.search.match.phrases import PhraseMatcher
from catalog.search.match.reader import IndexReader, open_reader
from catalog.search.match.results import Results
from catalog.search.match.sql import Condition, Match
from catalog.search.names import thesaurus
from catalog.search.names.lexicon import Lexicon, current
from catalog.search.names.thesaurus import Expansion
from catalog.search.query import current_vocabulary, scoring, syntax
from catalog.search.query.correction import Correction, correct
from catalog.search.query.fields import FieldClause, read_field
from catalog.search.query.terms import IDLE, Group, Term, Word, groups, idle_words, make_term

# A sentence of so many words may have more of them than a case that answers it. Where those with all of them do not
# fill a page, any of them will do: those with most of what tells come first.
SENTENCE, ENOUGH = 4, 20
MOST_RELATED = 256  # words of the thesaurus that one query is answered with: those of its first words
COMMON = 0.5  # a word in more than this share of all entries tells nothing where rarer ones are asked for too


class Step(StrEnum):
    """How a query was matched: each step asks for less than the one before and is taken when that finds too little."""

    TYPED = "typed"
    WORDS = "words"
    MOST = "most"
    ANY = "any"


@dataclass(frozen=True)
class Chip:
    """A part of a query as it was understood, and the query without it. `field`: "text", or that of a field clause."""

    field: str
    label: str
    excluded: bool
    without: str


@dataclass(frozen=True)
class QueryPlan:
    """`lexemes`: what is ranked by, each with its worth; `rarity`: their inverse document frequencies.

    `common`: lexemes that stand in so many entries that they tell nothing. `idle`: words that were passed over.
    `unread`: there are more clauses than are read.
    """

    query: str
    groups: tuple[Group, ...] = ()
    fields: tuple[FieldClause, ...] = ()
    step: Step = Step.TYPED
    idle: tuple[str, ...] = ()
    related: tuple[Expansion, ...] = ()
    correction: Correction | None = None
    condition: Condition = field(default_factory=Condition)
    lexemes: dict[str, float] = field(default_factory=dict)
    rarity: dict[str, float] = field(default_factory=dict)
    common: frozenset[str] = frozenset()
    reader: IndexReader = field(default_factory=IndexReader)
    unread: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether its beginning was used: it has too many clauses or, where these are asked for, words."""
        cut = any(term.more for term in self.terms)
        return self.unread or (cut and (self.step != Step.TYPED or not self.results.total))

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
        texts = [
            Chip("text", group.label, group.excluded, syntax.without(self.query, group.start, group.end))
            for group in self.groups
        ]
        fields = [
            Chip(clause.field, clause.label, clause.excluded, syntax.without(self.query, *clause.span))
            for clause in self.fields
        ]
        return texts + fields

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
        weights: dict[str, float] = {}
        for expansion in self.related:
            if expansion.word in word or word in expansion.word:
                for text, weight in expansion.related:
                    weights[text] = max(weight, weights.get(text, 0.0))
        return weights

    @property
    def expansions(self) -> dict[str, float]:
        """All related words with their weights."""
        weights: dict[str, float] = {}
        for expansion in self.related:
            for text, weight in expansion.related:
                weights[text] = max(weight, weights.get(text, 0.0))
        return weights

    def relaxed(self) -> "QueryPlan | None":
        """The same query with any of its words enough; nothing where that asks for no less."""
        forms = {part for word in self.words for part in [word.text, *_parts(word)]} | set(self.expansions)
        if self.step == Step.ANY or not self.words or (len(self.terms) == 1 and forms == {self.terms[0].text}):
            return None
        match = _any_word(self, self.words, PhraseMatcher(self.reader))
        return replace(self, step=Step.ANY, condition=replace(self.condition, wanted=(match,)))

    @cached_property
    def results(self) -> Results:
        """The public cases that match."""
        return self.reader.select(self.condition)

    def all_results(self) -> Results:
        """The cases that match, drafts too."""
        return self.reader.select(self.condition, drafts=True)


def plan_query(query: str, *, correcting: bool = True, reader: IndexReader | None = None) -> QueryPlan:
    """Reads the query and decides how it is matched, on all public cases, so that a reader's filters change nothing.

    Costs some short queries: for the names, the thesaurus, the frequencies, and how many cases there are. What finds
    nothing as it was typed is read again with its slips put right, unless `correcting` is false. `reader`: how the
    cases are looked at, by default as is quickest.
    """
    lexicon = current()
    # Half a character is in no text and no address.
    query = query.encode("utf-8", "replace").decode("utf-8")
    reader = open_reader() if reader is None else reader
    phrases = PhraseMatcher(reader)
    plan = replace(_parsed(query, lexicon, phrases), reader=reader)
    if plan.is_empty:
        return plan
    plan = _weighed(_related(_literal(plan, lexicon, phrases)))
    typed = _attempt(plan, Step.TYPED, [_alternatives(group, phrases) for group in plan.wanted], phrases)
    if typed.results.total or not plan.wanted:
        return typed
    slips = correct(query, current_vocabulary.current(), current_vocabulary.is_word) if correcting else None
    if slips:
        return replace(plan_query(slips.query, correcting=False, reader=reader), correction=slips)
    return _least_relaxed(_relaxations(plan, phrases), typed)


def _least_relaxed(relaxations: Iterator[QueryPlan], typed: QueryPlan) -> QueryPlan:
    """The first that finds enough, else the last that finds anything."""
    best = typed
    for plan in relaxations:
        if plan.results.total:
            best = plan
        if best.results.total >= (ENOUGH if len(plan.words) >= SENTENCE else 1):
            break
    return best


def _related(plan: QueryPlan) -> QueryPlan:
    current_thesaurus, expansions, room = thesaurus.current(), {}, MOST_RELATED
    for term in plan.terms:
        for expansion in current_thesaurus.expand(term.text) if not term.exact else ():
            if expansion.word not in expansions and len(expansion.related) <= room:
                expansions[expansion.word] = expansion
                room -= len(expansion.related)
    return replace(plan, related=tuple(expansions.values()))


def _parsed(query: str, lexicon: Lexicon, phrases: PhraseMatcher) -> QueryPlan:
    clauses, fields = [], []
    read = syntax.read(query)
    for clause in read:
        field_clause = read_field(clause, lexicon) if clause.field else None
        if field_clause:
            fields.append(field_clause)
        elif clause.field:
            # No such bank or year: it is text, with its colon.
            text = query[clause.start : clause.end]
            text = text.lstrip("-－") if clause.excluded else text
            clauses.append(replace(clause, field=None, pieces=(syntax.Piece(text),)))
        else:
            clauses.append(clause)
    query_groups = groups(clauses, lexicon, phrases.stands)
    idle = [word for group in query_groups for term in group.terms for word in idle_words(term.text, lexicon)]
    unread = bool(syntax.unread(query, read))
    return QueryPlan(query, tuple(query_groups), tuple(fields), idle=tuple(dict.fromkeys(idle)), unread=unread)


def _literal(plan: QueryPlan, lexicon: Lexicon, phrases: PhraseMatcher) -> QueryPlan:
    """A query that only excludes, but stands in a text as it was typed (-20℃), means that text."""
    if plan.fields or len(plan.groups) != 1 or not plan.groups[0].excluded:
        return plan
    term = make_term(syntax.Piece(plan.query), lexicon)
    if not term or not phrases.stands(term.text):
        return plan
    return replace(plan, groups=(Group((term,), False, 0, len(plan.query)),))


def _weighed(plan: QueryPlan) -> QueryPlan:
    factors = scoring.factors(plan.terms, plan.expansions)
    entries, counts = frequencies.of_lexemes(factors)
    for word in plan.words:
        # Several that go by one name are asked for alike, however many cases each has.
        together = sum(counts.get(owner, 0) for owner in word.owners)
        counts |= {owner: together for owner in word.owners if owner in counts}
    rarity = {lexeme: scoring.idf(counts[lexeme], entries) for lexeme in factors if lexeme in counts}
    lexemes = {lexeme: factors[lexeme] * idf for lexeme, idf in rarity.items()}
    common = {lexeme for lexeme in factors if counts.get(lexeme, 0) > COMMON * entries}
    return replace(plan, lexemes=lexemes, rarity=rarity, common=frozenset(common))


def _attempt(plan: QueryPlan, step: Step, wanted: list[Match], phrases: PhraseMatcher) -> QueryPlan:
    excluded = tuple(_alternatives(group, phrases) for group in plan.groups if group.excluded)
    filters = tuple(clause.column_filter for clause in plan.fields)
    return replace(plan, step=step, condition=Condition(tuple(wanted), excluded, filters))


def _relaxations(plan: QueryPlan, phrases: PhraseMatcher) -> Iterator[QueryPlan]:
    """Each asks for less than the one before."""
    words = [word for word in plan.words if len(word.text) > 1] or plan.words
    if not words:
        return
    wanted = plan.wanted
    if len(words) > len(wanted) or any(term.exact for term in plan.terms):
        matches = [match for group in wanted for match in _by_words(group, phrases)]
        yield _attempt(plan, Step.WORDS, matches, phrases)
    matches = [_word_or_related(plan, word, phrases) for word in words]
    expressions = tuple(match.lexemes for match in matches if match.lexemes and not match.keys)
    if len(matches) == len(expressions) == 3:
        most = Match(AtLeast(2, expressions))
        yield _attempt(plan, Step.MOST, [most], phrases)
    telling = [word for word in words if word.text not in plan.common and word.text not in IDLE]
    for chosen in (telling, words):
        if chosen:
            yield _attempt(plan, Step.ANY, [_any_word(plan, chosen, phrases)], phrases)


def _word_or_related(plan: QueryPlan, word: Word, phrases: PhraseMatcher) -> Match:
    return Match.any_of([_word(word, phrases), *map(phrases.match, plan.forms(word.text))])


def _alternatives(group: Group, phrases: PhraseMatcher) -> Match:
    """Cases that have one of the terms as it was typed, or are of the bank or product that it names."""
    return Match.any_of(
        match for term in group.terms for match in (phrases.match(term.text), Match(either(map(Has, term.owners))))
    )


def _any_word(plan: QueryPlan, words: list[Word], phrases: PhraseMatcher) -> Match:
    telling = [word for word in words if len(word.text) > 1] or words
    parts = dict.fromkeys(part for word in telling if not word.owners for part in _parts(word))
    texts = [*parts, *plan.expansions]
    return Match.any_of([*(_word(word, phrases) for word in telling), *map(phrases.match, texts)])


def _parts(word: Word) -> list[str]:
    """The shorter words that it consists of."""
    return [part for part in word.parts if 1 < len(part) < len(word.text) and part not in IDLE]


def _by_words(group: Group, phrases: PhraseMatcher) -> list[Match]:
    if len(group.terms) > 1:
        return [_alternatives(group, phrases)]
    return [_word(word, phrases) for word in group.terms[0].words]


def _word(word: Word, phrases: PhraseMatcher) -> Match:
    return Match.any_of([phrases.match(word.text), Match(either(map(Has, word.owners)))])
