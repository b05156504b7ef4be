"""历史: the versions of a row, what is different between any two, and the way back to one."""

import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse

from catalog.admin.together import MergingAdmin
from catalog.history import (
    LONGEST_REASON,
    NOW,
    TIES,
    Kind,
    State,
    describe,
    differences,
    row_names,
    state_at,
    title_of,
    versions,
)
from catalog.models import Product

VERSIONS_A_PAGE = 15


class RecordedAdmin(MergingAdmin):
    """The pages of rows whose every change is recorded."""

    def history_view(self, request, object_id, extra_context=None):
        """The versions of a row, of one that is deleted too; a POST goes back to one of them."""
        key = self._key(object_id)
        row = self.get_object(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        known = versions(self.model, key)
        if row is None and not any(version.context for version in known):
            raise Http404
        if request.method == "POST":
            return self._go_back(request, row, request.POST.get("position", ""))
        page = Paginator(known, VERSIONS_A_PAGE).get_page(request.GET.get("p"))
        shown = known[page.start_index() - 1 : page.end_index() + 1]
        states = [state_at(self.model, key, version.position) for version in shown]
        before = [*states[1:], *([None] if page.end_index() == len(known) else [])]
        entries = [
            {"version": version, "differences": differences(self.model, old, new), "state": new}
            for version, old, new in zip(shown[: len(page)], before, states, strict=False)
        ]
        old, new = _position(request.GET.get("old")), _position(request.GET.get("new"))
        compared = None
        if old is not None and new is not None:
            ends = [state_at(self.model, key, position) for position in sorted((old, new))]
            compared = differences(self.model, *ends)
        name = str(row) if row else title_of(self.model, states[0] or next(filter(None, before), {}))
        context = {
            **self.admin_site.each_context(request),
            "title": f"历史：{name}",
            "opts": self.opts,
            "row": row,
            "name": name,
            "page": page,
            "entries": entries,
            "compared": compared,
            "old": old,
            "new": new,
            "current": known[0].position,
            "may_go_back": row is not None and self.may_go_back(request, row),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/catalog/history.html", context)

    def may_go_back(self, request, row) -> bool:
        return self.has_change_permission(request, row)

    def _key(self, object_id) -> int:
        try:
            return self.model._meta.pk.to_python(object_id)
        except ValidationError:
            raise Http404 from None

    def _go_back(self, request, row, position: str):
        """Saves an old state by the form, as an editor would who typed it: so it is checked, and is a new version."""
        if row is None or not self.may_go_back(request, row):
            raise PermissionDenied
        back = _position(position)
        state = None if back is None else state_at(self.model, row.pk, back)
        if state is None:
            raise Http404
        here = HttpResponseRedirect(request.path)
        reason = request.POST.get("history_reason", "").strip()[:LONGEST_REASON]
        try:
            with transaction.atomic():
                row = self.get_object(request, str(row.pk))
                describe(kind=Kind.REVERT, back_to=back, **({"reason": reason} if reason else {}))
                past, said = self._past(row, state)
                form = self._form_of(request, row, past)
                if not form.is_valid():
                    for name, errors in form.errors.items():
                        label = form.fields[name].label if name in form.fields else ""
                        messages.error(request, f"没有回到这一版：{label}{'；'.join(errors)}")
                    return here
                self.save_model(request, self.save_form(request, form, change=True), form, change=True)
                form.save_m2m()
                said += self._restore_aliases(row, past)
                self.log_change(request, row, f"回到旧版{f'：{reason}' if reason else ''}")
        except IntegrityError as error:
            messages.error(request, f"没有回到这一版：{_first_line(error)}")
            return here
        for line in said:
            messages.warning(request, line)
        messages.success(request, "已回到这一版，记作新的一版；原来的几版都在。")
        return here

    def _past(self, row, state: State) -> tuple[State, list[str]]:
        """The state with what is no longer there as it is now, and a line on each of these."""
        past, said = dict(state), []
        for field in self.model._meta.concrete_fields:
            if not field.is_relation or not past.get(field.attname):
                continue
            if not field.related_model._base_manager.filter(pk=past[field.attname]).exists():
                name = row_names(field.related_model, {past[field.attname]})[past[field.attname]]
                past[field.attname] = getattr(row, field.attname)
                said.append(f"{field.verbose_name}“{name}”已不存在，保留了现在的。")
        if products := past.get("products"):
            there = set(Product.objects.filter(pk__in=products).values_list("pk", flat=True))
            gone = row_names(Product, products - there)
            past["products"] = there
            said += [f"产品“{name}”已不存在，没有带回。" for name in gone.values()]
        return past, said

    def _form_of(self, request, row, past: State):
        """The form as if the old state had been typed into it."""
        form_class = self.get_form(request, row, change=True)
        then = copy.copy(row)
        for name, value in past.items():
            if name not in ("products", "aliases"):
                setattr(then, name, value)
        initial = {"products": sorted(past["products"])} if "products" in past else {}
        typed = QueryDict(mutable=True)
        for name, values in form_class(instance=then, initial=initial).stored().items():
            typed.setlist(name, values)
        return form_class(typed, instance=row)

    def _restore_aliases(self, row, past: State) -> list[str]:
        if "aliases" not in past:
            return []
        ties, held = TIES[self.model], {alias.name for alias in row.aliases.all()}
        row.aliases.exclude(name__in=past["aliases"]).delete()
        unique = ties.model._meta.get_field("name").unique
        wanted = past["aliases"] - held
        taken = set(ties.model.objects.filter(name__in=wanted).values_list("name", flat=True)) if unique else set()
        ties.model.objects.bulk_create(ties.model(**{ties.owner: row.pk, "name": name}) for name in wanted - taken)
        return [f"别名“{name}”现在是别处的，没有带回。" for name in sorted(taken)]


def _position(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and int(text) <= NOW else None


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]
