"""The drafts that wait for a decision: a list, and a page for each with what it would change for readers."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from catalog.admin.editions import drafts
from catalog.models import Case, Edition


class StateFilter(admin.SimpleListFilter):
    """Those that wait, unless others are asked for."""

    title = "状态"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [choice for choice in Edition.State.choices if choice[0] != Edition.State.OPEN]

    def choices(self, changelist):
        without, *others = super().choices(changelist)
        yield {**without, "display": Edition.State.OPEN.label}
        yield from others

    def queryset(self, request, queryset):
        return queryset.filter(state=self.value()) if self.value() else queryset.open()


@admin.register(Edition)
class EditionAdmin(admin.ModelAdmin):
    """The rights are those to cases: who may change them sees the drafts, who may publish decides."""

    list_display = ["full_title", "bank", "reason", "made_by", "made_at", "state"]
    list_display_links = ["full_title"]
    list_filter = [StateFilter, ("made_by", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["case__bank", "made_by"]
    list_per_page = 50
    search_fields = ["case__title", "case__subtitle", "reason"]
    actions = None

    class Media:
        css = {"all": ["css/admin.css"]}

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("catalog.change_case")

    has_module_permission = has_view_permission

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        unread = [f"case__{name}" for name in ("body", "summary", "provenance", "imported", "base")]
        # Of cases that are gone the draft waits with them, in the recycle bin.
        return super().get_queryset(request).filter(case__pk__gt=0).defer(*unread, "values", "base")

    @admin.display(description="案例", ordering="case__title")
    def full_title(self, edition):
        return edition.case.full_title

    @admin.display(description="银行", ordering="case__bank")
    def bank(self, edition):
        return edition.case.bank

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        edition = self.get_object(request, object_id)
        if edition is None:
            raise Http404
        cases = self.admin_site.get_model_admin(Case)
        if request.method == "POST":
            return self._decide(request, cases, edition)
        is_open = edition.state == Edition.State.OPEN
        context = {
            **self.admin_site.each_context(request),
            "title": "草稿版",
            "opts": self.opts,
            "edition": edition,
            "case": edition.case,
            "differences": cases.edition_differences(request, Case.objects.get(pk=edition.case_id), edition),
            "is_open": is_open,
            "is_public": edition.case.status == Case.Status.PUBLIC,
            "may_publish": cases.may_publish(request),
            "may_reopen": not is_open and drafts.open_edition(edition.case) is None,
            "waiting": Edition.objects.open().count(),
        }
        return TemplateResponse(request, "admin/catalog/edition/change_form.html", context)

    def _decide(self, request, cases, edition: Edition):
        """Publishes, discards or reopens it; then on to the next that waits."""
        here = HttpResponseRedirect(request.path)
        with transaction.atomic():
            # The case first, as a save of its form does.
            Case.objects.select_for_update(no_key=True).filter(pk=edition.case_id).first()
            edition = (
                Edition.objects.select_for_update(of=["self"]).select_related("case", "made_by").get(pk=edition.pk)
            )
            if "reopen" in request.POST and edition.state != Edition.State.OPEN:
                again = drafts.reopen(edition, request.user)
                if again is None:
                    messages.warning(request, "这个案例已有另一份草稿版，没有重新打开。")
                    return here
                return HttpResponseRedirect(reverse("admin:catalog_edition_change", args=[again.pk]))
            if edition.state != Edition.State.OPEN:
                messages.warning(request, f"这份草稿版{edition.get_state_display()}，没有再做什么。")
                return here
            if "publish" in request.POST:
                if not cases.may_publish(request):
                    raise PermissionDenied
                answer = cases.publish_edition(request, edition.case_id, edition)
                edition.refresh_from_db()
                if edition.state != Edition.State.PUBLISHED:
                    return answer
            elif "discard" in request.POST:
                if not (cases.may_publish(request) or edition.made_by == request.user):
                    raise PermissionDenied
                drafts.discard(edition, request.user)
                messages.success(request, f"“{edition.case.full_title}”的草稿版已放弃；在“已放弃”里可以重新打开。")
        following = self.get_queryset(request).open().order_by("pk").first()
        if following is None:
            return HttpResponseRedirect(reverse("admin:catalog_edition_changelist"))
        return HttpResponseRedirect(reverse("admin:catalog_edition_change", args=[following.pk]))
