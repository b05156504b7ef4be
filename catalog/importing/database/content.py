"""What one file gives to the catalogue, whichever reader it wants."""

from collections.abc import Callable, Collection, Iterator, Sequence

from catalog.importing.drafts import Doubt, Statement
from catalog.models import Source


class Content:
    """What one file gives. What stands below `statements` is known only after those have been run through."""

    name: str
    sha256: str
    encoding: str
    kind: Source.Kind
    size: int  # bytes of the file
    lines: Sequence[str] = ()  # the text, where it is to be shown as the source

    def statements(self, progress: Callable[[int], object]) -> Iterator[Statement]:
        """`progress` is told how many bytes of the file more have been read. Each run through it begins anew."""
        raise NotImplementedError

    def source_fields(self) -> dict[str, object]:
        """What the file says of itself, as JSON values. `ImportProblem` if it is to be refused after all."""
        raise NotImplementedError

    doubts: Sequence[Doubt] = ()  # those that belong to no case
    corrections: int = 0
    bad_rows: Sequence[str] = ()
    bad_row_count: int = 0
    unknown_columns: Collection[str] = ()
