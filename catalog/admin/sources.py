from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone

from catalog.admin.deletion import DeletionAdmin
from catalog.admin.history import RecordedAdmin
from catalog.admin.links import link
from catalog.admin.recycling import ErasingAdmin
from catalog.models import Case, Source
from catalog.pages.views import source_page
from catalog.search import refresh_phrases, settle_own


@admin.register(Source)
class SourceAdmin(DeletionAdmin, ErasingAdmin, RecordedAdmin):
    """Documents come by import; here their description is edited, and they are withdrawn and put back."""

    list_display = ["name", "title", "kind", "publisher", "published_on", "status", "case_count", "on_site"]
    list_filter = ["status", "kind", "script"]
    search_fields = ["name", "title", "publisher"]
    actions = ["withdraw", "put_back"]
    fields = [
        "name",
        "status",
        "kind",
        "title",
        "publisher",
        "published_on",
        "script",
        "encoding",
        "sha256",
        "removed",
        "on_site",
        "all_lines",
    ]
    readonly_fields = ["name", "status", "kind", "encoding", "sha256", "on_site", "all_lines"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("lines", "imported", "withheld").with_counts()

    def has_add_permission(self, request):
        return False

    def has_publish_permission(self, request):
        return self.has_change_permission(request) and request.user.has_perm(Case.PUBLISH)

    def get_urls(self):
        lines = path("<int:pk>/lines/", self.admin_site.admin_view(self.lines), name="catalog_source_lines")
        return [lines, *super().get_urls()]

    def lines(self, request, pk: int):
        """The document as readers see it, and the lines that are withheld from them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return source_page(request, get_object_or_404(Source, pk=pk), for_editors=True)

    def get_view_on_site_url(self, obj=None):
        return super().get_view_on_site_url(obj) if obj and obj.status == Source.Status.PUBLIC else None

    @admin.display(description="公开案例", ordering="public_cases")
    def case_count(self, source):
        return source.public_cases

    @admin.display(description="网站页面")
    def on_site(self, source):
        return link(source.get_absolute_url(), "查看") if source.status == Source.Status.PUBLIC else "已撤下"

    @admin.display(description="全部原文")
    def all_lines(self, source):
        return link(reverse("admin:catalog_source_lines", args=[source.pk]), "查看（连同没有公开的）")

    @admin.action(description="撤下所选来源，连同它们的案例", permissions=["publish"])
    def withdraw(self, request, queryset):
        cases = self._turn(queryset, Source.Status.WITHDRAWN)
        self.message_user(request, f"已撤下，{cases} 个案例转为草稿：页面、检索、接口里都不再有。恢复时一起回来。")

    @admin.action(description="恢复所选来源，连同一起撤下的案例", permissions=["publish"])
    def put_back(self, request, queryset):
        cases = self._turn(queryset, Source.Status.PUBLIC)
        self.message_user(request, f"已恢复，{cases} 个案例重新公开。", messages.SUCCESS)

    def _turn(self, queryset, status: str) -> int:
        """Gives sources this status; returns how many of their cases went along. One transaction with the search."""
        changed = 0
        with transaction.atomic():
            rows = Source.objects.filter(pk__in=queryset.values("pk")).exclude(status=status).order_by("pk")
            for source in rows.select_for_update().defer("lines", "imported", "withheld"):
                cases = source.cases.filter(
                    Q(status=Case.Status.PUBLIC)
                    if status == Source.Status.WITHDRAWN
                    else Q(status=Case.Status.DRAFT, pk__in=source.withdrawn_cases)
                )
                keys = list(cases.values_list("pk", flat=True))
                source.withdrawn_cases = keys if status == Source.Status.WITHDRAWN else []
                source.status = status
                source.save(update_fields=["status", "withdrawn_cases", "updated_at"])
                turned = Case.Status.DRAFT if status == Source.Status.WITHDRAWN else Case.Status.PUBLIC
                changed += Case.objects.filter(pk__in=keys).update(status=turned, updated_at=timezone.now())
            settle_own()
            if status == Source.Status.WITHDRAWN:
                refresh_phrases()  # that readers are offered, word for word from the texts
        return changed
