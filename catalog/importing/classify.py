"""Which chapter a text without one would stand in, learnt from the texts that have one.

A collection has some five to ten cases a chapter, so the model is a small one: complement naive Bayes (Rennie et al.
2003), which weighs a feature against all the other chapters together and so suffers least from chapters of different
size, over words and pairs of neighbouring characters, each counted by its logarithm and its rarity.

How far it can be believed: over the casebook's 65 cases, each left out in turn, it finds the chapter of about three in
four (chance: one in six). Most of the others went to a chapter that fits as well: the editors put a bank's relief for
small firms under 聚力抗疫, 助力复工 or 服务小微 as they needed it. It is a proposal for an editor, not a fact.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import jieba

from catalog.script import to_simplified

_SEGMENTER = jieba.Tokenizer()
_RUN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]+")
_SMOOTHING = 0.5
# How fast confidence grows with the distance between the best chapter and the others; so set that the mean confidence
# over the casebook, each case left out in turn, is the share of cases it gets right.
_SHARPNESS = 45.0


# Titles are written to say what a case is about.
_TITLE_WEIGHT = 6


def case_text(title: str, *texts: str) -> str:
    """The text of a case for `train` and `classify`, its title weighted."""
    return "\n".join([title] * _TITLE_WEIGHT + list(texts))


@dataclass(frozen=True)
class Classifier:
    """Weights of features by category. Make one with `train`."""

    weights: dict[str, dict[str, float]]
    rarity: dict[str, float]

    def classify(self, text: str) -> tuple[str | None, float]:
        """The likeliest category and how likely it is, 0 to 1; None where the text has nothing known."""
        features = _weighted(_counts(text), self.rarity)
        if not features or not self.weights:
            return None, 0.0
        scores = {
            category: sum(value * weights.get(feature, 0.0) for feature, value in features.items())
            for category, weights in self.weights.items()
        }
        best = max(scores, key=scores.get)
        total = sum(math.exp(_SHARPNESS * (score - scores[best])) for score in scores.values())
        return best, 1 / total


def train(labelled_texts: Iterable[tuple[str, str]]) -> Classifier:
    """Learns from pairs of category and text."""
    documents = [(category, _counts(text)) for category, text in labelled_texts]
    spread = Counter(feature for _, counts in documents for feature in counts)
    rarity = {feature: math.log(len(documents) / times) for feature, times in spread.items() if times > 1}
    totals: Counter[str] = Counter()
    by_category: dict[str, Counter[str]] = defaultdict(Counter)
    for category, counts in documents:
        for feature, value in _weighted(counts, rarity).items():
            totals[feature] += value
            by_category[category][feature] += value
    weights = {}
    for category, own in by_category.items():
        rest = {feature: totals[feature] - own[feature] + _SMOOTHING for feature in totals}
        everything = sum(rest.values())
        logs = {feature: -math.log(value / everything) for feature, value in rest.items()}
        norm = sum(map(abs, logs.values()))
        weights[category] = {feature: value / norm * len(logs) for feature, value in logs.items()}
    return Classifier(weights, rarity)


def _counts(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for run in _RUN.findall(to_simplified(text)):
        counts.update(word for word in _SEGMENTER.cut(run, HMM=False) if len(word) > 1)
        counts.update(run[i : i + 2] for i in range(len(run) - 1))
    return counts


def _weighted(counts: Counter[str], rarity: dict[str, float]) -> dict[str, float]:
    """Logarithmic counts times rarity, of unit length, so that long texts do not weigh more."""
    values = {feature: (1 + math.log(n)) * rarity[feature] for feature, n in counts.items() if rarity.get(feature)}
    length = math.sqrt(sum(value * value for value in values.values()))
    return {feature: value / length for feature, value in values.items()} if length else {}
