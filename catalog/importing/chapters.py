"""Which chapter a text without one would stand in, learnt from the texts that have one.

A collection has some five to ten cases a chapter, too few for anything but a small model: a text goes to the chapter
whose mean it is nearest to (Rocchio's classifier: cosine of tf-idf vectors over words and pairs of neighbouring
characters). Naive Bayes, complement naive Bayes and nearest neighbours were no better on the casebook.

How far it can be believed: of the casebook's 65 cases, each left out in turn, it gives 45 (69%) their chapter, among
eleven. Nine of the other twenty are exchanged between 聚力抗疫, 助力复工 and 服务小微, which tell of the same loans to
the same firms; the two smallest chapters are mostly missed. It is a proposal for an editor, not a fact.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from catalog.importing.drafts import CaseDraft, Doubt, SourceDraft
from catalog.text.dictionary import tokenizer
from catalog.text.script import to_simplified

# Its own tokenizer: words that a catalogue adds for its search must not change what an import reads.
_RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]+")
# How fast confidence grows with the distance between the nearest chapter and the others; so set that the mean
# confidence over the casebook, each case left out in turn, is the share of cases it gets right.
_SHARPNESS = 25.0

Vector = dict[str, float]


@dataclass(frozen=True)
class Classifier:
    """The mean of each category, of unit length, and the rarity of each feature. Make one with `train`."""

    means: dict[str, Vector]
    rarity: Vector

    def classify(self, text: str) -> tuple[str | None, float]:
        """The likeliest category and how likely it is, 0 to 1; None where the text has nothing known."""
        features = _vector(_counts(text), self.rarity)
        if not features:
            return None, 0.0
        nearness = {
            category: sum(value * mean.get(feature, 0.0) for feature, value in features.items())
            for category, mean in self.means.items()
        }
        best = max(nearness, key=nearness.get)
        return best, 1 / sum(math.exp(_SHARPNESS * (value - nearness[best])) for value in nearness.values())


def train(labelled_texts: Iterable[tuple[str, str]]) -> Classifier:
    """Learns from pairs of category and text. A category's name is an example of it too."""
    examples = list(labelled_texts)
    examples += [(category, category) for category in dict.fromkeys(category for category, _ in examples)]
    documents = [(category, _counts(text)) for category, text in examples]
    spread = Counter(feature for _, counts in documents for feature in counts)
    # What stands in one text only says nothing about others.
    rarity = {feature: math.log(len(documents) / times) for feature, times in spread.items() if times > 1}
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for category, counts in documents:
        for feature, value in _vector(counts, rarity).items():
            sums[category][feature] += value
    return Classifier({category: _unit(total) for category, total in sums.items()}, rarity)


def _counts(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for run in _RUN.findall(to_simplified(text)):
        counts.update(word for word in tokenizer().cut(run, HMM=False) if len(word) > 2)
        counts.update(run[i : i + 2] for i in range(len(run) - 1))
    return counts


def _vector(counts: Counter[str], rarity: Vector) -> Vector:
    return _unit({feature: (1 + math.log(n)) * rarity[feature] for feature, n in counts.items() if rarity.get(feature)})


def _unit(vector: Vector) -> Vector:
    """The same direction at length one, so that neither long texts nor large chapters weigh more."""
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {feature: value / length for feature, value in vector.items()} if length else {}


def text_of(case: CaseDraft) -> str:
    return "\n".join([case.full_title, case.summary, *(block.text for block in case.blocks)])


def labelled_texts(sources: Iterable[SourceDraft]) -> list[tuple[str, str]]:
    """Pairs of chapter and text of the cases whose document states the chapter."""
    return [
        (case.category, text_of(case))
        for source in sources
        for case in source.cases
        if case.category and case.category_confidence is None
    ]


def infer_categories(source: SourceDraft, classifier: Classifier) -> SourceDraft:
    """Cases without a chapter get the likeliest, marked as inferred with its confidence, for an editor to confirm."""
    return replace(source, cases=tuple(_inferred(case, classifier) for case in source.cases))


def _inferred(case: CaseDraft, classifier: Classifier) -> CaseDraft:
    if case.category:
        return case
    category, confidence = classifier.classify(text_of(case))
    if category is None:
        return case
    confidence = round(confidence, 2)
    doubt = Doubt("category", f"原文没有写明章节，推断为“{category}”，请确认。", confidence)
    doubts = (*(other for other in case.doubts if other.field != "category"), doubt)
    return replace(case, category=category, category_confidence=confidence, doubts=doubts)
