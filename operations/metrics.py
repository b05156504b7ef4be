"""Figures for Prometheus, where METRICS is on: django-prometheus' own, of all processes together, and the searches'.

The processes share them by files in var/run/metrics, which a start of the site empties.
"""

import ipaddress

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from prometheus_client import Histogram

from operations.searches.answered import AnsweredSearch

SEARCH_SECONDS = Histogram(
    "anliku_search_seconds",
    "Seconds a search took, by how it ended.",
    ["outcome"],
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """To METRICS_ALLOWED alone; to all others there is no such address."""
    if not _allowed(request.META.get("REMOTE_ADDR", "")):
        raise Http404
    return ExportToDjangoView(request)


def observe(search: AnsweredSearch) -> None:
    outcome = "timeout" if search.page.timed_out else "found" if search.count else "nothing"
    SEARCH_SECONDS.labels(outcome).observe(search.seconds)


def clear() -> None:
    """Before the first process of a start: the figures of processes that are gone go with them."""
    if settings.METRICS_FOLDER.is_dir():
        for file in settings.METRICS_FOLDER.glob("*.db"):
            file.unlink(missing_ok=True)


def _networks(names: list[str]) -> list:
    try:
        return [ipaddress.ip_network(name, strict=False) for name in names]
    except ValueError as error:
        raise ImproperlyConfigured(f"METRICS_ALLOWED 应是逗号分开的地址或网段：{error}") from None


ALLOWED = _networks(settings.METRICS_ALLOWED)


def _allowed(address: str) -> bool:
    try:
        reader = ipaddress.ip_address(address)
    except ValueError:  # none at all, on a socket of the machine
        return False
    return any(reader in network for network in ALLOWED)
