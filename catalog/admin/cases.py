from collections.abc import Iterable, Sequence

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST

from catalog.admin.doubts import OpenDoubtInline
from catalog.admin.editions import EditionsAdmin
from catalog.admin.links import case_source, link, open_conflicts
from catalog.admin.lists.exporting import ExportAdmin
from catalog.admin.lists.setting import SettingAdmin
from catalog.admin.merging import MergingCasesAdmin
from catalog.admin.recycling import BinAdmin, ErasingAdmin
from catalog.admin.reference import ProductsField, product_label
from catalog.admin.together import MergingForm, PlainTextarea
from catalog.models import Case, Doubt, Product
from catalog.pages.views import case_page
from catalog.search import SearchTimeout, search_cases, search_deadline, settle_own
from catalog.text import markdown
from catalog.text.parts import parts_of

CONFIRMED = "category_confirmed"


class LinesField(SimpleArrayField):
    """An array as one item a line, which is how an editor writes a list."""

    def __init__(self, base_field=None, **kwargs):
        kwargs.pop("max_length", None)
        super().__init__(base_field or forms.CharField(), delimiter="\n", widget=forms.Textarea({"rows": 4}), **kwargs)

    def to_python(self, value):
        lines = (value or "").splitlines() if isinstance(value, str) else value or []
        return super().to_python("\n".join(line.strip() for line in lines if line.strip()))


class BodyWidget(PlainTextarea):
    """The body's editor; its text is rendered below it while it is written."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        live = {
            "hx-post": reverse("admin:catalog_case_preview"),
            "hx-trigger": "input changed delay:400ms",
            "hx-target": "#body-preview",
            "hx-include": "[name=csrfmiddlewaretoken]",
        }
        return super().build_attrs(base_attrs, live | (extra_attrs or {}))


class CaseForm(MergingForm):
    by_paragraphs = ("summary", "body")

    captions = LinesField(label="图片说明", required=False, help_text="每行一条")
    authors = LinesField(forms.CharField(max_length=60), label="作者", required=False, help_text="每行一位")
    category_confirmed = forms.BooleanField(label="确认章节", required=False)

    class Meta:
        widgets = {
            "title": forms.TextInput({"size": 90}),
            "subtitle": forms.TextInput({"size": 90}),
            "summary": PlainTextarea({"rows": 6, "cols": 100}),
            "body": BodyWidget({"rows": 30, "cols": 100}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.show_doubts(self.instance.doubts.open())
        elif "status" in self.fields:
            self.fields["status"].help_text = "新案例先是草稿，读者看不到；核对好了再改为公开"
        if confirmed := self.fields.get("category_confirmed"):
            confidence = self.instance.category_confidence
            if confidence is None:
                del self.fields["category_confirmed"]
            else:
                confirmed.help_text = f"章节由程序推断，把握 {confidence:.0%}；看过无误就勾选，不再标为推断"

    def show_doubts(self, doubts: Iterable[Doubt]) -> None:
        """Each beside the field that it is about."""
        for doubt in doubts:
            if field := self.fields.get(doubt.field_anchor.removeprefix("id_")):
                place = reverse("admin:catalog_doubt_change", args=[doubt.pk])
                told = format_html('<a class="doubt-beside" href="{}">存疑：{}</a>', place, doubt.reason)
                field.help_text = format_html("{}{}", told, mark_safe(field.help_text))

    def clean(self):
        cleaned = super().clean()
        bank = cleaned.get("bank")
        # What nobody touches here may be from before this rule: a typo can be mended without it.
        if bank and {"bank", "products"} & {*self.changed_data}:
            strange = [product for product in cleaned.get("products", ()) if product.bank_id != bank.pk]
            if strange:
                told = "、".join(map(product_label, strange))
                self.add_error("products", f"案例属于{bank.name}，这些是别家银行的产品：{told}。")
        return cleaned


def _without(fields: Sequence, name: str) -> list:
    """A fieldset's fields, of which some share a line, without this one."""
    lines = [[field] if isinstance(field, str) else field for field in fields]
    kept = [tuple(field for field in line if field != name) for line in lines]
    return [line for line in kept if line]


