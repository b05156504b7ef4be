"""Draft editions: a case is changed beside what readers see, and published when somebody who may has looked at it."""

from catalog.admin.editions import pages
from catalog.admin.editions.editing import EditionsAdmin

__all__ = ["EditionsAdmin", "pages"]
