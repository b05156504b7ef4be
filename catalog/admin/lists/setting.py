"""批量设为…: one page for any number of cases. An editor says what to set and sees what that does; then it is done, if
it would still do the same.
"""

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.template.response import TemplateResponse

from catalog.admin.deletion import DeletionAdmin, Meant
from catalog.admin.lists.changes import INDEXED_AT_ONCE, Plan, Wanted, carry_out, plan
from catalog.admin.reference import ProductsField, product_label
from catalog.history import LONGEST_REASON, describe
from catalog.models import Bank, Case, Category, Product

_KEEP, _NONE = "", "none"
_HOW = {"add": "加上这些", "remove": "去掉这些", "replace": "换成这些"}
_NAMED = 5  # cases that are named of those that can't be changed
_KEYS_ASKED = 20_000  # cases whose lock one statement asks for


class SettingForm(forms.Form):
    """What to set, and nothing else: whatever is left alone stays as it is in each case."""

    bank = forms.ChoiceField(label="银行", required=False)
    category = forms.ChoiceField(label="章节", required=False, help_text="设定的章节算作编辑确认过的，不再标为推断")
    how = forms.ChoiceField(label="产品", required=False, choices=[(_KEEP, "（不改）"), *_HOW.items()])
    products = ProductsField(label="哪些产品", queryset=Product.objects.select_related("bank"), required=False)
    status = forms.ChoiceField(label="状态", required=False)
    left = forms.ChoiceField(
        label="别家银行的产品",
        required=False,
        widget=forms.RadioSelect,
        choices=[("drop", "从这些案例里去掉，其余照改"), ("skip", "不改这些案例，只改其余的")],
    )
    history_reason = forms.CharField(
        label="修改说明",
        required=False,
        max_length=LONGEST_REASON,
        help_text="选填，记在每个案例的历史里",
        widget=forms.TextInput({"size": 60}),
    )

    def __init__(self, *args, user, admin_site, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["bank"].choices = _choices(Bank.objects.in_trade_order(), "（清空：不注明银行）")
        self.fields["category"].choices = _choices(Category.objects.all(), "（清空：不归章节）")
        may = user.has_perm(Case.PUBLISH)
        statuses = [choice for choice in Case.Status.choices if may or choice[0] != Case.Status.PUBLIC]
        self.fields["status"].choices = [(_KEEP, "（不改）"), *statuses]
        if not may:
            self.fields["status"].help_text = "公开案例、改动已公开的案例，要有公开的权限"
        field = self.fields["products"]
        field.widget = AutocompleteSelectMultiple(Case._meta.get_field("products"), admin_site)
        field.widget.choices = field.choices

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        how, products = cleaned["how"], cleaned["products"]
        if products and not how:
            self.add_error("how", "选了产品，还要选怎样改。")
        elif how in ("add", "remove") and not products:
            self.add_error("products", "请选至少一个产品。")
        elif not how and not any(cleaned[name] for name in ("bank", "category", "status")):
            raise forms.ValidationError("请至少选一项要改的。")
        return cleaned

    def wanted(self) -> Wanted:
        cleaned = self.cleaned_data
        values = {
            f"{name}_id": None if cleaned[name] == _NONE else int(cleaned[name])
            for name in ("bank", "category")
            if cleaned[name]
        }
        if cleaned["status"]:
            values["status"] = cleaned["status"]
        products = frozenset(product.pk for product in cleaned["products"])
        return Wanted(values, cleaned["how"], products, cleaned["left"])

    def told(self) -> dict[str, str]:
        """What is set, by the names that a plan counts by: “工商银行”."""
        cleaned = self.cleaned_data
        told = {}
        for name in ("bank", "category", "status"):
            if cleaned[name]:
                told[name if name == "status" else f"{name}_id"] = dict(self.fields[name].choices)[cleaned[name]]
        if cleaned["how"]:
            names = "、".join(map(product_label, cleaned["products"])) or "（清空）"
            told["products"] = f"{_HOW[cleaned['how']].removesuffix('这些')}{names}"
        return told


def _choices(rows, none: str) -> list[tuple[str, str]]:
    return [(_KEEP, "（不改）"), (_NONE, none), *((str(row.pk), row.name) for row in rows)]


@dataclass(frozen=True)
class Refused:
    reason: str
    cases: list[Case]  # the first of them
    number: int

    @property
    def others(self) -> int:
        return self.number - len(self.cases)


class SettingAdmin(DeletionAdmin):
    """Which cases are meant is said as for a deletion."""

    @admin.action(description="批量设为…", permissions=["change"])
    def set_fields(self, request: HttpRequest, queryset) -> TemplateResponse | None:
        asked = request.POST if "look" in request.POST or "confirmed" in request.POST else None
        form = SettingForm(asked, user=request.user, admin_site=self.admin_site)
        if asked is None or not form.is_valid():
            return self._page(request, form, Meant.of(queryset))
        if "confirmed" not in asked:
            meant = Meant.of(queryset)
            return self._page(request, form, meant, self._plan(request, form, meant))
        try:
            with transaction.atomic():
                meant = Meant.of(queryset)
                self._lock(meant.keys)
                meant = Meant.of(queryset.all())  # as they are now, while nobody else writes them
                made = self._plan(request, form, meant)
                is_as_shown = made.digest == asked.get("digest")
                if is_as_shown and made.may_go_on:
                    self._carry_out(request, form, made)
                    return None
        except IntegrityError:
            self.message_user(request, "什么也没有改：有的案例超过长度限制，请先缩短或分成几个。", messages.ERROR)
            return None
        return self._page(request, form, meant, made, changed=not is_as_shown)

    def _plan(self, request: HttpRequest, form: SettingForm, meant: Meant) -> Plan:
        return plan(meant.keys, form.wanted(), may_publish=request.user.has_perm(Case.PUBLISH))

    def _lock(self, keys: list[int]) -> None:
        for start in range(0, len(keys), _KEYS_ASKED):
            rows = Case.objects.filter(pk__in=sorted(keys)[start : start + _KEYS_ASKED]).order_by("pk")
            list(rows.select_for_update(no_key=True).values_list("pk"))

    def _carry_out(self, request: HttpRequest, form: SettingForm, made: Plan) -> None:
        if reason := form.cleaned_data["history_reason"]:
            describe(reason=reason)
        carry_out(made)
        number, refused = len(made.changed), sum(map(len, made.refused.values()))
        told = "；".join(f"{self._label(name)}：{value}" for name, value in form.told().items())
        LogEntry.objects.create(
            user=request.user,
            content_type=get_content_type_for_model(Case),
            object_id=None,
            object_repr=f"{number} 个案例",
            action_flag=CHANGE,
            change_message=f"批量设为 {told}"[:2_000],
        )
        rest = (f"，{made.unchanged} 个原来就是这样" if made.unchanged else "") + (
            f"，{refused} 个没有改" if refused else ""
        )
        self.message_user(request, f"已修改 {number} 个案例{rest}。", messages.SUCCESS)
        if number > INDEXED_AT_ONCE:
            self.message_user(request, "筛选与计数已经跟上；检索里的文字由后台接着整理，几分钟后完成。")

    def _label(self, name: str) -> str:
        return str(Case._meta.get_field(name).verbose_name)

    def _page(
        self, request: HttpRequest, form: SettingForm, meant: Meant, made: Plan | None = None, *, changed: bool = False
    ) -> TemplateResponse:
        everything = request.POST.get("select_across") == "1"
        sample = meant.sample(Case)
        if made is None or not made.undecided:
            form.fields["left"].widget = forms.HiddenInput()
        context = self.admin_site.each_context(request) | {
            "title": f"批量设置 {len(meant.keys)} 个案例",
            "subtitle": None,
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            "meant": meant,
            "made": made,
            "changed": changed,
            "everything": everything,
            # Of the whole list one row is enough to say that something is chosen.
            "chosen": request.POST.getlist("_selected_action")[: 1 if everything else None],
            "sample": sample,
            "others": len(meant.keys) - len(sample),
            "conditions": self.conditions(request),
        }
        if made:
            context |= self._effects(form, made)
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/catalog/set_cases.html", context)

    def _effects(self, form: SettingForm, made: Plan) -> dict[str, object]:
        strange = Product.objects.select_related("bank").in_bulk(list(made.strange))
        return {
            "effects": [
                (self._label(name), value, made.changing[name], made.same[name]) for name, value in form.told().items()
            ],
            "refused": [self._refused(reason, keys) for reason, keys in made.refused.items()],
            "strange": [
                (product_label(strange[key]), number) for key, number in made.strange.most_common() if key in strange
            ],
        }

    def _refused(self, reason: str, keys: list[int]) -> Refused:
        cases = Case.objects.filter(pk__in=keys[:_NAMED]).only("title", "subtitle")
        return Refused(reason, list(cases), len(keys))
