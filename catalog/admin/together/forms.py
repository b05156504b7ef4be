"""Two people at one form: a save changes what its editor changed, and nothing that anyone else has changed meanwhile.

A form carries the values that it was opened with. When it comes back, each field that its editor has left alone takes
what is stored by now; a field that both have changed is refused once, with the other's value beside it, and the editor
decides. Long texts are merged by paragraphs, so that only a paragraph that both have changed is refused. What is stored
is read under a lock that lasts until the save is through, so nobody comes in between.
"""

import json

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.importing.merge import Region, merge_texts
from catalog.text.lines import one_kind_of_line_end

OPENED_WITH = "opened_with"


class PlainTextarea(forms.Textarea):
    """A browser sends every line's end as CR LF, which no text of the catalogue has."""

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name)
        return one_kind_of_line_end(value) if isinstance(value, str) else value


class MergingForm(forms.ModelForm):
    """See the module. `merged` and `collided` are the names of fields that somebody else has changed. `by_paragraphs`:
    those whose texts are merged.
    """

    by_paragraphs: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.merged: list[str] = []
        self.collided: list[str] = []
        self._regions: dict[str, tuple[Region, ...]] = {}
        self.since = None
        if self.is_bound and self.instance.pk:
            self._merge()

    def opened_with(self) -> str:
        """What the page keeps until the form comes back: every value as it is stored now, and the time."""
        return json.dumps({"at": timezone.now().isoformat(), "values": self.stored()}, ensure_ascii=False)

    def stored(self) -> dict[str, list[str]]:
        """By field, what a browser would send of the row as it is."""
        return {name: self._stored(name) for name in self.fields}

    def submitted(self) -> dict[str, list[str]]:
        """By field, what came in, with what others had changed meanwhile merged into it."""
        return {name: self._submitted(name) for name, field in self.fields.items() if not field.disabled}

    def _merge(self) -> None:
        opened = _opened(self.data.get(self.add_prefix(OPENED_WITH), ""))
        if opened is None:
            return
        self.since, begin = opened
        data = self.data.copy()
        for name, field in self.fields.items():
            stored, mine = self._stored(name), self._submitted(name)
            if field.disabled or name not in begin or stored == begin[name] or stored == mine:
                continue
            if mine == begin[name]:
                data.setlist(self.add_prefix(name), stored)
                self.merged.append(name)
            elif name in self.by_paragraphs:
                merged = merge_texts(*("".join(texts) for texts in (begin[name], stored, mine)))
                data[self.add_prefix(name)] = merged.text
                self._regions[name] = merged.conflicts
                (self.collided if merged.conflicts else self.merged).append(name)
            else:
                self.collided.append(name)
        self.data = data

    def clean(self):
        cleaned = super().clean()
        for name in self.collided:
            self.add_error(name, self._both_changed(name))
        return cleaned

    def _both_changed(self, name: str) -> SafeString:
        if regions := self._regions.get(name):
            return self._both_changed_paragraphs(regions)
        stored, field = self._stored(name), self.fields[name]
        shown = stored
        if isinstance(field, forms.ModelChoiceField):
            shown = [field.label_from_instance(row) for row in field.queryset.filter(pk__in=stored)]
        elif isinstance(field, forms.BooleanField):
            shown = ["是" if stored else "否"]
        elif choices := getattr(field, "choices", None):
            shown = [str(dict(choices).get(value, value)) for value in stored]
        return format_html(
            "您打开这一页以后，{}也改了这一项。框里是您写的；现在存着的是下面这个。再次保存，就用框里的。"
            '<span class="theirs">{}</span>',
            self.others(),
            "；".join(shown) or "（空）",
        )

    def _both_changed_paragraphs(self, regions: tuple[Region, ...]) -> SafeString:
        return format_html(
            "您打开这一页以后，{}也改了您改的段落。框里这几段是您写的，其余的改动都已合在一起；对方写的是下面这些。"
            "再次保存，就用框里的。{}",
            self.others(),
            format_html_join("", '<span class="theirs">{}</span>', ((_told(region),) for region in regions)),
        )

    def others(self) -> str:
        """Who has saved since the form was opened; imports are nobody's."""
        entries = LogEntry.objects.filter(
            content_type=get_content_type_for_model(self.instance), object_id=self.instance.pk
        )
        if self.since:
            entries = entries.filter(action_time__gte=self.since)
        names = dict.fromkeys(entry.user.get_username() for entry in entries.select_related("user"))
        return "、".join(names) or "别处（例如一次导入）"

    def _stored(self, name: str) -> list[str]:
        """As a browser would send it."""
        field = self.fields[name]
        value = field.prepare_value(self.get_initial_for_field(field, name))
        if isinstance(field, forms.BooleanField):
            return ["on"] if value else []
        widget = getattr(field.widget, "widget", field.widget)  # the admin wraps those of relations
        value = widget.format_value(value)
        values = value if isinstance(value, list | tuple) else [value]
        return _texts(field, [str(each) for each in values if each is not None])

    def _submitted(self, name: str) -> list[str]:
        key, field = self.add_prefix(name), self.fields[name]
        if isinstance(field, forms.BooleanField):
            return ["on"] if field.widget.value_from_datadict(self.data, self.files, key) else []
        return _texts(field, self.data.getlist(key))


def _texts(field: forms.Field, values: list[str]) -> list[str]:
    """Without what makes no difference to the field: blanks around, line ends, and the order of a set."""
    texts = [text for value in values if (text := one_kind_of_line_end(value).strip())]
    return sorted(texts) if isinstance(field, forms.ModelMultipleChoiceField) else texts


def _told(region: Region) -> str:
    return region.theirs or f"（删去了）{region.base}"


def _opened(kept: str):
    """(time, values by field) of what `opened_with` gave out; None where a form came from elsewhere."""
    try:
        opened = json.loads(kept)
        values = {name: [str(text) for text in texts] for name, texts in opened["values"].items()}
        return parse_datetime(opened["at"]), values
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
