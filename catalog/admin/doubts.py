from django.contrib import admin
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string

from catalog.admin.links import link, source_address
from catalog.admin.seams import rebuilt_passages, source_windows
from catalog.models import Doubt, doubted_field_label


class DoubtDisplay:
    """How a doubt shows, in a case's page and in the list of all."""

    @admin.display(description="把握", ordering="confidence")
    def percent(self, doubt):
        return f"{doubt.confidence:.0%}"

    @admin.display(description="栏目", ordering="field")
    def field_label(self, doubt):
        return doubted_field_label(doubt.field)

    @admin.display(description="来源行")
    def place(self, doubt):
        ranges = "、".join(f"{first}–{last}" if last > first else str(first) for first, last in doubt.spans)
        return link(source_address(doubt.source_id, doubt.spans), f"第 {ranges} 行" if ranges else "全文")


class OpenDoubtInline(DoubtDisplay, admin.TabularInline):
    fk_name = "case"
    model = Doubt
    fields = readonly_fields = ["reason", "percent", "place", "settled_at"]
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural = "存疑"

    def has_add_permission(self, request, obj=None):
        return False


class SettledFilter(admin.SimpleListFilter):
    title = "状态"
    parameter_name = "settled"

    def lookups(self, request, model_admin):
        return [("no", "待处理"), ("yes", "已处理")]

    def queryset(self, request, queryset):
        return queryset if self.value() is None else queryset.filter(settled_at__isnull=self.value() == "no")


class FieldFilter(admin.SimpleListFilter):
    title = "栏目"
    parameter_name = "field"

    def lookups(self, request, model_admin):
        names = Doubt.objects.order_by("field").values_list("field", flat=True).distinct()
        return [(name, doubted_field_label(name)) for name in names]

    def queryset(self, request, queryset):
        return queryset if self.value() is None else queryset.filter(field=self.value())


@admin.register(Doubt)
class DoubtAdmin(DoubtDisplay, admin.ModelAdmin):
    list_display = ["reason", "case", "field_label", "percent", "place", "settled_at"]
    list_filter = [SettledFilter, FieldFilter, "source"]
    list_select_related = ["case", "source"]
    search_fields = ["reason", "case__title"]
    fields = readonly_fields = ["case", "reason", "percent", "place", "comparison", "settled_at", "settled_by"]
    actions = ["settle", "reopen"]
    change_form_template = "admin/catalog/doubt/change_form.html"

    class Media:
        css = {"all": ["css/admin.css"]}

    def has_add_permission(self, request):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("source__lines", "case__body", "case__imported", "case__provenance")

    def response_change(self, request, obj):
        """The two buttons of the page; then on to the next open doubt of the same case, or back to the list."""
        if "_settle" in request.POST:
            self.settle(request, Doubt.objects.filter(pk=obj.pk))
            following = Doubt.objects.open().filter(case=obj.case).first()
            if following:
                return HttpResponseRedirect(f"../../{following.pk}/change/")
        if "_reopen" in request.POST:
            self.reopen(request, Doubt.objects.filter(pk=obj.pk))
            return HttpResponseRedirect(request.path)
        return self.response_post_save_change(request, obj)

    @admin.display(description="来源与整理稿")
    def comparison(self, doubt):
        context = {"doubt": doubt, "windows": source_windows(doubt), "rebuilt": rebuilt_passages(doubt)}
        return render_to_string("admin/catalog/doubt/comparison.html", context)

    @admin.action(description="标为已处理", permissions=["change"])
    def settle(self, request, queryset):
        self.message_user(request, f"{queryset.settle(request.user)} 条疑点已处理。")

    @admin.action(description="重新打开", permissions=["change"])
    def reopen(self, request, queryset):
        self.message_user(request, f"{queryset.reopen()} 条疑点重新打开。")
