"""Which reader a document wants, by its content. No database here."""

from catalog.importing.articles import is_article, read_article
from catalog.importing.casebook import is_casebook, read_casebook
from catalog.importing.drafts import Document, ImportProblem, SourceDraft
from catalog.importing.reference import Reference


def read(document: Document, reference: Reference) -> SourceDraft:
    if is_casebook(document):
        return read_casebook(document, reference)
    if is_article(document):
        return read_article(document, reference)
    raise ImportProblem("认不出这是哪一种文档：既没有案例集的目录，也没有文章的正文", file=document.name, line=1)
