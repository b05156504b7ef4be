"""Deletion of rows, of one or of every row of a long list: shown before with what goes along, then all or nothing.

The rights asked are those to the rows themselves: what goes along has no meaning without them. Nothing lists or carries
thousands of rows: a page shows a sample and the number, and a digest of the keys tells whether it is still these.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.db import models, transaction
from django.db.models import QuerySet
from django.template.response import TemplateResponse

from catalog.search import settle_own

SAMPLE = 20  # rows that a page shows of those that are meant
PIECE = 2_000  # rows that one statement deletes

# What rows of other packages are called, which have no Chinese name of their own.
names_of_kinds: dict[type[models.Model], str] = {}


@dataclass(frozen=True)
class Meant:
    """The rows that an action is about: their keys in the order of the list, and the digest of these in any order."""

    keys: list
    digest: str

    @classmethod
    def of(cls, rows: QuerySet) -> "Meant":
        keys = list(rows.values_list("pk", flat=True))
        told = ",".join(map(str, sorted(keys)))
        return cls(keys, hashlib.sha256(told.encode()).hexdigest())

    def sample(self, model) -> list[models.Model]:
        known = model._base_manager.in_bulk(self.keys[:SAMPLE])
        return [known[key] for key in self.keys[:SAMPLE] if key in known]


def pieces(keys: Sequence) -> Iterator[Sequence]:
    return (keys[start : start + PIECE] for start in range(0, len(keys), PIECE))


def along(model, keys: Sequence) -> Counter[str]:
    """How many rows of each kind are deleted along with these, by what the kind is called."""
    counts: Counter[str] = Counter()
    for piece in pieces(keys):
        _count_along(model._base_manager.filter(pk__in=piece), counts)
    return +counts


def in_the_way(model, keys: Sequence) -> Counter[str]:
    """How many rows of each kind keep these from being deleted."""
    counts: Counter[str] = Counter()
    for piece in pieces(keys):
        for relation, theirs in _referring(model._base_manager.filter(pk__in=piece)):
            if relation.on_delete in (models.PROTECT, models.RESTRICT):
                counts[_called(relation.related_model)] += theirs.count()
    return +counts


def delete_whole(rows: QuerySet) -> None:
    """Deletes the rows and what goes along, a statement for each table: Django's own way reads every row, and sends a
    signal for each, of which the search hears by the database anyway. In the transaction of the caller.
    """
    for relation, theirs in _referring(rows):
        if relation.on_delete is models.CASCADE:
            delete_whole(theirs)
        elif relation.on_delete is models.SET_NULL:
            theirs.update(**{relation.field.name: None})
    rows._raw_delete(rows.db)


def _count_along(rows: QuerySet, counts: Counter[str]) -> None:
    for relation, theirs in _referring(rows):
        if relation.on_delete is models.CASCADE:
            counts[_called(relation.related_model)] += theirs.count()
            _count_along(theirs, counts)


def _referring(rows: QuerySet) -> Iterator[tuple[models.ForeignObjectRel, QuerySet]]:
    """The rows of other tables that refer to these, by the relation."""
    for relation in rows.model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            theirs = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": rows.values("pk")})
            yield relation, theirs


def _called(model) -> str:
    """Django calls the table between two others “Case-product relationships”."""
    if model in names_of_kinds:
        return names_of_kinds[model]
    if not model._meta.auto_created:
        return str(model._meta.verbose_name_plural)
    ends = [str(field.related_model._meta.verbose_name) for field in model._meta.fields if field.is_relation]
    return f"{'与'.join(ends)}的联系"


class DeletionAdmin(admin.ModelAdmin):
    """Rows that are deleted as the module says."""

    deletion_note = ""  # what else an editor should know before

    def get_actions(self, request):
        """Ours in the place of Django's, which reads all rows, shows them all and sends all their keys back."""
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            actions["delete_selected"] = self.get_action("delete_selected")
        return actions

    def get_deleted_objects(self, objs, request):
        """For the page of one row."""
        keys = [obj.pk for obj in objs]
        sample = [str(obj) for obj in objs[:SAMPLE]]
        counts = {str(self.opts.verbose_name_plural): len(keys)} | along(self.model, keys)
        return sample, counts, set(), list(_told(in_the_way(self.model, keys)))

    def delete_rows(self, rows: QuerySet) -> None:
        """Some of the rows; see `delete_whole`."""
        delete_whole(rows)

    @admin.action(description="删除所选的 %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request, queryset):
        meant = Meant.of(queryset)
        changed = False
        if "confirmed" in request.POST:
            with transaction.atomic():
                # Locked, so that nobody refers to them any more; and looked up again, as they are now.
                locked = self.model._base_manager.filter(pk__in=meant.keys).order_by("pk").select_for_update()
                list(locked.values_list("pk", flat=True))
                meant = Meant.of(queryset.all())
                changed = meant.digest != request.POST.get("digest")
                if not changed and not in_the_way(self.model, meant.keys):
                    for piece in pieces(meant.keys):
                        self.delete_rows(self.model._base_manager.filter(pk__in=piece))
                    settle_own()
                    self._log_deletion(request, meant)
                    done = f"已删除 {len(meant.keys)} 个{self.opts.verbose_name}。"
                    self.message_user(request, done, messages.SUCCESS)
                    return None
        return self._ask(request, meant, changed)

    def _ask(self, request, meant: Meant, changed: bool) -> TemplateResponse:
        everything = request.POST.get("select_across") == "1"
        protected = in_the_way(self.model, meant.keys)
        name = self.opts.verbose_name
        sample = meant.sample(self.model)
        context = self.admin_site.each_context(request) | {
            "title": f"不能删除这 {len(meant.keys)} 个{name}" if protected else f"删除 {len(meant.keys)} 个{name}",
            "subtitle": None,
            "opts": self.opts,
            "media": self.media,
            "meant": meant,
            "changed": changed,
            "told": request.POST.get("count", ""),
            "everything": everything,
            # Of the whole list one row is enough to say that something is chosen.
            "chosen": request.POST.getlist("_selected_action")[: 1 if everything else None],
            "sample": sample,
            "others": len(meant.keys) - len(sample),
            "along": list(_told(along(self.model, meant.keys))),
            "protected": list(_told(protected)),
            "conditions": self.conditions(request),
            "note": self.deletion_note,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/delete_rows.html", context)

    def conditions(self, request) -> list[str]:
        """By what the list is narrowed, as its own page says it: “状态：草稿”."""
        changelist = self.get_changelist_instance(request)
        told = [f"检索：{changelist.query}"] if changelist.query else []
        for spec in changelist.filter_specs:
            chosen = [choice["display"] for choice in list(spec.choices(changelist))[1:] if choice["selected"]]
            told += [f"{spec.title}：{display}" for display in chosen]
        return told

    def _log_deletion(self, request, meant: Meant) -> None:
        """Once, however many they are."""
        number = len(meant.keys)
        conditions = "，".join(self.conditions(request))
        LogEntry.objects.create(
            user=request.user,
            content_type=get_content_type_for_model(self.model),
            object_id=None,
            object_repr=f"{number} 个{self.opts.verbose_name}",
            action_flag=DELETION,
            change_message=f"删除了 {number} 个{self.opts.verbose_name}" + (f"（{conditions}）" if conditions else ""),
        )


def _told(counts: Counter[str]) -> Iterable[str]:
    return (f"{name} {number} 条" for name, number in counts.items())
