"""Which reader a document wants, by its content. No database here."""

from catalog.importing.articles import is_article, read_article
from catalog.importing.casebook import is_casebook, read_casebook
from catalog.importing.corrections import Corrections, Order, apply_to_draft
from catalog.importing.drafts import Document, ImportProblem, SourceDraft
from catalog.importing.reference import Reference
from catalog.text import limits

NONE = Corrections()


def read(document: Document, reference: Reference, corrections: Corrections = NONE) -> SourceDraft:
    """The document's cases, with an editor's corrections. `ImportProblem` if it is none of the known kinds."""
    if is_casebook(document):
        draft = read_casebook(document, reference, corrections.of(Order))
        return apply_to_draft(draft, corrections, reference.banks)
    if sum(map(len, document.lines)) > limits.ARTICLE:  # before it is read in vain
        raise ImportProblem(f"一篇文章超过 {limits.ARTICLE} 字，请分成几份", file=document.name, line=1)
    if is_article(document):
        return apply_to_draft(read_article(document, reference), corrections, reference.banks)
    raise ImportProblem("认不出这是哪一种文档：既没有案例集的目录，也没有文章的正文", file=document.name, line=1)
