"""What browsers report of the content security policy (CSP_REPORTS=1): a line in the log each, and few of them."""

import json
import logging
import time
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

logger = logging.getLogger(__name__)

LONGEST = 16_384  # bytes of a report
AN_HOUR = 60  # reports that a process writes down: anyone may send them

_written: list[float] = []


@csrf_exempt
@require_POST
def csp_report(request: HttpRequest) -> HttpResponse:
    """Takes the report of a browser, and answers 204 whatever it is."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length.isdecimal() or int(length) > LONGEST or not _may_write():
        return HttpResponse(status=204)
    try:
        report = json.loads(request.body)["csp-report"]
        directive, blocked, page = (str(report[name]) for name in ("violated-directive", "blocked-uri", "document-uri"))
        logger.warning("content policy: %s stopped %s on %s", _plain(directive), _bare(blocked), _bare(page))
    except (ValueError, KeyError, TypeError, RecursionError):
        logger.info("a report on the content policy that cannot be read")
    return HttpResponse(status=204)


def _may_write() -> bool:
    now = time.monotonic()
    _written[:] = [at for at in _written if now - at < 3600]
    if len(_written) >= AN_HOUR:
        return False
    _written.append(now)
    return True


def _bare(address: str) -> str:
    """Without the query, in which a reader's words are."""
    parts = urlsplit(address)
    return _plain(f"{parts.scheme}:{parts.netloc}{parts.path}")


def _plain(text: str) -> str:
    return repr(text[:200])
