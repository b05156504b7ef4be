"""Content as a reader wants it: hits marked, in the script of their choice."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Case
from catalog.reading import ReadingScript
from catalog.search import highlight

register = template.Library()


def _converted(html: SafeString, context) -> SafeString:
    # Conversion only swaps Chinese characters: what was escaped stays so.
    return mark_safe(context["reading_script"].convert(html))


@register.simple_tag(takes_context=True)
def content(context, text: str, query: str = "") -> SafeString:
    """A text of the catalogue, escaped, its hits marked, in the reader's script."""
    return _converted(highlight.mark(text or "", query), context)


@register.simple_tag(takes_context=True)
def content_html(context, html: SafeString, query: str = "") -> SafeString:
    """The same for rendered HTML."""
    return _converted(highlight.mark_html(html, query), context)


@register.simple_tag(takes_context=True)
def snippet(context, case: Case, query: str = "") -> SafeString:
    """The passage of a case that shows best why it was found; its summary where nothing was asked."""
    return _converted(highlight.case_snippet(case, query), context)


@register.filter
def in_script(text: str, script: ReadingScript) -> str:
    return script.convert(text or "")
