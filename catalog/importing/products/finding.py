"""From the pieces of a case to its products."""

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
    """The products of one case. `pieces`: its title, summary and paragraphs, each whole. `names`: the names that its
    institution goes by. `shared`: keys of phrases that several banks use, from `shared_phrases`.

    Spellings of one name are one product: the one used most is its name, the others are aliases. A name within a
    longer one (快贷 in 小微快贷) is not a product of its own.
    """
    names = tuple(names)
    found = collect_candidates(pieces, names, shared)
    accepted = {key: candidate for key, candidate in found.items() if candidate.score >= THRESHOLD}
    forms = {key: Counter(candidate.forms) for key, candidate in accepted.items()}
    for key in sorted(accepted, key=len, reverse=True):
        shorter = next((other for other in forms if _is_variant(other, key, names)), None)
        if shorter:
            forms[shorter] += forms.pop(key)
        elif "quoted" not in accepted[key].seen and any(key != other and key in other for other in forms):
            del forms[key]
    return tuple(map(_draft, forms.values()))


def _is_variant(key: str, longer: str, names: Iterable[str]) -> bool:
    """Whether `longer` only adds the bank's name before, or a version after."""
    return longer in {name_key(name) + key for name in names} or bool(re.fullmatch(re.escape(key) + r"\d\.\d", longer))


def _draft(forms: Counter[str]) -> ProductDraft:
    spellings = [form for form, _ in forms.most_common()]
    name = _without_justification(spellings[0])
    return ProductDraft(name, tuple(dict.fromkeys(form for form in spellings if form != name)))


def shared_phrases(cases: Iterable[tuple[str | None, Sequence[str]]], banks: int = 3) -> frozenset[str]:
    """Keys of what stands in quotation marks in cases of at least `banks` different banks."""
    users: dict[str, set[str | None]] = defaultdict(set)
    for bank, pieces in cases:
        for piece in pieces:
            for found in words.QUOTED.finditer(piece):
                users[name_key(next(filter(None, found.groups())))].add(bank)
    return frozenset(key for key, names in users.items() if len(names) >= banks)


def collect_candidates(
    pieces: Sequence[str], names: Iterable[str] = (), shared: frozenset[str] = frozenset()
) -> dict[str, Candidate]:
    """Every candidate by its key, in order of first mention."""
    found: dict[str, Candidate] = {}
    own = tuple(sorted({to_simplified(name) for name in names}, key=len, reverse=True))
    for i, piece in enumerate(pieces):
        # The parts of a title are only parted by blanks.
        text = Text(words.PARTS_OF_TITLE.sub("，", piece) if i == 0 else piece)
        spans = find_spans(text.plain, own)
        for members in enumerations(text.plain, spans):
            context = set(observe_context(text.plain, members[0][0], members[-1][1], own))
            names_of = {span: _MARKS.sub("", text.plain[slice(*span)]) for span in members}
            if len(members) > 1 and any(words.SURE_ENDING.search(name) for name in names_of.values()):
                context.add("listed")
            for span, name in names_of.items():
                key = name_key(name)
                if name in own or (len(key) < 3 and not words.SURE_ENDING.search(name)):
                    continue
                candidate = found.setdefault(key, Candidate())
                candidate.times += 1
                candidate.forms[_MARKS.sub("", text.spelled(*span))] += 1
                before = text.plain[max(0, span[0] - 6) : span[0]]
                candidate.seen |= context | spans[span]
                candidate.seen |= set(observe_name(name, before, "quoted" in spans[span], own))
                if i == 0:
                    candidate.seen.add("in title")
                if key in shared:
                    candidate.seen.add("shared")
    for candidate in found.values():
        if candidate.times > 1:
            candidate.seen.add("repeated")
    return found


def _without_justification(form: str) -> str:
    """A name without the blanks that typesetting puts around Latin letters and digits (纳税 e 贷)."""
    return re.sub(r"(?<![A-Za-z]) | (?![A-Za-z])", "", form)
