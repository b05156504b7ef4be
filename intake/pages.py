"""What editors see of their imports. Each view parses, asks and renders; what is done is done by the jobs."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from catalog.admin.doubts import THEN
from catalog.history import Kind, changes_of, describe
from catalog.importing.terms import Change
from catalog.models import Case, Doubt
from catalog.search import settle_own
from catalog.text import limits
from intake.differences import differences
from intake.importing import chosen_items, drafts_of, needs_publishing
from intake.models import CHANGE_LABELS, BatchItem, ImportBatch
from intake.tasks import IMPORT, PUBLISH, import_accepted, read_batch, undo_accepted
from intake.uploads import SUFFIXES, begin_batch, sort_out
from jobs import standing

BATCHES_A_PAGE, ITEMS_A_PAGE = 30, 25
State = ImportBatch.State
_WRITTEN = (Change.NEW, Change.CHANGED, Change.CONFLICT, Change.DUPLICATE)
_DOUBTFUL = "doubtful"
_TAKEN_FOR = {"edition", "source"}
_TOLD = 10  # files of an upload that are named


def checked(view, request: HttpRequest, context: dict, **kwargs) -> HttpResponse:
    if not request.user.has_perm(IMPORT):
        raise PermissionDenied
    return view(request, context, **kwargs)


def _address(name: str, batch: ImportBatch, *more) -> str:
    return reverse(f"admin:intake_importbatch_{name}", args=[batch.pk, *more])


def batches(request: HttpRequest, context: dict) -> HttpResponse:
    rows = (
        ImportBatch.objects.select_related("created_by", "accepted_by")
        .annotate(file_count=Count("files"))
        .order_by("-pk")
    )
    page = Paginator(rows, BATCHES_A_PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(request, "admin/intake/batches.html", context | {"title": "导入批次", "page": page})


def upload(request: HttpRequest, context: dict) -> HttpResponse:
    context |= {
        "title": "导入文件",
        "accept": ",".join(SUFFIXES),
        "most_bytes": settings.MAX_UPLOAD,
        "most_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "most_text": limits.megabytes(limits.DOCUMENT_BYTES),
        "most_together": f"{settings.MAX_UPLOAD // 1_000_000} MB",
        "text_bytes": limits.DOCUMENT_BYTES,
    }
    if request.method != "POST":
        return TemplateResponse(request, "admin/intake/upload.html", context)
    upload = sort_out(request.FILES.getlist("files"))
    if not upload.files:
        problems = upload.problems or [("", "没有选文件")]
        return TemplateResponse(request, "admin/intake/upload.html", context | {"problems": problems}, status=400)
    batch = begin_batch(upload, request.user)
    if upload.problems:
        named = "；".join(f"{name}（{problem}）" for name, problem in upload.problems[:_TOLD])
        more = f"；还有 {len(upload.problems) - _TOLD} 个" if len(upload.problems) > _TOLD else ""
        messages.warning(request, f"{len(upload.problems)} 个文件没有收下：{named}{more}")
    return redirect(_address("change", batch))


def batch_page(request: HttpRequest, context: dict, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch.objects.select_related("created_by", "accepted_by"), pk=pk)
    change = request.GET.get("change", "")
    items = batch.items.all()
    if change in CHANGE_LABELS:
        items = items.filter(change=change)
    elif change == _DOUBTFUL:
        items = items.exclude(doubts=[])
    else:
        change, items = "", items.filter(change__in=_WRITTEN)
    page = Paginator(items, ITEMS_A_PAGE).get_page(request.GET.get("page"))
    for item in page.object_list:
        item.differences = differences(item.old, item.new, item.kept)
    _with_cases(page.object_list, may_publish=request.user.has_perm(PUBLISH))
    context |= {
        "title": f"第 {batch.pk} 批",
        "batch": batch,
        "files": batch.files.all(),
        "change": change,
        "counts": _counts(batch),
        "page": page,
        "chosen": chosen_items(batch).count(),
        "may_publish": request.user.has_perm(PUBLISH),
        "waiting": batch.state == State.WAITING,
        "trouble": _trouble(batch),
        "may_cancel": batch.state in (State.READING, State.WAITING, State.IMPORTING),
        "asks": batch.state in (State.WAITING, State.FAILED) and any(file.asks for file in batch.files.all()),
        "may_undo": _may_undo(request, batch),
        **_following(request, batch),
        "may_try_again": batch.state in (State.FAILED, State.CANCELLED),
    }
    return TemplateResponse(request, "admin/intake/batch.html", context)


def _following(request: HttpRequest, batch: ImportBatch) -> dict[str, object]:
    """What is left to do with a batch that was imported: its drafts, and the doubts about its cases."""
    if batch.state != State.DONE or batch.context is None:
        return {}
    drafts, written = drafts_of(batch), changes_of(batch.context)
    doubts = Doubt.objects.open().filter(case__in=written.created | written.changed)
    return {
        "drafts": drafts.count() if request.user.has_perm(PUBLISH) else 0,
        "doubts": doubts.count() if request.user.has_perm("catalog.change_doubt") else 0,
        "doubts_address": _first_doubt(batch, doubts),
    }


def _first_doubt(batch: ImportBatch, doubts: QuerySet[Doubt]) -> str:
    """The page of the first of them, from which the way leads through those of the same sources and back here."""
    first = doubts.first()
    if first is None:
        return ""
    sources = sorted(set(doubts.order_by().values_list("source", flat=True)))
    listed = urlencode({"source__id__in": ",".join(map(str, sources)), "settled": "no"})
    query = {"_changelist_filters": listed, THEN: _address("change", batch)}
    return reverse("admin:catalog_doubt_change", args=[first.pk], query=query)


def _counts(batch: ImportBatch) -> list[tuple[str, str, int]]:
    """(parameter, label, number) of each kind that there is, what would be written first."""
    numbers = dict(batch.items.order_by().values_list("change").annotate(number=Count("*")))
    is_written = batch.state in (State.DONE, State.UNDOING, State.UNDONE)
    counts = [("", "写入的" if is_written else "会写入的", sum(numbers.get(change, 0) for change in _WRITTEN))]
    counts += [(change, label, numbers[change]) for change, label in CHANGE_LABELS.items() if change in numbers]
    if doubtful := batch.items.exclude(doubts=[]).count():
        counts.append((_DOUBTFUL, "有存疑", doubtful))
    return counts


def _with_cases(items: list[BatchItem], may_publish: bool) -> None:
    """Each item with its case, if that is still there, and whether this editor may have it written."""
    cases = Case.objects.only("title", "slug", "status").in_bulk([item.case_key for item in items if item.case_key])
    for item in items:
        item.case = cases.get(item.case_key)
        is_public = item.case is not None and item.case.status == Case.Status.PUBLIC
        item.needs_publishing = is_public and not may_publish and item.change in _WRITTEN
        item.may_be_chosen = item.change in _WRITTEN and not item.needs_publishing


def item_page(request: HttpRequest, context: dict, pk: int, item: int) -> HttpResponse:
    row = get_object_or_404(BatchItem.objects.select_related("batch"), pk=item, batch=pk)
    _with_cases([row], may_publish=True)
    row.differences = differences(row.old, row.new, row.kept, whole=True)
    context |= {"title": row.title, "item": row, "batch": row.batch}
    return TemplateResponse(request, "admin/intake/item.html", context)


def progress(request: HttpRequest, context: dict, pk: int) -> HttpResponse:
    """A piece of the batch's page, which asks for it every second; once the job is over the page is loaded anew."""
    batch = get_object_or_404(ImportBatch, pk=pk)
    if not request.htmx:
        return redirect(_address("change", batch))
    context |= {"batch": batch, "trouble": _trouble(batch)}
    response = TemplateResponse(request, "admin/intake/progress.html", context)
    if not batch.is_at_work:
        response["HX-Refresh"] = "true"
    return response


