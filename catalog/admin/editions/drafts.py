"""A draft edition as the form that somebody has filled in and not yet sent: published, it is sent."""

import copy
import json

from django import forms
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from catalog.admin.together import OPENED_WITH, MergingForm
from catalog.history import State, state_at
from catalog.models import Case, Edition

Texts = dict[str, list[str]]


def open_edition(case: Case) -> Edition | None:
    return Edition.objects.open().filter(case=case.pk).select_related("made_by").first()


def beside(form: type[MergingForm], edition: Edition) -> type[MergingForm]:
    """The form class, of which what is stored is not the case but its draft edition."""

    class EditionForm(form):
        def __init__(self, *args, initial=None, **kwargs):
            values = {name: edition.values[name] for name in self.base_fields if name in edition.values}
            initial = {name: _initial(self.base_fields[name], texts) for name, texts in values.items()} | (
                initial or {}
            )
            super().__init__(*args, initial=initial, **kwargs)

    return EditionForm


def _initial(field: forms.Field, texts: list[str]):
    if isinstance(field, forms.ModelMultipleChoiceField):
        return texts
    return bool(texts) if isinstance(field, forms.BooleanField) else "".join(texts)


def keep(form: MergingForm, stored: Texts, user, reason: str) -> Edition:
    """What the form says, as the draft edition; it takes the place of the former. `stored`: what the case has."""
    with transaction.atomic():
        former = Edition.objects.filter(case_id=form.instance.pk, state=Edition.State.OPEN).select_for_update().first()
        values = (former.values if former else {}) | form.submitted()
        base = former.base | {name: stored[name] for name in stored if name not in former.base} if former else stored
        if former:
            former.close(Edition.State.REPLACED, user)
        return Edition.objects.create(
            case_id=form.instance.pk, values=values, base=base, made_by=user, reason=reason or _reason_of(former)
        )


def _reason_of(former: Edition | None) -> str:
    return former.reason if former else ""


def rebase(edition: Edition, form: MergingForm, user) -> Edition:
    """The edition after it met what others have changed in the case: published once more, its texts are those that
    stay.
    """
    edition.close(Edition.State.REPLACED, user)
    return Edition.objects.create(
        case_id=edition.case_id,
        values=edition.values | form.submitted(),
        base=form.stored(),
        made_by=edition.made_by,
        reason=edition.reason,
    )


def sent(form: type[MergingForm], case: Case, edition: Edition) -> MergingForm:
    """The form of the case as if the edition's texts came in now, from somebody who opened it when it was begun."""
    now = form(instance=case).stored()  # of what the draft says nothing of
    data = _data(now | edition.values)
    begun = {"at": edition.made_at.isoformat(), "values": now | edition.base}
    data[OPENED_WITH] = json.dumps(begun, ensure_ascii=False)
    return form(data, instance=case)


def proposed(form: type[MergingForm], case: Case, edition: Edition) -> Texts:
    """By field, what the case would have if the edition were published now."""
    return sent(form, copy.copy(case), edition).submitted()


def state_of(form: type[MergingForm], case: Case, texts: Texts) -> State:
    """The case's state, as the history has it, with these texts in its form; what can't be read is left out."""
    state = state_at(Case, case.pk) or {}
    filled = form(_data(texts), instance=copy.copy(case))
    filled.is_valid()
    for name, value in filled.cleaned_data.items():
        if name not in texts:
            continue
        if name == "products":
            state[name] = {product.pk for product in value}
        elif isinstance(filled.fields[name], forms.ModelChoiceField):
            state[f"{name}_id"] = value.pk if value else None
        elif name in state:
            state[name] = value
    return state


def _data(texts: Texts) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in texts.items():
        data.setlist(name, values)
    return data


def discard(edition: Edition, user) -> None:
    edition.close(Edition.State.DISCARDED, user)


def reopen(edition: Edition, user) -> Edition | None:
    """A row that says again what a former one said; None where another draft is open."""
    with transaction.atomic():
        Case.objects.select_for_update(no_key=True).filter(pk=edition.case_id).first()
        if open_edition(edition.case):
            return None
        return Edition.objects.create(
            case_id=edition.case_id,
            values=edition.values,
            base=edition.base,
            reason=edition.reason,
            made_by=user,
            made_at=timezone.now(),
        )
