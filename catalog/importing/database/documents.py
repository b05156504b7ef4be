"""A document's draft as the writer takes it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalog.importing.compose import statement_of
from catalog.importing.database.content import Content
from catalog.importing.database.names import Banks
from catalog.importing.drafts import ImportProblem, SourceDraft, Statement
from catalog.models import Source


@dataclass
class DocumentContent(Content):
    """`corrections`: how many the draft needed, for the report."""

    draft: SourceDraft
    corrections: int = 0

    def __post_init__(self):
        document = self.draft.document
        self.name, self.sha256, self.encoding = document.name, document.sha256, document.encoding
        self.kind, self.lines, self.doubts = Source.Kind(self.draft.kind), document.lines, self.draft.doubts
        self.size = sum(map(len, document.lines))

    def statements(self, progress: Callable[[int], object] = lambda done: None) -> Iterator[Statement]:
        for case in self.draft.cases:
            yield statement_of(case)
        progress(self.size)

    def source_fields(self) -> dict[str, object]:
        draft = self.draft
        published = draft.published_on and draft.published_on.isoformat()
        return {"title": draft.title, "publisher": draft.publisher, "published_on": published, "script": draft.script}


def check_banks(draft: SourceDraft, banks: Banks) -> None:
    """Readers give banks of the reference data. One that is not in it can only come from a correction, and a
    correction is never dropped in silence, as an unknown bank in a file of rows is. One that an editor has removed, or
    a name that was taken out, becomes a doubt: no start is to fail by it.
    """
    for case in draft.cases:
        if case.bank and not banks.find(case.bank).bank and not banks.is_removed(case.bank):
            reason = f"银行“{case.bank}”不在 banks.toml 里（案例“{case.title}”）"
            raise ImportProblem(reason, file="banks.toml")
