"""回收站 and 彻底删除: pages under those of cases and sources."""

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from catalog.history import (
    LONGEST_REASON,
    Kind,
    author_of,
    deleted_cases,
    describe,
    erase_cases,
    erase_source,
    holders_of,
    restore,
)
from catalog.models import Case, CaseEvent

CASES_A_PAGE = 50
_SHOWN = 20  # remarks


class BinAdmin:
    """The recycle bin of deleted cases, for the admin of cases."""

    change_list_template = "admin/catalog/case/change_list.html"

    def get_urls(self):
        page = path("bin/", self.admin_site.admin_view(self.bin_view), name="catalog_case_bin")
        return [page, *super().get_urls()]

    def bin_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._restore(request)
        words = request.GET.get("q", "").strip()
        events = deleted_cases().select_related("pgh_context").defer("body", "provenance", "imported", "captions")
        if words:
            events = events.filter(Q(title__icontains=words) | Q(subtitle__icontains=words) | Q(ref__icontains=words))
        page = Paginator(events, CASES_A_PAGE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": "回收站",
            "opts": self.opts,
            "words": words,
            "page": page,
            "entries": [(event, author_of(event.pgh_context.metadata if event.pgh_context else {})) for event in page],
            "may_restore": self._may_restore(request),
            "may_erase": request.user.has_perm(Case.ERASE),
        }
        return TemplateResponse(request, "admin/catalog/bin.html", context)

    def _may_restore(self, request) -> bool:
        return self.has_add_permission(request) and request.user.has_perm(Case.PUBLISH)

    def _restore(self, request):
        if not self._may_restore(request):
            raise PermissionDenied
        keys = {int(key) for key in request.POST.getlist("case") if key.isascii() and key.isdecimal()}
        reason = request.POST.get("history_reason", "").strip()[:LONGEST_REASON]
        describe(kind=Kind.RESTORE, **({"reason": reason} if reason else {}))
        try:
            result = restore({key for key in keys if key < 2**63})
        except IntegrityError as error:
            messages.error(request, f"没有恢复：{str(error).splitlines()[0]}")
            return HttpResponseRedirect(request.path)
        for line in result.said[:_SHOWN]:
            messages.warning(request, line)
        if len(result.said) > _SHOWN:
            messages.warning(request, f"……另有 {len(result.said) - _SHOWN} 条。")
        messages.success(request, f"恢复了 {len(result.cases)} 个案例，地址和导入标识不变。")
        return HttpResponseRedirect(request.path)


class ErasingAdmin:
    """彻底删除, for whoever has the right: of what is to be gone for good its name has to be typed."""

    def get_urls(self):
        name = f"catalog_{self.opts.model_name}_erase"
        page = path("<int:pk>/erase/", self.admin_site.admin_view(self.erase_view), name=name)
        return [page, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        address = "../erase/" if request.user.has_perm(Case.ERASE) else ""
        return super().change_view(request, object_id, form_url, {"erase_address": address, **(extra_context or {})})

    def erase_view(self, request, pk: int):
        if not request.user.has_perm(Case.ERASE):
            raise PermissionDenied
        name, since = self._named(pk)
        typed = request.POST.get("typed", "").strip()
        if request.method == "POST" and typed == name:
            return self._erase(request, pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "彻底删除",
            "opts": self.opts,
            "name": name,
            "wrong": request.method == "POST",
            "holders": holders_of(since),
        }
        return TemplateResponse(request, "admin/catalog/erase.html", context)

    def _named(self, pk: int):
        """What has to be typed, and since when the thing is there; a deleted case is found in the history."""
        if row := self.model.objects.filter(pk=pk).first():
            return (row.full_title if self.model is Case else row.name), row.created_at
        event = deleted_cases().filter(pgh_obj_id=pk).first() if self.model is Case else None
        if event is None:
            raise Http404
        return _full_title(event), event.created_at

    def _erase(self, request, pk: int):
        with transaction.atomic():
            describe(kind=Kind.ERASE)
            erased = erase_cases({pk}) if self.model is Case else erase_source(pk)
            # That it was done is known; of what, only the number.
            LogEntry.objects.create(
                user=request.user,
                content_type=ContentType.objects.get_for_model(self.model),
                object_id=str(pk),
                object_repr=f"{self.opts.verbose_name} {pk}",
                action_flag=CHANGE,
                change_message="彻底删除",
            )
        messages.success(request, f"已彻底删除 {erased.cases} 个案例，来源里的 {erased.lines} 行已清空。")
        if erased.holders:
            messages.warning(
                request, f"这些备份里还有：{'、'.join(erased.holders)}。要一并删去，请在服务器上删除它们。"
            )
        return HttpResponseRedirect(reverse(f"admin:catalog_{self.opts.model_name}_changelist"))


def _full_title(event: CaseEvent) -> str:
    return f"{event.title}——{event.subtitle}" if event.subtitle else event.title
