"""The chapter of a text that names none, inferred from those that do."""

from collections.abc import Iterable
from dataclasses import replace

from catalog.importing.classify import Classifier
from catalog.importing.drafts import CaseDraft, Doubt, SourceDraft


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
