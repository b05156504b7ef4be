from functools import update_wrapper

from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache


class Choices(AutocompleteJsonView):
    """The choices of a field that is searched, as the admin of their rows calls them."""

    def serialize_result(self, obj, to_field_name):
        label = getattr(self.model_admin, "label_of_choice", str)
        return super().serialize_result(obj, to_field_name) | {"text": label(obj)}


class CatalogAdminSite(AdminSite):
    """The admin, whose log-in is the only one of the site."""

    site_header = site_title = "案例库管理"
    index_title = "编辑工作台"
    empty_value_display = "—"

    @property
    def login_form(self):
        from accounts.forms import LoginForm  # models are not there yet when the site is made

        return LoginForm

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            return render(request, "admin/no_rights.html", self.each_context(request), status=403)
        return super().login(request, extra_context)

    def index(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        from accounts.notices import show_locks

        if request.user.has_perm("accounts.view_record"):
            show_locks(request)
        return super().index(request, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return Choices.as_view(admin_site=self)(request)

    def password_change(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        from accounts.forms import OwnPasswordChange
        from accounts.models import PasswordDue

        class View(PasswordChangeView):
            def get_form_kwargs(self):
                return super().get_form_kwargs() | {"request": self.request}

        due = PasswordDue.objects.filter(user=request.user).exists()
        request.current_app = self.name
        view = View.as_view(
            form_class=OwnPasswordChange,
            success_url=reverse("admin:password_change_done", current_app=self.name),
            extra_context={**self.each_context(request), "due": due, **(extra_context or {})},
            template_name="admin/password_change.html",
        )
        return view(request)

    def get_urls(self):
        from accounts import two_step
        from accounts.csp_reports import csp_report

        def page(view):
            def shown(request):
                return view(request, self.each_context(request))

            return update_wrapper(self.admin_view(shown), view)

        return [
            # Django's own sends whoever has no rights away without logging them out.
            path("logout/", self.logout, name="logout"),
            path("csp-report/", csp_report, name="csp_report"),
            path("second-step/", page(two_step.second_step), name="second_step"),
            path("two-step/", page(two_step.two_step), name="two_step"),
            *super().get_urls(),
        ]
