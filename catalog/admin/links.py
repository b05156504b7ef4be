"""Links between the editors' pages, the public pages and the sources."""

from django.urls import reverse
from django.utils.html import format_html, format_html_join

from catalog.models import Case, Conflict


def source_address(source_id: int, spans) -> str:
    """The editors' page of a source's lines at ranges `[[first, last], …]`; nothing is withheld there."""
    lines = ",".join(f"{first}-{last}" for first, last in spans)
    first = min((first for first, _ in spans), default=1)
    address = reverse("admin:catalog_source_lines", args=[source_id])
    return f"{address}?lines={lines}#L{first}" if spans else address


def link(address: str, text: str):
    return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', address, text)


def case_source(case: Case) -> str:
    if case.source is None:
        return "—"
    spans = [[case.first_line, case.last_line]] if case.first_line else []
    place = f"第 {case.first_line}–{case.last_line} 行" if spans else "全文"
    return link(source_address(case.source_id, spans), f"{case.source.label} {place}")


def open_conflicts(case: Case):
    """How many there are, each by its field with the way to its page."""
    rows = list(Conflict.objects.open().filter(case=case.pk).only("field", "region")) if case.pk else []
    if not rows:
        return "没有"
    links = ((reverse("admin:catalog_conflict_change", args=[row.pk]), row.field_label) for row in rows)
    return format_html("{} 处待处理：{}", len(rows), format_html_join("、", '<a href="{}">{}</a>', links))
