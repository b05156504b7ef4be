from copy import copy
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from catalog.admin.deletion import DeletionAdmin
from catalog.admin.links import link, source_address
from catalog.admin.seams import rebuilt_passages, source_windows
from catalog.models import Case, Doubt, doubted_field_label
from catalog.search import settle_own

# By the field of a doubt: cases of which it is inferred, and what they are when it is confirmed.
CONFIRMED_BY_DOUBT = {
    "category": ({"category_confidence__isnull": False}, {"category_confidence": None}),
    "title": ({"title_inferred": True}, {"title_inferred": False}),
}


THEN = "_then"  # in the address, and so in the form: where to go after the last


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


class DuplicateFilter(admin.SimpleListFilter):
    title = "种类"
    parameter_name = "duplicate"

    def lookups(self, request, model_admin):
        return [("yes", "可能重复的案例"), ("no", "其他存疑")]

    def queryset(self, request, queryset):
        return queryset if self.value() is None else queryset.filter(other__isnull=self.value() == "no")


@admin.register(Doubt)
class DoubtAdmin(DoubtDisplay, DeletionAdmin):
    list_display = ["reason", "case", "field_label", "percent", "place", "settled_at"]
    list_filter = [SettledFilter, DuplicateFilter, FieldFilter, "source"]
    list_select_related = ["case", "source"]
    search_fields = ["reason", "case__title"]
    fields = readonly_fields = ["case", "reason", "twin", "percent", "place", "comparison", "settled_at", "settled_by"]
    actions = ["settle", "reopen"]
    change_form_template = "admin/catalog/doubt/change_form.html"

    class Media:
        css = {"all": ["css/admin.css"]}

    def has_add_permission(self, request):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("source__lines", "case__body", "case__imported", "case__provenance")

    def get_fields(self, request, obj=None):
        # That two cases are alike has no place in the source, and the likeness is told in the reason.
        without = ("percent", "place", "comparison") if obj and obj.other_id else ("twin",)
        return [name for name in super().get_fields(request, obj) if name not in without]

    @admin.display(description="可能相同的案例")
    def twin(self, doubt):
        """With the way to both side by side, where one can be merged into the other."""
        if doubt.other is None:
            return "—"
        rows = urlencode({"row": [doubt.case_id, doubt.other_id], "stays": doubt.other_id}, doseq=True)
        return format_html(
            '<a href="{}">{}</a>　<a href="{}?{}">并排比较，合并</a>',
            *(reverse("admin:catalog_case_change", args=[doubt.other_id]), doubt.other),
            *(reverse("admin:catalog_case_merge"), rows),
        )

    def change_view(self, request, object_id, form_url="", extra_context=None):
        after = {"after": request.GET.get(THEN, "")}  # a template can't read a name that begins with a line
        return super().change_view(request, object_id, form_url, after | (extra_context or {}))

    def response_change(self, request, obj):
        """The buttons of the page; then on to the next open doubt of the list it was opened from, or back there."""
        if "_next" in request.POST:
            following, _ = self._after(request, obj)
            return self._to(request, following) if following else self._back(request, obj)
        if "_settle" in request.POST:
            following, left = self._after(request, obj)
            self.settle(request, Doubt.objects.filter(pk=obj.pk))
            if following:
                messages.info(request, f"这个列表里还有 {left} 条待处理，这是下一条。")
                return self._to(request, following)
        if "_reopen" in request.POST:
            self.reopen(request, Doubt.objects.filter(pk=obj.pk))
            return self._to(request, obj.pk)
        return self._back(request, obj)

    def _back(self, request, obj) -> HttpResponseRedirect:
        """To the page from which the doubts were gone through, else to their list."""
        then = request.POST.get(THEN, "")
        is_ours = then.startswith(reverse("admin:index")) and url_has_allowed_host_and_scheme(then, None)
        return HttpResponseRedirect(then) if is_ours else self.response_post_save_change(request, obj)

    def _to(self, request, pk: int) -> HttpResponseRedirect:
        """The page of a doubt, from which the way leads back to the same list."""
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        then = {THEN: request.POST[THEN]} if request.POST.get(THEN) else {}
        address = reverse("admin:catalog_doubt_change", args=[pk], query=then)
        return HttpResponseRedirect(add_preserved_filters(filters, address))

    def _after(self, request, obj) -> tuple[int | None, int]:
        """The open doubt that follows in the list, after its end the first, and how many are open there but `obj`."""
        listed = copy(request)
        listed.GET = QueryDict(request.GET.get("_changelist_filters", ""))
        try:
            rows = self.get_changelist_instance(listed).get_queryset(listed)
        except IncorrectLookupParameters:
            return None, 0
        keys = list(rows.filter(settled_at__isnull=True).values_list("pk", flat=True))
        place = keys.index(obj.pk) if obj.pk in keys else -1
        others = [*keys[place + 1 :], *keys[: max(place, 0)]]
        return (others[0] if others else None), len(others)

    @admin.display(description="来源与整理稿")
    def comparison(self, doubt):
        context = {"doubt": doubt, "windows": source_windows(doubt), "rebuilt": rebuilt_passages(doubt)}
        return render_to_string("admin/catalog/doubt/comparison.html", context)

    @admin.action(description="标为已处理", permissions=["change"])
    def settle(self, request, queryset):
        """Settled, a doubt about an inferred chapter or title confirms it, unless another about it is open."""
        with transaction.atomic():
            keys = list(queryset.open().values_list("pk", flat=True))
            settled = Doubt.objects.filter(pk__in=keys).settle(request.user)
            for field, (inferred, confirmed) in CONFIRMED_BY_DOUBT.items():
                of_case = Doubt.objects.filter(case=OuterRef("pk"), field=field).order_by()
                cases = Case.objects.filter(Exists(of_case.filter(pk__in=keys)), ~Exists(of_case.open()), **inferred)
                cases.update(**confirmed, updated_at=timezone.now())
            settle_own()
        self.message_user(request, f"{settled} 条疑点已处理。")

    @admin.action(description="重新打开", permissions=["change"])
    def reopen(self, request, queryset):
        self.message_user(request, f"{queryset.reopen()} 条疑点重新打开。")
