"""Several people at the same rows: who else has one open, and what becomes of what two of them write."""

from catalog.admin.together.forms import OPENED_WITH, MergingForm, PlainTextarea
from catalog.admin.together.pages import MergingAdmin

__all__ = ["OPENED_WITH", "MergingAdmin", "MergingForm", "PlainTextarea"]
