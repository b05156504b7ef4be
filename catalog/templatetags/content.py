"""Texts of the catalogue on a page: the hits of a query marked, in the script that the reader prefers."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Case, Script
from catalog.pages.case_page import case_snippet
from catalog.pages.facets import Option
from catalog.pages.script_preference import ScriptPreference
from catalog.search import mark

register = template.Library()


def _converted(html: SafeString, context) -> SafeString:
    # Conversion only swaps Chinese characters: what was escaped stays so.
    return mark_safe(context["script_preference"].convert(html))


@register.simple_tag(takes_context=True)
def content(context, text: str, query: str = "") -> SafeString:
    """A text, escaped, its hits marked, in the reader's script."""
    return _converted(mark(text or "", query), context)


@register.simple_tag(takes_context=True)
def content_html(context, html: SafeString) -> SafeString:
    """A text that is safe HTML already, in the reader's script."""
    return _converted(html, context)


@register.simple_tag(takes_context=True)
def snippet(context, case: Case, query: str = "") -> SafeString:
    """The passage of a case that shows best why it matches, in the reader's script."""
    return _converted(case_snippet(case, query), context)


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
    rows = (_option_parts(name, option, script) for option in options)
    return format_html("<ul>{}</ul>", format_html_join("", _OPTION, rows))


def _option_parts(name: str, option: Option, script: ScriptPreference) -> dict[str, str]:
    """What stands in the gaps of `_OPTION`."""
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
    """A name or a line in a script. A page has a hundred of them, and the next page mostly the same."""
    return script.convert(text or "")


@register.simple_tag(takes_context=True)
def content_lang(context, script: str = Script.HANS) -> str:
    """The `lang` attribute of a text that was written in `script`, after its conversion for the reader."""
    preference = context["script_preference"]
    converted = script if preference == ScriptPreference.ORIGINAL else preference
    return "zh-Hant" if converted == Script.HANT else "zh-Hans"
