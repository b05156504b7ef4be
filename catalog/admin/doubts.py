from django.contrib import admin
from django.utils import timezone

from catalog.admin.links import link, source_address
from catalog.models import Doubt


class DoubtDisplay:
    """How a doubt shows, in a case's page and in the list of all."""

    @admin.display(description="把握", ordering="confidence")
    def percent(self, doubt):
        return f"{doubt.confidence:.0%}"

    @admin.display(description="来源行")
    def place(self, doubt):
        ranges = "、".join(f"{first}–{last}" for first, last in doubt.spans)
        return link(source_address(doubt.source_id, doubt.spans), f"第 {ranges} 行" if ranges else "全文")


class OpenDoubtInline(DoubtDisplay, admin.TabularInline):
    model = Doubt
    fields = readonly_fields = ["reason", "percent", "place", "settled_at"]
    extra = 0
    can_delete = False
    verbose_name_plural = "存疑（在“存疑”列表中处理）"

    def has_add_permission(self, request, obj=None):
        return False


class SettledFilter(admin.SimpleListFilter):
    title = "状态"
    parameter_name = "settled"

    def lookups(self, request, model_admin):
        return [("no", "待处理"), ("yes", "已处理")]

    def queryset(self, request, queryset):
        return queryset if self.value() is None else queryset.filter(settled_at__isnull=self.value() == "no")


@admin.register(Doubt)
class DoubtAdmin(DoubtDisplay, admin.ModelAdmin):
    list_display = ["reason", "case", "field", "percent", "place", "settled_at"]
    list_filter = [SettledFilter, "field", "source"]
    list_select_related = ["case", "source"]
    search_fields = ["reason", "case__title"]
    readonly_fields = ["source", "case", "field", "reason", "percent", "place", "settled_at", "settled_by"]
    fields = readonly_fields
    actions = ["settle", "reopen"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("source__lines", "case__body", "case__imported", "case__provenance")

    def has_add_permission(self, request):
        return False

    @admin.action(description="标为已处理", permissions=["change"])
    def settle(self, request, queryset):
        changed = queryset.open().update(settled_at=timezone.now(), settled_by=request.user)
        self.message_user(request, f"{changed} 条疑点已处理。")

    @admin.action(description="重新打开", permissions=["change"])
    def reopen(self, request, queryset):
        changed = queryset.exclude(settled_at=None).update(settled_at=None, settled_by=None)
        self.message_user(request, f"{changed} 条疑点重新打开。")
