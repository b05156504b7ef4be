"""Reads web articles saved as text: title, paragraphs and section heads among menus, credits and notices."""

from catalog.importing.articles.reader import is_article, read_article

__all__ = ["is_article", "read_article"]
