"""A file of rows as the writer takes it.

A case's ref is `<file name>#<key>`: the file's name is the room in which its rows' numbers are told apart.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from catalog.importing.database.content import Content
from catalog.importing.drafts import UNSHOWN, ImportProblem, Statement
from catalog.importing.rows.columns import fields_of
from catalog.importing.rows.drafts import BadRow, RowDraft, draft_of
from catalog.importing.rows.files import RowsFile
from catalog.importing.rows.values import says_nothing
from catalog.models import Source

_TOLD = 100  # bad rows that the report names; of the others only the number
_MOST_COLUMNS = 50


class Refs:
    """The refs of a file, of each of which only the hash is held: some 70 bytes a row."""

    def __init__(self):
        self._hashes: set[int] = set()

    def __contains__(self, ref: str) -> bool:
        return hash(ref) in self._hashes

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, ref: str) -> None:
        self._hashes.add(hash(ref))


@dataclass
class RowsContent(Content):
    """`strict`: a bad row, or a cell that can't be read, refuses the whole file; else it is passed over and told."""

    file: RowsFile
    strict: bool = False

    kind = Source.Kind.ROWS

    def __post_init__(self):
        self.name, self.sha256, self.encoding = self.file.name, self.file.sha256, self.file.encoding
        self.size = self.file.size
        self._begin()

    def _begin(self) -> None:
        self.refs = Refs()
        self.bad_row_count = 0
        self.bad_rows: list[str] = []
        self.unknown_columns: dict[str, None] = {}
        self._publishers: set[str] = set()
        self._scripts: Counter[str] = Counter()
        self._repeats: Counter[str] = Counter()

    def statements(self, progress: Callable[[int], object] = lambda done: None) -> Iterator[Statement]:
        """Each run through the file begins anew."""
        self._begin()
        for record in self.file.records(progress):
            self._note_columns(record.values)
            try:
                draft = draft_of(record)
                statement = replace(draft.statement, ref=self._ref(draft), numbered=draft.numbered)
            except BadRow as bad:
                self._refuse_row(str(bad))
                continue
            if self.strict and draft.unreadable:
                self._refuse_row("；".join(draft.unreadable))
                continue
            self._scripts[statement.fields["script"]] += 1
            if len(self._publishers) < 2:
                self._publishers.add(statement.publisher)
            # A file that will be refused is read to its end, so that all its bad rows are known.
            if not (self.strict and self.bad_row_count):
                yield statement
        self._refuse()

    def _refuse_row(self, reason: str) -> None:
        self.bad_row_count += 1
        if len(self.bad_rows) < _TOLD:
            self.bad_rows.append(reason)

    def source_fields(self) -> dict[str, object]:
        """The publisher that all rows agree in, and the script of most."""
        (script, _), *_ = self._scripts.most_common(1)
        return {"publisher": next(iter(self._publishers)) if len(self._publishers) == 1 else "", "script": script}

    def _refuse(self) -> None:
        if self.bad_row_count and (self.strict or not self.refs):
            told = self.bad_rows if self.strict else self.bad_rows[:5]
            reasons = "；".join(told) + ("；……" if self.bad_row_count > len(told) else "")
            why = "按 --strict 整个文件不导入" if self.refs else "没有一行可以导入"
            raise ImportProblem(f"{self.bad_row_count} 行有问题，{why}。{reasons}", file=self.name)
        if not self.refs:
            raise ImportProblem("只有表头，没有一行数据。", file=self.name)

    def _ref(self, draft: RowDraft) -> str:
        """Of rows without a number that agree in title and publisher, the second is told apart as #…-2."""
        first = key = draft.statement.ref
        while (ref := f"{self.name}#{key}") in self.refs:
            if draft.numbered:
                raise BadRow(draft.statement.line, f"编号“{key}”和前面的一行相同")
            self._repeats[first] += 1
            key = f"{first}-{self._repeats[first] + 1}"
        self.refs.add(ref)
        return ref

    def _note_columns(self, values: dict) -> None:
        fields = fields_of(tuple(values))
        if len(fields) < len(values) and len(self.unknown_columns) < _MOST_COLUMNS:
            unknown = (
                UNSHOWN.sub("\ufffd", name[:40]) if name.strip() else "（没有名称的一栏）"
                for name, cell in values.items()
                if name not in fields and (name.strip() or not says_nothing(cell))
            )
            self.unknown_columns |= dict.fromkeys(islice(unknown, _MOST_COLUMNS))
