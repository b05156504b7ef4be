"""The record of who came in, who did not, and who changed whose rights."""

from contextvars import ContextVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import connection
from django.db.models.signals import m2m_changed, pre_delete, pre_save
from django.http import HttpRequest

from accounts.addresses import address_of
from accounts.models import Record

# The request that is being answered, for what has only the database at hand.
current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


def record(kind: Record.Kind, request: HttpRequest | None, *, subject: str, detail: str = "") -> Record:
    """Adds a line; the actor is whoever is logged in at `request`."""
    user = getattr(request, "user", None)
    return Record.objects.create(
        kind=kind,
        actor=user.get_username() if user and user.is_authenticated else "",
        subject=subject[:150],
        address=address_of(request) if request else None,
        detail=detail,
    )


def connect() -> None:
    """Listens to log-ins and log-outs, and names the actor to the triggers that record changes of accounts."""
    user_logged_in.connect(_record_login, dispatch_uid="record")
    user_logged_out.connect(_record_logout, dispatch_uid="record")
    user = get_user_model()
    for model in (user, Group):
        pre_save.connect(_name_actor, sender=model, dispatch_uid=f"actor-{model.__name__}")
        pre_delete.connect(_name_actor, sender=model, dispatch_uid=f"actor-{model.__name__}")
    for through in (user.groups.through, user.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_name_actor, sender=through, dispatch_uid=f"actor-{through.__name__}")


def _record_login(sender, request, user, **kwargs):
    record(Record.Kind.LOGGED_IN, request, subject=user.get_username())


def _record_logout(sender, request, user, **kwargs):
    if user is not None:
        record(Record.Kind.LOGGED_OUT, request, subject=user.get_username())


def _name_actor(sender, **kwargs):
    """Tells the database, for the transaction under way, who acts; outside of one nothing would be left of it."""
    request = current_request.get()
    if request is None or not connection.in_atomic_block or not request.user.is_authenticated:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('accounts.actor', %s, true), set_config('accounts.address', %s, true)",
            [request.user.get_username(), address_of(request) or ""],
        )
