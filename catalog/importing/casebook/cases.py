"""Makes case drafts from the pages in reading order: lead, body, captions, institution, products and doubts."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.importing.casebook.boxes import Lead
from catalog.importing.casebook.contents import Contents, Heading, compose_title
from catalog.importing.casebook.frames import Item
from catalog.importing.casebook.lines import join_texts, tidy
from catalog.importing.casebook.pages import Page
from catalog.importing.casebook.paragraphs import compose_blocks, spans_of
from catalog.importing.casebook.seams import Seams, confidence
from catalog.importing.drafts import Caption, CaseDraft, Doubt, Span
from catalog.importing.institutions import recognise_institution, settle_branches
from catalog.importing.products import find_products, shared_phrases
from catalog.importing.reference import Reference

SURE = 0.75  # a decision of a lower confidence becomes a doubt for an editor
SURE_BANK = 0.75  # the same for the recognised bank
WEAK_SEAM = -1.5
CLEAR_FIT = 0.1  # difference of `containment` by which a table's words must fit one of two cases better


@dataclass
class CasePages:
    """One case: the index of its title in the contents, its pages in reading order, and the doubts so far."""

    title: int
    pages: list[Page] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def items(self) -> list[Item]:
        return [item for page in self.pages for item in page.items]


def attribute_pages(pages: Sequence[Page]) -> tuple[list[CasePages], list[Item]]:
    """(cases in the book's order with their pages, running text before the first title)."""
    cases: list[CasePages] = []
    before: list[Item] = []
    for page in pages:
        if page.titles:
            cases += [CasePages(title.title or 0) for title in page.titles]
        if cases:
            cases[-1].pages.append(page)
        else:
            before += page.flow
    return cases, before


def settle_neighbours(cases: Sequence[CasePages], seams: Seams) -> None:
    """Gives captions and tables at the cut of a spread that two cases share to the case whose words they use.

    Seams between rows of running text cannot tell on which side of the cut these stand. Changes `cases`.
    """
    case_of = {page: case for case in cases for page in case.pages}
    sides: dict[int, dict[str, Page]] = {}
    for page in case_of:
        sides.setdefault(page.spread, {})[page.side] = page
    for pair in sides.values():
        if len(pair) < 2 or case_of[pair["left"]] is case_of[pair["right"]]:
            continue
        left, right = pair["left"], pair["right"]
        loose_right = _loose(right.items[::-1])[::-1]
        loose_left = _loose(left.items)
        fits = [
            (_uses_words(item, case_of[right], seams) - _uses_words(item, case_of[left], seams))
            for item in (*loose_right, *loose_left)
        ]
        loose = [*loose_right, *loose_left]
        # They keep their order: the first `count` of them are on the right page, the others on the left.
        count = max(range(len(loose) + 1), key=lambda n: (sum(fits[:n]) - sum(fits[n:]), -abs(n - len(loose_right))))
        for place, (item, fit) in enumerate(zip(loose, fits, strict=True)):
            if item.kind == "table" and abs(fit) < CLEAR_FIT:
                line = item.first.number
                reason = f"第 {line} 行起的表格在两篇案例之间，也可能属于另一篇。"
                case = case_of[right] if place < count else case_of[left]
                case.doubts.append(Doubt("body", reason, 0.5 + abs(fit), spans_of(item.rows)))
        inner_right, inner_left = right.items[: len(right.items) - len(loose_right)], left.items[len(loose_left) :]
        _replace_page(case_of[right], right, (*inner_right, *loose[:count]))
        _replace_page(case_of[left], left, (*loose[count:], *inner_left))


def _loose(items: Sequence[Item]) -> list[Item]:
    """The captions and tables at the beginning of a page."""
    loose: list[Item] = []
    for item in items:
        if item.kind not in ("caption", "table"):
            break
        loose.append(item)
    return loose


def _uses_words(item: Item, case: CasePages, seams: Seams) -> float:
    """How much of the words of an item the rest of the case uses, 0 to 1."""
    other_rows = [row for neighbour in case.items if neighbour is not item for row in neighbour.rows]
    return seams.model.containment(item.rows, other_rows)


def _replace_page(case: CasePages, page: Page, items: Sequence[Item]) -> None:
    case.pages[case.pages.index(page)] = replace(page, items=tuple(items))


def compose_case(
    case: CasePages,
    flow: Sequence[Item],
    ref: str,
    number: int,
    contents: Contents,
    heading: Heading,
    lead: Lead | None,
    printed_numbers: Mapping[Page, int | None],
    seams: Seams,
) -> CaseDraft:
    """The draft of one case, without institution and products.

    `flow`: its running text in reading order. `printed_numbers`: the printed number of each page, where it is known.
    `contents.titles[case.title]`, `heading` and `lead` are its title in the contents, its title in the text and its
    box, if there is one.
    """
    title, subtitle = compose_title(contents.titles[case.title], heading)
    pages = {row: printed_numbers.get(page) for page in case.pages for item in page.items for row in item.rows}
    boxes = [item for item in case.items if item.kind == "box"]
    captions = [item for item in case.items if item.kind == "caption"]
    rows = sorted(
        (row for item in case.items if item.kind != "opener" for row in item.rows), key=lambda r: (r.number, r.start)
    )
    numbers = [page for page in (printed_numbers.get(page) for page in case.pages) if page is not None]
    return CaseDraft(
        ref=ref,
        title=title,
        subtitle=subtitle,
        number=number,
        category=contents.chapters[contents.titles[case.title].chapter],
        summary="".join(join_texts(tidy(row.text) for row in box.rows) for box in boxes),
        blocks=tuple(compose_blocks(flow, pages, seams)),
        captions=tuple(
            Caption(join_texts(tidy(row.text, keep_blanks=True) for row in item.rows), spans_of(item.rows))
            for item in captions
        ),
        spans=spans_of(rows),
        pages=(min(numbers), max(numbers)) if numbers else None,
        doubts=tuple(_doubts(case, flow, heading, lead, seams)),
    )


def _doubts(case: CasePages, flow: Sequence[Item], heading: Heading, lead: Lead | None, seams: Seams) -> list[Doubt]:
    doubts = list(case.doubts)
    if not heading.exact:
        doubts.append(Doubt("title", "正文里的标题与目录不完全相同，采用了目录里的写法。", 0.5, spans_of(heading.rows)))
    if lead is None:
        doubts.append(Doubt("summary", "这一篇找不到案例简介的方框。", 0.0, spans_of(heading.rows)))
    elif lead.confidence < SURE or not lead.has_label:
        reason = "案例简介的起止不能确定。" if lead.has_label else "没有“案例简介”的标签，按版式认出了方框。"
        doubts.append(Doubt("summary", reason, lead.confidence, ((lead.rows[0], lead.rows[-1]),)))
    for item in case.items:
        if item.kind == "label" and item.title is None and lead is not None:
            line = item.first.number
            reason = f"第 {line} 行又有一个“案例简介”：这里可能是另一篇案例，而目录里没有它的标题。"
            doubts.append(Doubt("body", reason, 0.2, ((line, line),)))
    for page in case.pages:
        if len(page.titles) > 1:
            reason = "这一页上有几个标题，正文可能分错了案例。"
            doubts.append(Doubt("body", reason, 0.2, tuple(span for t in page.titles for span in spans_of(t.rows))))
        if page.confidence < SURE and page.flow:
            place = _place(page.flow[0], page.flow[-1])
            reason = f"左右两页的分界不能确定：{page.reason}，但也可能在别处。"
            doubts.append(Doubt("body", reason, page.confidence, place))
    for before, after in itertools.pairwise(flow):
        if _is_printed_neighbour(before, after) or "table" in (before.kind, after.kind):
            continue
        score = seams.score(before, after)
        if score < WEAK_SEAM:
            reason = f"第 {before.last.number} 行接第 {after.first.number} 行，句子可能没有接上。"
            doubts.append(Doubt("body", reason, confidence(score), _place(before, after)))
    if flow and flow[-1].open:
        line = flow[-1].last.number
        doubts.append(Doubt("body", f"正文在第 {line} 行停在半句，后面的文字可能缺失。", 0.2, ((line, line),)))
    if not flow:
        doubts.append(Doubt("body", "这一篇没有找到正文。", 0.0, spans_of(heading.rows)))
    return doubts


def _is_printed_neighbour(before: Item, after: Item) -> bool:
    return 0 <= after.first.number - before.last.number <= after.first.gap + 1


def _place(first: Item, last: Item) -> tuple[Span, ...]:
    return ((first.first.number, first.first.number), (last.last.number, last.last.number))


def name_institutions(drafts: Sequence[CaseDraft], reference: Reference) -> tuple[CaseDraft, ...]:
    """The drafts with bank, branch and products, and a doubt where the bank is not certain.

    All cases of a book are needed at once: they settle how a branch is written, and which phrases several banks share.
    """
    pieces = [_pieces(draft) for draft in drafts]
    institutions = [recognise_institution(texts[0], "\n".join(texts[1:]), reference) for texts in pieces]
    institutions = settle_branches(institutions, ["\n".join(texts) for texts in pieces], reference)
    shared = shared_phrases(
        [(institution.bank, texts) for institution, texts in zip(institutions, pieces, strict=True)]
    )
    named_drafts = []
    for draft, texts, institution in zip(drafts, pieces, institutions, strict=True):
        names = reference.bank(institution.bank).names if institution.bank else ()
        doubts = draft.doubts
        if institution.confidence < SURE_BANK:
            doubts += (Doubt("bank", f"{institution.reason}。", institution.confidence, draft.spans[:1]),)
        named_drafts.append(
            replace(
                draft,
                bank=institution.bank,
                branch=institution.branch,
                products=find_products(texts, names, shared),
                doubts=doubts,
            )
        )
    return tuple(named_drafts)


def _pieces(draft: CaseDraft) -> list[str]:
    """The texts of a case, each whole: the title first, then lead, blocks and captions."""
    texts = [draft.summary, *(block.text for block in draft.blocks), *(caption.text for caption in draft.captions)]
    return [draft.full_title, *filter(None, texts)]
