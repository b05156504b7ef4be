from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse

from operations.models import SearchedText
from operations.searches.report import PERIODS, SearchReport


@admin.register(SearchedText)
class SearchedTextAdmin(admin.ModelAdmin):
    """A page to look at, in the place of the list of rows."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        days = request.GET.get("days", "")
        days = int(days) if days in map(str, PERIODS) else 30
        context = self.admin_site.each_context(request) | {
            "title": "读者检索了什么",
            "opts": self.opts,
            "report": SearchReport(days),
            "periods": PERIODS.items(),
            "days": days,
        }
        return TemplateResponse(request, "admin/operations/searches.html", context)
