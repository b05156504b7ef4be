"""A conflict settled: the case is written under a lock, through its save, and only where it is as the person saw it."""

import hashlib
import json

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from catalog.admin.conflicts.values import WRITTEN, mine_now, put, value_of
from catalog.importing.merge import Region, replaced
from catalog.models import Case, Conflict
from catalog.search import settle_own


def seen(conflict: Conflict) -> str:
    """What a page shows of a conflict, as a digest that the page sends back."""
    shown = json.dumps([conflict.base, conflict.theirs, mine_now(conflict)], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(shown.encode(), digest_size=16).hexdigest()


@transaction.atomic
def settle(key: int, how: Conflict.How, user, shown: str, written: str = "") -> Conflict:
    """`written` is the text of a merge. `ValidationError` says why nothing was done."""
    case_key = Conflict.objects.values_list("case", flat=True).get(pk=key)
    # In the order of an import: first the case.
    case = (
        Case.objects.select_for_update(no_key=True, of=["self"])
        .defer("provenance", "imported", "base")
        .get(pk=case_key)
    )
    conflict = Conflict.objects.select_for_update(of=["self"]).get(pk=key)
    conflict.case = case
    if conflict.settled_at:
        raise ValidationError(f"{conflict.settled_by or '别人'}已经处理了这个冲突：{conflict.get_how_display()}。")
    if shown != seen(conflict):
        raise ValidationError("您打开这一页以后，来源或案例又变了。请看过现在的文字再选一次。")
    if how == Conflict.How.MERGED and conflict.field not in WRITTEN:
        raise ValidationError("这一栏只能用新文本或保留，要改成别的，请在案例的页面里改。")
    if how != Conflict.How.MINE:
        value = conflict.theirs if how == Conflict.How.THEIRS else value_of(conflict.field, written)
        _write(case, conflict, value)
    conflict.settled_at, conflict.settled_by, conflict.how = timezone.now(), user, how
    conflict.save(update_fields=["settled_at", "settled_by", "how"])
    return conflict


def _write(case: Case, conflict: Conflict, value: object) -> None:
    if conflict.is_part:
        place = Region(conflict.base or "", value, conflict.mine, conflict.before, conflict.after)
        value = replaced(getattr(case, conflict.field), place)
        if value is None:
            raise ValidationError(
                "案例里已找不到编辑稿的这一段：它后来又改过，或有好几处相同。请在案例的页面里改好，再回来选“保留”。"
            )
    columns = put(case, conflict.field, value)
    # The number is the source's.
    others = {field.name for field in Case._meta.fields} - {*columns, "source"}
    case.full_clean(exclude=others)
    case.save(update_fields=[*columns, "updated_at"])
    settle_own()
