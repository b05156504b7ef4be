"""Three-way merges: of a row by its fields, of a text by its paragraphs. Pure."""

from catalog.importing.merge.fields import Merge, merge
from catalog.importing.merge.paragraphs import MergedText, Region, merge_texts, replaced

__all__ = ["Merge", "MergedText", "Region", "merge", "merge_texts", "replaced"]
