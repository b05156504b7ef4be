"""Web articles saved as text: a title, paragraphs and section heads among the furniture of a site."""

from catalog.importing.articles.reader import is_article, read_article

__all__ = ["is_article", "read_article"]