def _rendered(body: str) -> SafeString:
    """The body as readers see it; of a long one its first part."""
    first, *others = parts_of(body)
    html = mark_safe(markdown.render(first))
    return format_html("{}<p>正文很长，这里只预览第一部分，共 {} 部分。</p>", html, 1 + len(others)) if others else html


class DoubtFilter(admin.SimpleListFilter):
    parameter_name = "doubts"
    title = "存疑"

    def lookups(self, request, model_admin):
        return [("open", "有待处理的疑点"), ("none", "没有疑点")]

    def queryset(self, request, queryset):
        if self.value() == "open":
            return queryset.filter(Exists(_open_doubts()))
        return queryset.filter(~Exists(_open_doubts())) if self.value() == "none" else queryset


def _open_doubts():
    """Of the case of the outer query, which so is not grouped."""
    return Doubt.objects.open().filter(case=OuterRef("pk")).order_by()


@admin.register(Case)
class CaseAdmin(ExportAdmin, SettingAdmin, MergingCasesAdmin, BinAdmin, ErasingAdmin, EditionsAdmin):
    form = CaseForm
    list_display = ["full_title", "bank", "category", "number", "status", "doubt_count", "updated_at", "on_site"]
    list_display_links = ["full_title"]
    list_filter = [
        "status",
        DoubtFilter,
        "category",
        ("bank", admin.RelatedOnlyFieldListFilter),
        "title_inferred",
        "script",
        ("source", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["bank", "category", "source"]
    list_per_page = 50
    search_fields = ["title", "subtitle", "branch", "bank__name", "summary", "body"]
    search_help_text = "标题、机构、简介、正文，与网站的检索相同"
    autocomplete_fields = ["bank", "category", "products"]
    readonly_fields = [
        "on_site",
        "conflicts",
        "place",
        "preview",
        "source",
        "number",
        "ref",
        "slug",
        "created_at",
        "updated_at",
    ]
    inlines = [OpenDoubtInline]
    save_on_top = True
    deletion_note = "删除的案例从网站、检索和接口里立即消失，进回收站；以后再导入同一来源，也不会重建。"
    actions = ["publish", "withdraw", "set_fields", "merge", "export_xlsx", "export_csv", "export_jsonl"]
    fieldsets = [
        (None, {"fields": ["on_site", "conflicts", ("title", "title_inferred"), "subtitle", "status"]}),
        ("归属", {"fields": [("bank", "branch"), ("category", "category_confirmed"), "products"]}),
        ("内容", {"fields": ["summary", "body", "preview", "captions"]}),
        ("来源", {"fields": ["place", ("source", "number"), "authors", ("published_on", "script")]}),
        ("记录", {"fields": ["ref", "slug", ("created_at", "updated_at")], "classes": ["collapse"]}),
    ]

    class Media:
        js = ["django_htmx/htmx-2.min.js"]

    def get_queryset(self, request):
        unread = ("provenance", "imported", "base", "source__lines", "source__imported")
        cases = super().get_queryset(request).defer(*unread)
        unsettled = _open_doubts().values("case").annotate(count=Count("*")).values("count")
        return cases.annotate(open_doubts=Coalesce(Subquery(unsettled), 0))

    def get_search_results(self, request, queryset, search_term):
        """Editors search as readers do, drafts included."""
        if not search_term.strip():
            return queryset, False
        try:
            with search_deadline():
                return search_cases(queryset, search_term), False
        except SearchTimeout:
            messages.warning(request, "这次检索用时过长，已经停止。换一种更短的说法再试。")
            return queryset.none(), False

    def get_fieldsets(self, request, obj=None):
        """Without the box that confirms a chapter, where there is nothing to confirm."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj and obj.category_confidence is not None and self.has_change_permission(request, obj):
            return fieldsets
        return [(name, options | {"fields": _without(options["fields"], CONFIRMED)}) for name, options in fieldsets]

    def get_changeform_initial_data(self, request):
        return {"status": Case.Status.DRAFT} | super().get_changeform_initial_data(request)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "products":
            kwargs |= {"form_class": ProductsField, "queryset": Product.objects.select_related("bank")}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_view_on_site_url(self, obj=None):
        """Of a draft, which has no page on the site, the preview of it."""
        if obj is None or obj.status == Case.Status.PUBLIC:
            return super().get_view_on_site_url(obj)
        return reverse("admin:catalog_case_as_readers", args=[obj.pk])

    def get_readonly_fields(self, request, obj=None):
        # A new case may name its source and place; an imported one keeps them.
        fields = super().get_readonly_fields(request, obj)
        return fields if obj else [name for name in fields if name not in {"source", "number"}]

    def save_model(self, request, obj, form, change):
        # Whoever sets the chapter or the title by hand has confirmed it, as has who says so.
        if {"category", CONFIRMED} & {*form.changed_data}:
            obj.category_confidence = None
        if "title" in form.changed_data and "title_inferred" not in form.changed_data:
            obj.title_inferred = False
        super().save_model(request, obj, form, change)

    @admin.display(description="标题", ordering="title")
    def full_title(self, case):
        return case.full_title

    @admin.display(description="疑点", ordering="open_doubts")
    def doubt_count(self, case):
        return case.open_doubts or ""

    @admin.display(description="网站页面")
    def on_site(self, case):
        if not case.pk:
            return "未公开"
        is_public = case.status == Case.Status.PUBLIC
        return link(self.get_view_on_site_url(case), "预览") if not is_public else link(case.get_absolute_url(), "查看")

    @admin.display(description="与来源的冲突")
    def conflicts(self, case):
        return open_conflicts(case)

    @admin.display(description="来源位置")
    def place(self, case):
        return case_source(case)

    @admin.display(description="正文预览")
    def preview(self, case):
        return format_html('<div id="body-preview">{}</div>', _rendered(case.body))

    def get_urls(self):
        page = self.admin_site.admin_view
        return [
            path("preview/", page(self.render_preview), name="catalog_case_preview"),
            path("<int:pk>/as-readers/", page(self.as_readers), name="catalog_case_as_readers"),
            *super().get_urls(),
        ]

    def as_readers(self, request, pk: int):
        """The case as readers would see it, whether it is public or not; never cached, never in an index."""
        case = get_object_or_404(Case.objects.for_page(), pk=pk)
        if not self.has_view_or_change_permission(request, case):
            raise PermissionDenied
        response = case_page(request, case, is_preview=True)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    @method_decorator(require_POST)
    def render_preview(self, request):
        return HttpResponse(_rendered(request.POST.get("body", "")))

    def has_publish_permission(self, request):
        return self.may_publish(request)

    @admin.action(description="公开所选案例", permissions=["publish"])
    def publish(self, request, queryset):
        self._set_status(request, queryset, Case.Status.PUBLIC)

    @admin.action(description="把所选案例转为草稿", permissions=["publish"])
    def withdraw(self, request, queryset):
        self._set_status(request, queryset, Case.Status.DRAFT)

    def _set_status(self, request, queryset, status):
        # The queryset of a search carries an order and a rank: of these an update knows nothing.
        cases = Case.objects.filter(pk__in=list(queryset.values_list("pk", flat=True))).exclude(status=status)
        try:
            with transaction.atomic():
                changed = cases.update(status=status, updated_at=timezone.now())
                settle_own()
        except IntegrityError:
            # Cases from before the limits: any write of them has to be within.
            too_long = "状态没有改：所选案例里有超过长度限制的，请先在它的页面里缩短或分成几个案例。"
            self.message_user(request, too_long, messages.ERROR)
            return
        self.message_user(request, f"{changed} 个案例已改为{status.label}。")
