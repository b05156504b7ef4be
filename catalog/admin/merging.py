"""Rows of a list made one: an action, and the page on which an editor says which of them stays."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from catalog.merging import MergeProblem, merge, plan

MOST = 20  # rows that a page compares


class MergingRowsAdmin(admin.ModelAdmin):
    """Lists of rows that can be merged. It takes the right to change all of them, and to delete those that go."""

    actions = ["merge"]

    def get_urls(self):
        page = path("merge/", self.admin_site.admin_view(self.merge_page), name=self._merge_page_name())
        return [page, *super().get_urls()]

    def _merge_page_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_merge"

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and self.has_delete_permission(request)

    @admin.action(description="合并所选", permissions=["merge"])
    def merge(self, request: HttpRequest, queryset) -> HttpResponse | None:
        keys = list(queryset.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
        if not 2 <= len(keys) <= MOST:
            self.message_user(request, f"请选择两个或更多（最多 {MOST} 个）再合并。", messages.WARNING)
            return None
        address = reverse(f"admin:{self._merge_page_name()}", current_app=self.admin_site.name)
        return HttpResponseRedirect(f"{address}?{urlencode({'row': keys}, doseq=True)}")

    def merge_page(self, request: HttpRequest) -> HttpResponse:
        """Asks which one stays, and says of each what becomes of the others; then does it."""
        keys = [key for key in (request.POST or request.GET).getlist("row") if key.isascii() and key.isdigit()][:MOST]
        rows = list(self.model.objects.filter(pk__in=keys))
        if not self.has_merge_permission(request):
            raise PermissionDenied
        if len(rows) < 2:
            self.message_user(request, "所选的有一些已经不在了，请重新选择。", messages.WARNING)
            return HttpResponseRedirect("../")
        stays = next((row for row in rows if str(row.pk) == request.POST.get("stays")), None)
        if stays is not None:
            return self._merge(request, stays, [row for row in rows if row != stays])
        if request.method == "POST":
            self.message_user(request, "请选择留下哪一个。", messages.WARNING)
        try:
            plans = [plan(row, [other for other in rows if other != row]) for row in rows]
        except MergeProblem as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return HttpResponseRedirect("../")
        context = {
            **self.admin_site.each_context(request),
            "title": f"合并{self.opts.verbose_name}",
            "opts": self.opts,
            "plans": plans,
            "media": self.media,
        }
        return render(request, "admin/catalog/merge.html", context)

    def _merge(self, request: HttpRequest, stays, going: list) -> HttpResponse:
        allowed = self.has_change_permission(request, stays) and all(
            self.has_change_permission(request, row) and self.has_delete_permission(request, row) for row in going
        )
        if not allowed:
            raise PermissionDenied
        names = "、".join(str(row) for row in going)
        try:
            done = merge(stays, going)
        except MergeProblem as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return HttpResponseRedirect("../")
        self.log_change(request, stays, f"并入了{self.opts.verbose_name}{names}。")
        moved = f"，{done.cases} 个案例改归它" if done.cases else ""
        self.message_user(request, f"{names} 已并入 {stays}{moved}。原来的地址都转到它。", messages.SUCCESS)
        return HttpResponseRedirect(f"../{stays.pk}/change/")