def _trouble(batch: ImportBatch) -> str | None:
    """Why nobody has begun with it."""
    return standing.trouble() if batch.is_at_work and not batch.attempts else None


# --- What changes a batch ---------------------------------------------------------------------------------------------


def _posted(request: HttpRequest, pk: int) -> ImportBatch:
    """The batch, locked until the transaction of the caller is over."""
    return get_object_or_404(ImportBatch.objects.select_for_update(), pk=pk)


def _take_ticks(request: HttpRequest, batch: ImportBatch) -> None:
    """Of the items that the page showed, those that were ticked; or all of one kind, or none."""
    items = batch.items.filter(change__in=_WRITTEN)
    if "all" in request.POST or "none" in request.POST:
        change = request.POST.get("change", "")
        kind = Q(change=change) if change in CHANGE_LABELS else Q() if change != _DOUBTFUL else ~Q(doubts=[])
        items.filter(kind).update(chosen="all" in request.POST)
        return
    shown = [int(key) for key in request.POST.getlist("shown") if key.isdecimal() and len(key) < 19]
    ticked = [int(key) for key in request.POST.getlist("chosen") if key.isdecimal() and len(key) < 19]
    items.filter(pk__in=set(shown) - set(ticked)).update(chosen=False)
    items.filter(pk__in=set(shown) & set(ticked)).update(chosen=True)


