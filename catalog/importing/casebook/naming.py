"""Whose cases they are and which products they name, once the texts stand: both are read off all cases together."""

from collections.abc import Sequence
from dataclasses import replace

from catalog.importing.drafts import CaseDraft, Doubt
from catalog.importing.institutions import recognise_institution, settle_branches
from catalog.importing.products import find_products, shared_phrases
from catalog.importing.reference import Reference

SURE_BANK = 0.75


def name_institutions(drafts: Sequence[CaseDraft], reference: Reference) -> tuple[CaseDraft, ...]:
    """The drafts with bank, branch and products. A case whose institution is doubtful says so."""
    pieces = [_pieces(draft) for draft in drafts]
    texts = ["\n".join(own[1:]) for own in pieces]
    found = [recognise_institution(own[0], text, reference) for own, text in zip(pieces, texts, strict=True)]
    found = settle_branches(found, ["\n".join(own) for own in pieces], reference)
    shared = shared_phrases([(institution.bank, own) for institution, own in zip(found, pieces, strict=True)])
    named = []
    for draft, own, institution in zip(drafts, pieces, found, strict=True):
        names = reference.bank(institution.bank).names if institution.bank else ()
        doubts = draft.doubts
        if institution.confidence < SURE_BANK:
            doubts += (Doubt("bank", f"{institution.reason}。", institution.confidence, draft.spans[:1]),)
        named.append(
            replace(
                draft,
                bank=institution.bank,
                branch=institution.branch,
                products=find_products(own, names, shared),
                doubts=doubts,
            )
        )
    return tuple(named)


def _pieces(draft: CaseDraft) -> list[str]:
    """Title, lead, paragraphs and captions, each whole."""
    texts = [draft.summary, *(block.text for block in draft.blocks), *(caption.text for caption in draft.captions)]
    return [draft.full_title, *filter(None, texts)]
