"""Rows of a list made one: an action, and the page on which an editor says which of them stays."""

from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from catalog.merging import MergeProblem, differences, merge, merge_cases, plan, products_left
from catalog.models import Case, Edition


class MergeAction(admin.ModelAdmin):
    """A list of rows that can be merged: at most `most` at once. It takes the right to change all of them, and to
    delete those that go.
    """

    actions = ["merge"]
    most = 2

    def get_urls(self):
        page = path("merge/", self.admin_site.admin_view(self.merge_page), name=self._merge_page_name())
        return [page, *super().get_urls()]

    def _merge_page_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_merge"

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and self.has_delete_permission(request)

    @admin.action(description="合并所选", permissions=["merge"])
    def merge(self, request: HttpRequest, queryset) -> HttpResponse | None:
        keys = sorted(set(queryset.values_list("pk", flat=True)[: self.most + 1]))
        if not 2 <= len(keys) <= self.most:
            wanted = "两个" if self.most == 2 else f"两个或更多（最多 {self.most} 个）"
            self.message_user(request, f"请选择{wanted}再合并。", messages.WARNING)
            return None
        address = reverse(f"admin:{self._merge_page_name()}", current_app=self.admin_site.name)
        return HttpResponseRedirect(f"{address}?{urlencode({'row': keys}, doseq=True)}")

    def merge_page(self, request: HttpRequest) -> HttpResponse:
        """Shows what a merge does, and does it when it is posted; all that can't be merged leads back to the list."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        keys = [key for key in (request.POST or request.GET).getlist("row") if key.isascii() and key.isdigit()]
        rows = list(self.model.objects.filter(pk__in=[key for key in keys if len(key) < 19][: self.most]))
        try:
            if len(rows) < 2:
                raise MergeProblem("所选的有一些已经不在了，请重新选择。")
            return self.merge_rows(request, rows)
        except MergeProblem as problem:
            self.message_user(request, str(problem), messages.ERROR)
            return HttpResponseRedirect("../")

    def merge_rows(self, request: HttpRequest, rows: list) -> HttpResponse:
        raise NotImplementedError

    def refuse_without_rights(self, request: HttpRequest, stays, going: list) -> None:
        allowed = self.has_change_permission(request, stays) and all(
            self.has_change_permission(request, row) and self.has_delete_permission(request, row) for row in going
        )
        if not allowed:
            raise PermissionDenied

    def page(self, request: HttpRequest, template: str, **context) -> HttpResponse:
        title = f"合并{self.opts.verbose_name}"
        context |= {"title": title, "opts": self.opts, "media": self.media}
        return render(request, template, {**self.admin_site.each_context(request), **context})


class MergingRowsAdmin(MergeAction):
    """Banks, products, chapters."""

    most = 20

    def merge_rows(self, request: HttpRequest, rows: list) -> HttpResponse:
        """Asks which one stays, and says of each what becomes of the others."""
        stays = next((row for row in rows if str(row.pk) == request.POST.get("stays")), None)
        if stays is None:
            plans = [plan(row, [other for other in rows if other != row]) for row in rows]
            return self.page(request, "admin/catalog/merge.html", plans=plans)
        going = [row for row in rows if row != stays]
        self.refuse_without_rights(request, stays, going)
        names = "、".join(str(row) for row in going)
        done = merge(stays, going)
        self.log_change(request, stays, f"并入了{self.opts.verbose_name}{names}。")
        moved = f"，{done.cases} 个案例改归它" if done.cases else ""
        self.message_user(request, f"{names} 已并入 {stays}{moved}。原来的地址都转到它。", messages.SUCCESS)
        return HttpResponseRedirect(f"../{stays.pk}/change/")


class MergingCasesAdmin(MergeAction):
    """Two cases that are one: side by side, a choice for each field in which they differ."""

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return super().has_merge_permission(request) and request.user.has_perm(Case.PUBLISH)

    def merge_rows(self, request: HttpRequest, rows: list[Case]) -> HttpResponse:
        wanted = request.POST.get("stays") or request.GET.get("stays")
        stays = next((row for row in rows if str(row.pk) == wanted), rows[0])
        goes = next(row for row in rows if row != stays)
        if drafted := next((row for row in rows if Edition.objects.open().filter(case=row.pk).exists()), None):
            raise MergeProblem(f"“{drafted}”有一份没有公开的草稿版：先公开或放弃它，再合并。")
        taken = {name.removeprefix("of_") for name, value in request.POST.items() if value == "goes"}
        if request.method == "POST":
            if request.POST.get("seen") == _seen(stays, goes):
                self.refuse_without_rights(request, stays, [goes])
                merge_cases(stays, goes, taken)
                self.log_change(request, stays, f"并入了案例{goes}（{goes.ref or goes.slug}）。")
                self.message_user(request, f"{goes} 已并入这个案例，它原来的地址转到这里。", messages.SUCCESS)
                return HttpResponseRedirect(f"../{stays.pk}/change/")
            self.message_user(request, "您打开这一页以后，有一个案例又改过。请再看一遍。", messages.WARNING)
        return self.page(
            request,
            "admin/catalog/merge_cases.html",
            stays=stays,
            goes=goes,
            pairs=[(pair, pair.fills or pair.name in taken) for pair in differences(stays, goes)],
            products=list(goes.products.exclude(pk__in=stays.products.all())),
            left=products_left(stays, goes, taken),
            seen=_seen(stays, goes),
            swapped=urlencode({"row": [stays.pk, goes.pk], "stays": goes.pk}, doseq=True),
        )


def _seen(stays: Case, goes: Case) -> str:
    """What changes with every save of one of them."""
    return f"{stays.updated_at.isoformat()} {goes.updated_at.isoformat()}"
