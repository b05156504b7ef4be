"""The order of a case's running text."""

from collections.abc import Sequence

from catalog.importing.casebook.frames import Item
from catalog.importing.casebook.pages import Page
from catalog.importing.casebook.seams import Seams


def order_flow(pages: Sequence[Page], seams: Seams) -> list[Item]:
    return [item for page in pages for item in page.flow]
