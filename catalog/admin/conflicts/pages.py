from copy import copy
from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from catalog.admin.conflicts.difference import marked, proposal
from catalog.admin.conflicts.settling import seen, settle
from catalog.admin.conflicts.values import WRITTEN, mine_now, text_of
from catalog.models import Case, Conflict
from catalog.text.lines import one_kind_of_line_end

_LONGEST_SHOWN = 40  # characters in the list
_ROW, _MOST_ROWS = 60, 24  # characters, lines
_FILTERS = "_changelist_filters"


class OpenFilter(admin.SimpleListFilter):
    """Those that wait, unless others are asked for."""

    title = "状态"
    parameter_name = "settled"

    def lookups(self, request, model_admin):
        return [("yes", "已处理"), ("all", "全部")]

    def choices(self, changelist):
        without, *others = super().choices(changelist)
        yield {**without, "display": "待处理"}
        yield from others

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        return queryset.filter(settled_at__isnull=False) if self.value() == "yes" else queryset.open()


class FieldFilter(admin.SimpleListFilter):
    title = "栏目"
    parameter_name = "field"

    def lookups(self, request, model_admin):
        names = Conflict.objects.order_by("field").values_list("field", flat=True).distinct()
        return [(name, str(Case._meta.get_field(name).verbose_name)) for name in names]

    def queryset(self, request, queryset):
        return queryset if self.value() is None else queryset.filter(field=self.value())


def _rows(text: str) -> int:
    """That it takes in a box."""
    return sum(1 + len(line) // _ROW for line in text.split("\n"))


@dataclass(frozen=True)
class Version:
    """One of the texts that stand side by side. `html` None: not known."""

    name: str
    html: SafeString | str | None


@admin.register(Conflict)
class ConflictAdmin(admin.ModelAdmin):
    """Settling is an edit that readers see: it takes the right to publish. Conflicts go only with their case."""

    list_display = ["case", "field_label", "new_text", "source", "bank", "made_at", "state"]
    list_filter = [
        OpenFilter,
        FieldFilter,
        ("case__source", admin.RelatedOnlyFieldListFilter),
        ("case__bank", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["case__source", "case__bank"]
    list_per_page = 50
    search_fields = ["case__title", "case__subtitle"]
    actions = None

    class Media:
        css = {"all": ["css/admin.css", "css/conflicts.css"]}

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("catalog.view_case") or self.has_change_permission(request)

    def has_change_permission(self, request, obj=None):
        return request.user.has_perms(["catalog.change_case", Case.PUBLISH])

    def has_delete_permission(self, request, obj=None):
        return request.user.has_perm("catalog.delete_case")

    def has_add_permission(self, request):
        return False

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def get_queryset(self, request):
        unread = [f"case__{name}" for name in ("body", "summary", "provenance", "imported", "base", "source__lines")]
        return super().get_queryset(request).defer(*unread)

    @admin.display(description="栏目", ordering="field")
    def field_label(self, conflict):
        return f"{conflict.field_label}的一段" if conflict.is_part else conflict.field_label

    @admin.display(description="来源的新文本")
    def new_text(self, conflict):
        text = text_of(conflict.field, conflict.theirs)
        return f"{text[:_LONGEST_SHOWN]}…" if len(text) > _LONGEST_SHOWN else text or "（空）"

    @admin.display(description="来源", ordering="case__source")
    def source(self, conflict):
        return conflict.case.source

    @admin.display(description="银行", ordering="case__bank")
    def bank(self, conflict):
        return conflict.case.bank

    @admin.display(description="处理", ordering="settled_at")
    def state(self, conflict):
        return conflict.get_how_display() or "待处理"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Both texts beside what they came from. A choice is carried out, and the next conflict follows."""
        conflict = self.get_object(request, object_id)
        if conflict is None:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        written = None
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            how = request.POST.get("how")
            written = one_kind_of_line_end(request.POST.get("written", ""))
            if how in Conflict.How.values:
                try:
                    settled = settle(
                        conflict.pk, Conflict.How(how), request.user, request.POST.get("seen", ""), written
                    )
                except ValidationError as problem:
                    messages.error(request, "没有处理：" + "".join(problem.messages))
                    conflict.refresh_from_db()
                else:
                    return self._go_on(request, settled)
        return TemplateResponse(
            request, "admin/catalog/conflict/change_form.html", self._context(request, conflict, written)
        )

    def _context(self, request, conflict: Conflict, written: str | None) -> dict:
        name = conflict.field
        # An empty field may be None only where the column may.
        known = conflict.base is not None or Case._meta.get_field(name).null
        theirs, mine = text_of(name, conflict.theirs), text_of(name, mine_now(conflict))
        base = text_of(name, conflict.base)
        begun = proposal(base, theirs, mine) if known else mine
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"冲突：{self.field_label(conflict)}",
            "conflict": conflict,
            "versions": [
                Version("原来", base if known else None),
                Version("编辑稿", marked(base, mine) if known else mine),
                Version("来源的新文本", marked(base, theirs) if known else marked(mine, theirs)),
            ],
            "written": begun if written is None else written,
            "can_be_written": name in WRITTEN,
            "rows": min(_MOST_ROWS, 2 + max(map(_rows, (theirs, mine)))),
            "may_settle": self.has_change_permission(request) and conflict.settled_at is None,
            "seen": seen(conflict),
            "waiting": Conflict.objects.open().count(),
            "list_address": f"{reverse('admin:catalog_conflict_changelist')}?{request.GET.get(_FILTERS, '')}",
        }

    def _go_on(self, request, settled: Conflict) -> HttpResponseRedirect:
        """To the next of the list that the person came from; where there is none, to the list."""
        case = settled.case
        self.log_change(request, settled, f"{settled.get_how_display()}：{settled.field_label}")
        if settled.how != Conflict.How.MINE:
            told = f"处理冲突，{settled.get_how_display()}：{settled.field_label}"
            self.admin_site.get_model_admin(Case).log_change(request, case, told)
        messages.success(request, f"“{case}”的{self.field_label(settled)}：{settled.get_how_display()}。")
        waiting = self._waiting(request).order_by("case", "pk")
        following = waiting.filter(case__gte=settled.case_id).first() or waiting.first()
        filters = QueryDict(mutable=True)
        if kept := request.GET.get(_FILTERS):
            filters[_FILTERS] = kept
        if following is None:
            return HttpResponseRedirect(f"{reverse('admin:catalog_conflict_changelist')}?{filters.get(_FILTERS, '')}")
        address = reverse("admin:catalog_conflict_change", args=[following.pk])
        return HttpResponseRedirect(f"{address}?{filters.urlencode()}" if filters else address)

    def _waiting(self, request):
        """The open ones of the list with its filters, as the address of the page carries them."""
        listed = copy(request)
        listed.GET = QueryDict(request.GET.get(_FILTERS, ""))
        try:
            keys = self.get_changelist_instance(listed).queryset.values("pk")
        except IncorrectLookupParameters:  # which the list itself answers by showing all
            return Conflict.objects.open()
        return Conflict.objects.open().filter(pk__in=keys.order_by())
