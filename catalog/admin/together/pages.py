"""The form of a row that several people edit."""

import re

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from catalog.admin.together.forms import MergingForm, PlainTextarea
from catalog.history import LONGEST_REASON, Kind, describe
from catalog.models import OpenPage

SAVED = "saved"  # a cookie: the name of the draft that the server has stored
REMEMBERED = 30 * 24 * 3600  # seconds: as long as a browser keeps a draft
_NAME = re.compile(r"[\w-]{1,64}", re.ASCII)


class MergingAdmin(admin.ModelAdmin):
    """The pages of rows that several people edit."""

    form = MergingForm
    change_form_template = "admin/merging_change_form.html"
    formfield_overrides = {models.TextField: {"widget": PlainTextarea({"rows": 6, "cols": 100})}}

    class Media:
        css = {"all": ["css/admin.css"]}
        js = [forms.Script("js/together.js", defer=True)]

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_open"
        page = path("<int:pk>/open/", self.admin_site.admin_view(self.hold_open), name=name)
        return [page, *super().get_urls()]

    @method_decorator(require_POST)
    def hold_open(self, request, pk: int):
        """A piece of the form's page, which asks for it while it is open: who else has it open, and who has saved."""
        row = self.get_object(request, str(pk))
        if row is None:
            return HttpResponse("<p>这一页的内容已经不在了：别处删除了它。您写的可以复制出来。</p>")
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        kind = self.opts.label_lower
        if "left" in request.POST:
            OpenPage.objects.filter(user=request.user, kind=kind, object_id=pk).delete()
            return HttpResponse()
        OpenPage.hold(request.user, kind, pk)
        context = {"others": OpenPage.others(request.user, kind, pk), "saved": self._saved_since(request, row)}
        return render(request, "admin/together.html", context)

    def _saved_since(self, request, row) -> list[str]:
        """Who else has saved the row since the form was opened."""
        try:
            since = parse_datetime(request.POST.get("since", ""))
        except ValueError:
            since = None
        if since is None or timezone.is_naive(since):
            return []
        kind = get_content_type_for_model(row)
        entries = LogEntry.objects.filter(content_type=kind, object_id=row.pk, action_time__gt=since)
        names = entries.exclude(user=request.user).values_list("user__username", flat=True)
        return list(dict.fromkeys(names.order_by("action_time")))

    def log_addition(self, request, obj, message):
        request.is_stored = True
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        request.is_stored = True
        return super().log_change(request, obj, message)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The browser keeps what is typed until it hears that it is stored: by the name that it gave it."""
        response = super().changeform_view(request, object_id, form_url, extra_context)
        kept = request.POST.get("kept_as", "")
        if getattr(request, "is_stored", False) and _NAME.fullmatch(kept):
            options = {"max_age": REMEMBERED, "samesite": "Lax", "secure": request.is_secure()}
            response.set_cookie(SAVED, kept, path=reverse("admin:index"), **options)
        return response

    def get_object(self, request, object_id, from_field=None):
        """On a save the row is locked: whoever saves next sees what this one has written."""
        if request.method == "POST" and connection.in_atomic_block:
            self.model._base_manager.select_for_update(no_key=True).filter(pk=_key(self.model, object_id)).values(
                "pk"
            ).first()
        return super().get_object(request, object_id, from_field)

    def changelist_view(self, request, extra_context=None):
        if request.method == "POST":
            describe(kind=Kind.BULK)
        return super().changelist_view(request, extra_context)

    def save_model(self, request, obj, form, change):
        if reason := request.POST.get("history_reason", "").strip():
            describe(reason=reason[:LONGEST_REASON])
        super().save_model(request, obj, form, change)
        self.tell_of_others(request, form)

    def tell_of_others(self, request, form) -> None:
        if merged := getattr(form, "merged", None):
            names = "、".join(f"“{form.fields[name].label}”" for name in merged)
            messages.info(request, f"您打开这一页以后，{form.others()}改了{names}；和您的改动不冲突，都留着。")


def _key(model, object_id):
    try:
        return model._meta.pk.to_python(object_id)
    except forms.ValidationError:
        return None
