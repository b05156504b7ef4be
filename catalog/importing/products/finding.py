"""Finds the products that a case names in its pieces of text."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from catalog.importing.drafts import ProductDraft
from catalog.importing.products import words
from catalog.importing.products.spans import Text, enumerations, find_spans
from catalog.importing.products.weighing import THRESHOLD, Candidate, observe_context, observe_name
from catalog.text.names import name_key
from catalog.text.script import to_simplified

_MARKS = re.compile(r"[“”「」‘’《》]")


def find_products(
    pieces: Sequence[str], names: Iterable[str] = (), shared: frozenset[str] = frozenset()
) -> tuple[ProductDraft, ...]:
    """The products of one case.

    `pieces`: its title, then its summary and paragraphs, each whole. `names`: all names of its institution. `shared`:
    keys of phrases that several banks use, from `shared_phrases`.

    Spellings of one name are one product: the most frequent is its name, the others are aliases. A name inside a longer
    one (快贷 in 小微快贷) is not a product of its own.
    """
    names = tuple(names)
    candidates = collect_candidates(pieces, names, shared)
    accepted = {key: candidate for key, candidate in candidates.items() if candidate.score >= THRESHOLD}
    forms = {key: Counter(candidate.forms) for key, candidate in accepted.items()}
    for key in sorted(accepted, key=len, reverse=True):
        shorter = next((other_key for other_key in forms if _is_variant(other_key, key, names)), None)
        if shorter:
            forms[shorter] += forms.pop(key)
        elif "quoted" not in accepted[key].observations and any(key != longer and key in longer for longer in forms):
            del forms[key]
    return tuple(map(_draft, forms.values()))


def _is_variant(key: str, longer: str, names: Iterable[str]) -> bool:
    """Whether `longer` is `key` with a name of the bank before it, or with a version number after it."""
    return longer in {name_key(name) + key for name in names} or bool(re.fullmatch(re.escape(key) + r"\d\.\d", longer))


def _draft(forms: Counter[str]) -> ProductDraft:
    spellings = [form for form, _ in forms.most_common()]
    name = _without_justification(spellings[0])
    return ProductDraft(name, tuple(dict.fromkeys(form for form in spellings if form != name)))


def shared_phrases(cases: Iterable[tuple[str | None, Sequence[str]]], min_banks: int = 3) -> frozenset[str]:
    """Keys of the phrases in quotation marks that cases of at least `min_banks` different banks use.

    `cases`: pairs of the bank's catalogue name and the pieces of the case.
    """
    banks_by_phrase: dict[str, set[str | None]] = defaultdict(set)
    for bank, pieces in cases:
        for piece in pieces:
            for quotation in words.QUOTED.finditer(piece):
                banks_by_phrase[name_key(next(filter(None, quotation.groups())))].add(bank)
    return frozenset(key for key, banks in banks_by_phrase.items() if len(banks) >= min_banks)


def collect_candidates(
    pieces: Sequence[str], names: Iterable[str] = (), shared: frozenset[str] = frozenset()
) -> dict[str, Candidate]:
    """(name key -> candidate), in the order in which they are first mentioned. Parameters as for `find_products`."""
    candidates: dict[str, Candidate] = {}
    owner_names = tuple(sorted({to_simplified(name) for name in names}, key=len, reverse=True))
    for i, piece in enumerate(pieces):
        # Clauses of a title are separated by blanks where a sentence has commas.
        text = Text(words.PARTS_OF_TITLE.sub("，", piece) if i == 0 else piece)
        spans = find_spans(text.plain, owner_names)
        for members in enumerations(text.plain, spans):
            context = set(observe_context(text.plain, members[0][0], members[-1][1], owner_names))
            name_by_span = {span: _MARKS.sub("", text.plain[slice(*span)]) for span in members}
            if len(members) > 1 and any(words.SURE_ENDING.search(name) for name in name_by_span.values()):
                context.add("listed")
            for span, name in name_by_span.items():
                key = name_key(name)
                if name in owner_names or (len(key) < 3 and not words.SURE_ENDING.search(name)):
                    continue
                candidate = candidates.setdefault(key, Candidate())
                candidate.times += 1
                candidate.forms[_MARKS.sub("", text.original_spelling(*span))] += 1
                before = text.plain[max(0, span[0] - 6) : span[0]]
                candidate.observations |= context | spans[span]
                candidate.observations |= set(observe_name(name, before, "quoted" in spans[span], owner_names))
                if i == 0:
                    candidate.observations.add("in title")
                if key in shared:
                    candidate.observations.add("shared")
    for candidate in candidates.values():
        if candidate.times > 1:
            candidate.observations.add("repeated")
    return candidates


def _without_justification(form: str) -> str:
    """The name without the blanks that typesetting puts around Latin letters and digits (纳税 e 贷)."""
    return re.sub(r"(?<![A-Za-z]) | (?![A-Za-z])", "", form)
