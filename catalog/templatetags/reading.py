"""Content as a reader wants it: hits marked, in the script of their choice."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from catalog import search
from catalog.models import Case, Script
from catalog.pages.facets import Option
from catalog.pages.script_preference import ScriptPreference
from catalog.text import markdown

register = template.Library()

SNIPPET_LENGTH = 120  # characters: three lines on a desk, five on a phone


def _converted(html: SafeString, context) -> SafeString:
    # Conversion only swaps Chinese characters: what was escaped stays so.
    return mark_safe(context["script_preference"].convert(html))


@register.simple_tag(takes_context=True)
def content(context, text: str, query: str = "") -> SafeString:
    """A text of the catalogue, escaped, its hits marked, in the reader's script."""
    return _converted(search.mark(text or "", query), context)


@register.simple_tag(takes_context=True)
def content_html(context, html: SafeString) -> SafeString:
    """A text of the catalogue that is HTML already, in the reader's script."""
    return _converted(html, context)


@register.simple_tag(takes_context=True)
def snippet(context, case: Case, query: str = "") -> SafeString:
    """The passage of a case that shows best why it was found; its beginning where nothing was asked."""
    return _converted(search.snippet(_texts(case), query, SNIPPET_LENGTH), context)


def _texts(case: Case) -> Iterator[str]:
    yield case.summary
    yield markdown.plain_text(case.body)
    yield from case.captions


# Written here, for a page has a hundred of them: as a template, they would take longer than all the rest of it.
_OPTION = """
<li>
    <label for="facet-{name}-{value}">
        <input type="checkbox" id="facet-{name}-{value}" name="{name}" value="{value}"{checked}>
        <span class="facet-name"{title}>{label}</span>
        <span class="count">{count}</span>
    </label>
</li>
"""
_LONG_LABEL = 20  # characters; of a longer one the end may be out of sight


@register.simple_tag(takes_context=True)
def facet_options(context, name: str, options: Iterable[Option]) -> SafeString:
    """The values of a facet, each to be ticked, with its number of cases."""
    script = context["script_preference"]
    return format_html("<ul>{}</ul>", format_html_join("", _OPTION, (_shown(name, one, script) for one in options)))


def _shown(name: str, option: Option, script: ScriptPreference) -> dict:
    return {
        "name": name,
        "value": option.value,
        "checked": mark_safe(" checked") if option.chosen else "",
        "title": format_html(' title="{}"', option.label) if len(option.label) > _LONG_LABEL else "",
        "label": in_script(option.label, script),
        "count": option.count,
    }


@register.filter
@lru_cache(maxsize=4_096, typed=True)  # what is escaped already is another text
def in_script(text: str, script: ScriptPreference) -> str:
    """A name or a line, of which a page has a hundred, and the next page mostly the same."""
    return script.convert(text or "")


@register.simple_tag(takes_context=True)
def content_lang(context, script: str = Script.HANS) -> str:
    """The `lang` of a content that was written in `script`, as the reader sees it."""
    chosen = context["script_preference"]
    shown = script if chosen == ScriptPreference.ORIGINAL else chosen
    return "zh-Hant" if shown == Script.HANT else "zh-Hans"
