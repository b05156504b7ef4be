"""The list of cases as a file: all that its filters and its search leave, in its order; or of it what is chosen."""

from collections.abc import Callable, Iterator, Sequence
from tempfile import TemporaryFile

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header

from catalog.importing.database.exporting import export_cases, table_columns
from catalog.importing.drafts import ImportProblem
from catalog.importing.rows.writing import csv_text, json_lines, write_workbook

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _as_csv(keys: Sequence[int]) -> HttpResponseBase:
    texts = csv_text(export_cases(keys), table_columns(keys))
    return StreamingHttpResponse(_encoded(texts), content_type="text/csv; charset=utf-8")


def _as_json_lines(keys: Sequence[int]) -> HttpResponseBase:
    return StreamingHttpResponse(_encoded(json_lines(export_cases(keys))), content_type="application/x-ndjson")


def _as_workbook(keys: Sequence[int]) -> HttpResponseBase:
    file = TemporaryFile()  # noqa: SIM115  # the response closes it
    try:
        write_workbook(export_cases(keys), table_columns(keys), file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(file, content_type=_WORKBOOK)


def _encoded(texts: Iterator[str]) -> Iterator[bytes]:
    return (text.encode() for text in texts)


FORMS: dict[str, Callable[[Sequence[int]], HttpResponseBase]] = {
    "xlsx": _as_workbook,
    "csv": _as_csv,
    "jsonl": _as_json_lines,
}


class ExportAdmin(admin.ModelAdmin):
    def get_urls(self):
        page = path("export/<slug:form>/", self.admin_site.admin_view(self.export_list), name="catalog_case_export")
        return [page, *super().get_urls()]

    def export_list(self, request: HttpRequest, form: str) -> HttpResponseBase:
        """The list that the page with these parameters shows, all pages of it."""
        if form not in FORMS:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            cases = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect("../../?e=1")
        return self._export(request, cases, form) or HttpResponseRedirect(f"../../?{request.GET.urlencode()}")

    @admin.action(description="导出所选为 XLSX", permissions=["view"])
    def export_xlsx(self, request, queryset):
        return self._export(request, queryset, "xlsx")

    @admin.action(description="导出所选为 CSV", permissions=["view"])
    def export_csv(self, request, queryset):
        return self._export(request, queryset, "csv")

    @admin.action(description="导出所选为 JSON Lines", permissions=["view"])
    def export_jsonl(self, request, queryset):
        return self._export(request, queryset, "jsonl")

    def _export(self, request: HttpRequest, cases: QuerySet, form: str) -> HttpResponseBase | None:
        """None where there is no file, and a message why."""
        keys = list(cases.values_list("pk", flat=True))
        if not keys:
            self.message_user(request, "没有案例可以导出。", messages.WARNING)
            return None
        try:
            response = FORMS[form](keys)
        except ImportProblem as problem:
            self.message_user(request, problem.message, messages.ERROR)
            return None
        # By the minute: two exports are not taken for two editions of one file.
        name = f"案例-{timezone.localtime():%Y%m%d-%H%M}.{form}"
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return response
