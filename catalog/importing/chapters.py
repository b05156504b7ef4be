"""Proposes a chapter for a case without one, learnt from the cases that have one.

A collection has some five to ten cases per chapter, too few for a large model. A text is assigned to the chapter with
the nearest centroid (Rocchio's classifier: cosine similarity of tf-idf vectors over words and character bigrams).
Naive Bayes, complement naive Bayes and nearest neighbours were no better on the casebook.

Accuracy on the casebook, leaving each case out in turn: 45 of 65 cases (69%) get their own chapter, out of eleven.
Nine of the twenty errors confuse 聚力抗疫, 助力复工 and 服务小微, which describe the same loans to the same firms; the
two smallest chapters are mostly missed. So the result is a proposal for an editor.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from catalog.importing.drafts import CaseDraft, Doubt, SourceDraft
from catalog.text.dictionary import tokenizer
from catalog.text.script import to_simplified

_RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]+")
# The factor before the softmax over similarities that gives the confidence. With this value the mean confidence over
# the casebook, leaving each case out in turn, equals the accuracy.
_SHARPNESS = 25.0

Vector = dict[str, float]


@dataclass(frozen=True)
class Classifier:
    """`means`: (category -> centroid of unit length). `rarity`: (feature -> idf). Made by `train`."""

    means: dict[str, Vector]
    rarity: Vector

    def classify(self, text: str) -> tuple[str | None, float]:
        """The nearest category and its confidence, 0 to 1; (None, 0.0) if no feature of the text is known."""
        features = _vector(_counts(text), self.rarity)
        if not features:
            return None, 0.0
        similarities = {
            category: sum(value * mean.get(feature, 0.0) for feature, value in features.items())
            for category, mean in self.means.items()
        }
        nearest = max(similarities, key=similarities.get)
        return nearest, 1 / sum(
            math.exp(_SHARPNESS * (value - similarities[nearest])) for value in similarities.values()
        )


def train(labelled_texts: Iterable[tuple[str, str]]) -> Classifier:
    """A classifier from pairs of category and text. The name of each category counts as one more text of it."""
    examples = list(labelled_texts)
    examples += [(category, category) for category in dict.fromkeys(category for category, _ in examples)]
    documents = [(category, _counts(text)) for category, text in examples]
    text_counts = Counter(feature for _, counts in documents for feature in counts)
    # A feature of a single text says nothing about other texts.
    rarity = {feature: math.log(len(documents) / times) for feature, times in text_counts.items() if times > 1}
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for category, counts in documents:
        for feature, value in _vector(counts, rarity).items():
            sums[category][feature] += value
    return Classifier({category: _unit(total) for category, total in sums.items()}, rarity)


def _counts(text: str) -> Counter[str]:
    """How often each feature stands in a text: words of three or more characters, and character bigrams."""
    counts: Counter[str] = Counter()
    for run in _RUN.findall(to_simplified(text)):
        counts.update(word for word in tokenizer().cut(run, HMM=False) if len(word) > 2)
        counts.update(run[i : i + 2] for i in range(len(run) - 1))
    return counts


def _vector(counts: Counter[str], rarity: Vector) -> Vector:
    """The tf-idf vector of unit length, with 1 + ln(count) as the term frequency."""
    return _unit({feature: (1 + math.log(n)) * rarity[feature] for feature, n in counts.items() if rarity.get(feature)})


def _unit(vector: Vector) -> Vector:
    """The vector scaled to length one, so that neither long texts nor large chapters weigh more."""
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {feature: value / length for feature, value in vector.items()} if length else {}


def text_of(case: CaseDraft) -> str:
    """The text by which a case is classified: title, summary and blocks, each on its own lines."""
    return "\n".join([case.full_title, case.summary, *(block.text for block in case.blocks)])


def labelled_texts(sources: Iterable[SourceDraft]) -> list[tuple[str, str]]:
    """(chapter, text) of the cases whose document states the chapter."""
    return [
        (case.category, text_of(case))
        for source in sources
        for case in source.cases
        if case.category and case.category_confidence is None
    ]


def infer_categories(source: SourceDraft, classifier: Classifier) -> SourceDraft:
    """The source, with a chapter proposed for each case without one: its confidence is set and a doubt is added."""
    return replace(source, cases=tuple(_with_category(case, classifier) for case in source.cases))


def _with_category(case: CaseDraft, classifier: Classifier) -> CaseDraft:
    if case.category:
        return case
    category, confidence = classifier.classify(text_of(case))
    if category is None:
        return case
    confidence = round(confidence, 2)
    doubt = Doubt("category", f"原文没有写明章节，推断为“{category}”，请确认。", confidence)
    doubts = (*(earlier for earlier in case.doubts if earlier.field != "category"), doubt)
    return replace(case, category=category, category_confidence=confidence, doubts=doubts)
