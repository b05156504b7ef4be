from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path

from intake import pages
from intake.models import ImportBatch
from intake.tasks import IMPORT


@admin.register(ImportBatch)
class ImportBatchAdmin(admin.ModelAdmin):
    """The addresses and rights of the pages in `intake.pages`; each is its own, none is a form of the row."""

    def _may(self, request: HttpRequest, obj=None) -> bool:
        return request.user.has_perm(IMPORT)

    has_module_permission = has_view_permission = has_add_permission = has_change_permission = _may

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        def address(route: str, view, name: str):
            return path(route, self._page(view), name=f"intake_importbatch_{name}")

        return [
            address("", pages.batches, "changelist"),
            address("add/", pages.upload, "add"),
            address("<int:pk>/change/", pages.batch_page, "change"),
            address("<int:pk>/progress/", pages.progress, "progress"),
            address("<int:pk>/items/<int:item>/", pages.item_page, "item"),
            address("<int:pk>/ticks/", pages.save_ticks, "ticks"),
            address("<int:pk>/accept/", pages.accept, "accept"),
            address("<int:pk>/cancel/", pages.cancel, "cancel"),
            address("<int:pk>/undo/", pages.undo, "undo"),
            address("<int:pk>/publish/", pages.publish, "publish"),
            address("<int:pk>/again/", pages.again, "again"),
        ]

    def _page(self, view):
        def shown(request: HttpRequest, **kwargs) -> HttpResponse:
            context = {**self.admin_site.each_context(request), "opts": self.opts}
            return pages.checked(view, request, context, **kwargs)

        return self.admin_site.admin_view(shown)
