"""Errors to an address that understands Sentry's protocol, where SENTRY_DSN gives one: the fault, and nobody's data."""

import time

import sentry_sdk
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.utils import BadDsn

from config.logging import Chosen, FewAlike, current_request, hide_persons, hide_values, record_request

_chosen, _alike = Chosen(), FewAlike()


def start(dsn: str) -> None:
    """From now on; what cannot be sent is dropped, and no request waits for it."""
    try:
        sentry_sdk.init(
            dsn,
            before_send=cleared,
            send_default_pii=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
        )
    except BadDsn:
        raise ImproperlyConfigured("SENTRY_DSN 无法识别，应形如 https://密钥@主机/编号") from None


def cleared(event: dict, hint: dict) -> dict | None:
    """The event without what tells of persons; None for one that is no fault, or of which enough were sent."""
    record = hint.get("log_record")
    if (record and not _chosen.filter(record)) or not _alike.count(_place(hint), time.monotonic())[0]:
        return None
    request = record_request(record) if record else current_request.get()
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = hide_values(str(exception.get("value")), request)
    if "logentry" in event:
        event["logentry"] = {"formatted": hide_persons(record.getMessage(), request) if record else ""}
    for name in ("extra", "request", "user"):
        event.pop(name, None)
    if request is not None:
        event["request"] = {"method": request.method, "url": request.path}
        event["tags"] = {"request_id": getattr(request, "id", "")}
    return event


def _place(hint: dict) -> tuple:
    """What makes two events alike: where the error was raised, or where the record was written."""
    _, error, trace = hint.get("exc_info") or (None, None, None)
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        return type(error), trace.tb_frame.f_code.co_filename, trace.tb_lineno
    record = hint.get("log_record")
    return (record.name, record.pathname, record.lineno) if record else ()