@transaction.atomic
def save_ticks(request: HttpRequest, context: dict, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    batch = _posted(request, pk)
    if batch.state == State.WAITING:
        _take_ticks(request, batch)
    if request.htmx:
        return HttpResponse(chosen_items(batch).count())
    return redirect(f"{_address('change', batch)}?{request.POST.get('here', '')}")


@transaction.atomic
def accept(request: HttpRequest, context: dict, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if "save" in request.POST or "all" in request.POST or "none" in request.POST:
        return save_ticks(request, context, pk)
    batch = _posted(request, pk)
    public = request.POST.get("status") == Case.Status.PUBLIC
    if public and not request.user.has_perm(PUBLISH):
        raise PermissionDenied
    if batch.state != State.WAITING:
        messages.warning(request, f"这一批已经是“{batch.get_state_display()}”，没有再做什么。")
        return redirect(_address("change", batch))
    _take_ticks(request, batch)
    if not chosen_items(batch).exists():
        messages.warning(request, "没有勾选要写入的案例。")
        return redirect(_address("change", batch))
    batch.state, batch.public = State.IMPORTING, public
    batch.accepted_by, batch.accepted_at = request.user, timezone.now()
    batch.attempts, batch.message, batch.cancel_asked = 0, "", False
    batch.step, batch.done, batch.total = "", 0, 0
    batch.save()
    import_accepted.enqueue(batch.pk)
    return redirect(_address("change", batch))


@transaction.atomic
def cancel(request: HttpRequest, context: dict, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    batch = _posted(request, pk)
    if batch.state == State.WAITING:
        batch.state, batch.finished_at = State.CANCELLED, timezone.now()
        batch.save(update_fields=["state", "finished_at"])
    elif batch.is_at_work:
        batch.cancel_asked = True
        batch.save(update_fields=["cancel_asked"])
    return redirect(_address("change", batch))


def _may_undo(request: HttpRequest, batch: ImportBatch) -> bool:
    if batch.state != State.DONE or batch.context is None:
        return False
    return request.user.has_perm(PUBLISH) or not needs_publishing(batch)


@transaction.atomic
def undo(request: HttpRequest, context: dict, pk: int) -> HttpResponse:
    """Asks first: what is undone may be thousands of cases."""
    batch = _posted(request, pk)
    if request.method != "POST":
        written = changes_of(batch.context) if batch.context else None
        context |= {"title": f"撤销第 {batch.pk} 批", "batch": batch, "written": written}
        return TemplateResponse(request, "admin/intake/undo.html", context)
    if batch.state != State.DONE or batch.context is None:
        messages.warning(request, f"这一批是“{batch.get_state_display()}”，不能撤销。")
        return redirect(_address("change", batch))
    if not _may_undo(request, batch):
        raise PermissionDenied
    batch.state, batch.undone_by, batch.attempts, batch.cancel_asked = State.UNDOING, request.user, 0, False
    batch.step, batch.done, batch.total, batch.message = "", 0, 0, ""
    batch.save()
    undo_accepted.enqueue(batch.pk)
    return redirect(_address("change", batch))


@transaction.atomic
def publish(request: HttpRequest, context: dict, pk: int) -> HttpResponse:
    """The drafts that the batch made, all at once."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not request.user.has_perm(PUBLISH):
        raise PermissionDenied
    batch = _posted(request, pk)
    if batch.state == State.DONE and batch.context is not None:
        describe(kind=Kind.BULK, batch=batch.pk, reason=f"公开第 {batch.pk} 批的草稿")
        published = drafts_of(batch).update(status=Case.Status.PUBLIC, updated_at=timezone.now())
        settle_own()
        messages.success(request, f"{published} 个案例已公开。")
    return redirect(_address("change", batch))


@transaction.atomic
def again(request: HttpRequest, context: dict, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    batch = _posted(request, pk)
    taken_for = request.POST.get("taken_for", "")
    answers = batch.state == State.WAITING and taken_for in _TAKEN_FOR
    if answers or batch.state in (State.FAILED, State.CANCELLED):
        batch.cancel_asked, batch.taken_for = False, taken_for if taken_for in _TAKEN_FOR else ""
        batch.save(update_fields=["cancel_asked", "taken_for"])
        batch.read_again()
        read_batch.enqueue(batch.pk)
    return redirect(_address("change", batch))
