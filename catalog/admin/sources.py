from django.contrib import admin

from catalog.admin.links import link
from catalog.admin.simultaneous import MergingAdmin
from catalog.models import Source


@admin.register(Source)
class SourceAdmin(MergingAdmin):
    """Documents come by import; here their description is edited."""

    list_display = ["name", "title", "kind", "publisher", "published_on", "case_count", "on_site"]
    list_filter = ["kind", "script"]
    search_fields = ["name", "title", "publisher"]
    fields = [
        "name",
        "kind",
        "title",
        "publisher",
        "published_on",
        "script",
        "encoding",
        "sha256",
        "removed",
        "on_site",
    ]
    readonly_fields = ["name", "kind", "encoding", "sha256", "on_site"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("lines", "imported").with_counts()

    def has_add_permission(self, request):
        return False

    @admin.display(description="公开案例", ordering="public_cases")
    def case_count(self, source):
        return source.public_cases

    @admin.display(description="网站页面")
    def on_site(self, source):
        return link(source.get_absolute_url(), "查看")
