"""What of a case is searched, and in which field. To search something else, add it here and rebuild the index."""

from itertools import groupby

from catalog.models import Case
from catalog.search.index.lexemes import Document
from catalog.search.names.lexicon import bank_lexeme, product_lexeme
from catalog.text.markdown import Piece, pieces
from catalog.text.normalise import fold


def document(case: Case) -> Document:
    """Reads what `CaseQuerySet.indexed_text` fetches, and nothing else."""
    # Whoever has them, a query or an import, in whatever order: of equal cases the texts are equal.
    products = sorted(case.products.all(), key=lambda product: product.pk)
    headings, paragraphs = _headings_and_texts(pieces(case.body))
    texts = {
        "title": [case.full_title],
        "names": [case.bank.name if case.bank else "", case.branch, *(row.name for row in products)],
        "summary": [case.summary],
        "headings": headings,
        "body": paragraphs,
        "captions": [*case.captions, *case.authors, case.category.name if case.category else ""],
    }
    owners = [product_lexeme(product.pk) for product in products]
    if case.bank_id:
        owners.append(bank_lexeme(case.bank_id))
    folded = {field: [text for text in map(fold, originals) if text] for field, originals in texts.items()}
    return Document(folded, owners)


def text_of(case: Case) -> str:
    """By which it is held against others that may be the same."""
    return f"{case.summary}\n{case.body}"


def _headings_and_texts(body: list[Piece]) -> tuple[list[str], list[str]]:
    """Paragraphs between two headings are one text: a sentence that a page break cut in two is found whole."""
    headings, texts = [], []
    for is_heading, group in groupby(body, key=lambda piece: piece.is_heading):
        if is_heading:
            headings += [piece.text for piece in group]
        else:
            texts.append("\n".join(piece.text for piece in group))
    return headings, texts
