"""The form of a case that readers see: whoever may publish saves it, or a draft of it beside it; others the draft."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from catalog.admin.editions import drafts
from catalog.admin.history import RecordedAdmin
from catalog.history import LONGEST_REASON, describe, differences, state_at
from catalog.models import Case, Edition

ASKED = "edition"  # in the address: the draft edition, not what readers see
AS_EDITION, PUBLISHED = "_as_edition", "_publish_edition"  # buttons


class EditionsAdmin(RecordedAdmin):
    """For the admin of cases."""

    change_form_template = "admin/catalog/case/change_form.html"

    def may_publish(self, request: HttpRequest) -> bool:
        return request.user.has_perm(Case.PUBLISH)

    def edits_beside(self, request: HttpRequest, case: Case | None) -> bool:
        """Whether the page and its form are those of the draft edition."""
        if case is None or case.pk is None or not self.has_change_permission(request, case):
            return False
        if not hasattr(request, "edits_beside"):
            is_asked = ASKED in request.GET or AS_EDITION in request.POST
            if case.status == Case.Status.PUBLIC:
                request.edits_beside = is_asked or not self.may_publish(request)
            else:
                request.edits_beside = is_asked and drafts.open_edition(case) is not None
        return request.edits_beside

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if change and self.edits_beside(request, obj) and (edition := drafts.open_edition(obj)):
            return drafts.beside(form, edition)
        return form

    def get_readonly_fields(self, request, obj=None):
        """A draft edition says nothing of whether readers see the case, nor does who may not publish."""
        fields = super().get_readonly_fields(request, obj)
        return fields if self.may_publish(request) and not self.edits_beside(request, obj) else [*fields, "status"]

    def may_go_back(self, request, row) -> bool:
        """To an old version, which readers would see at once."""
        return super().may_go_back(request, row) and not self.edits_beside(request, row)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.may_publish(request)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        response = super().change_view(request, object_id, form_url, extra_context)
        if isinstance(response, TemplateResponse) and (case := response.context_data.get("original")):
            # Told after the form, under whose lock it was decided.
            is_beside = self.edits_beside(request, case)
            response.context_data |= {
                "edition": drafts.open_edition(case),
                "edits_beside": is_beside,
                "may_publish": self.may_publish(request),
                "is_public": case.status == Case.Status.PUBLIC,
                "title": "修改草稿版" if is_beside else response.context_data["title"],
            }
        return response

    # --- What a save does ---------------------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        if not change and not self.may_publish(request):
            obj.status = Case.Status.DRAFT
        if not (change and self.edits_beside(request, obj)):
            super().save_model(request, obj, form, change)
            return
        reason = request.POST.get("history_reason", "").strip()[:LONGEST_REASON]
        # The row as it is: the form has filled the typed values into `obj`.
        stored = super().get_form(request, obj, change)(instance=self._again(request, obj)).stored()
        drafts.keep(form, stored, request.user, reason)
        self.tell_of_others(request, form)

    def save_related(self, request, form, formsets, change):
        if not (change and self.edits_beside(request, form.instance)):
            super().save_related(request, form, formsets, change)

    def construct_change_message(self, request, form, formsets, add=False):
        if not add and self.edits_beside(request, form.instance):
            return "保存了草稿版"
        return super().construct_change_message(request, form, formsets, add)

    def response_change(self, request, obj):
        if not self.edits_beside(request, obj):
            return super().response_change(request, obj)
        edition = drafts.open_edition(obj)
        if PUBLISHED in request.POST and self.may_publish(request):
            return self.publish_edition(request, obj.pk, edition)
        messages.success(request, format_html("“{}”的草稿版已保存，待审核；读者看到的没有变。", obj.full_title))
        if "_continue" in request.POST or AS_EDITION in request.POST:
            return HttpResponseRedirect(self._address(obj.pk))
        return self.response_post_save_change(request, obj)

    def publish_edition(self, request: HttpRequest, pk: int, edition: Edition) -> HttpResponse:
        """Sends the draft as the form of the case, in the transaction of the caller. What somebody else has changed in
        the case meanwhile is merged with it; where both changed the same, nothing is written, and an editor looks.
        """
        case = self.get_object(request, str(pk))
        request.edits_beside = False
        form = drafts.sent(self.get_form(request, case, change=True), case, edition)
        if not form.is_valid():
            if form.collided:
                drafts.rebase(edition, form, request.user)
            for name, errors in form.errors.items():
                label = form.fields[name].label if name in form.fields else ""
                messages.error(request, format_html("没有公开：{}{}", f"{label}：" if label else "", errors))
            return HttpResponseRedirect(self._address(pk))
        describe(reason="；".join(filter(None, ["公开草稿版", edition.reason]))[:LONGEST_REASON])
        row = self.save_form(request, form, change=True)
        self.save_model(request, row, form, change=True)
        form.save_m2m()
        edition.close(Edition.State.PUBLISHED, request.user)
        self.log_change(request, row, f"公开了{edition.made_by or ''}的草稿版")
        messages.success(request, f"“{row.full_title}”的草稿版已公开。")
        return HttpResponseRedirect(reverse("admin:catalog_case_change", args=[pk]))

    def edition_differences(self, request: HttpRequest, case: Case, edition: Edition) -> list:
        """What would change for readers: field by field, readable."""
        request.edits_beside = False
        form = self.get_form(request, case, change=True)
        proposed = drafts.state_of(form, case, drafts.proposed(form, case, edition))
        return differences(Case, state_at(Case, case.pk), proposed)

    def _address(self, pk: int) -> str:
        return f"{reverse('admin:catalog_case_change', args=[pk])}?{ASKED}=1"

    def _again(self, request, obj) -> Case:
        return self.get_queryset(request).get(pk=obj.pk)
