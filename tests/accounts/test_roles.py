"""The roles that a new site has, against every page, every action and every way of writing of the admin."""

import re

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.models import Record
from catalog.models import Case, Conflict, Edition, RemovedName, Source, SynonymGroup
from intake.models import BatchItem, ImportBatch
from operations.models import SearchedText
from tests.admin.forms import form_of
from tests.factories import make_bank, make_case, make_category, make_source
from tests.roles import role

pytestmark = pytest.mark.django_db

# Each role may do all that those before it may.
ROLES = ["没有角色", "编辑", "审核", "管理员", "超级用户"]
NOBODY = "谁也不行"
OPENED_BY = {
    "没有角色": "index password_change password_change_done two_step",
    "编辑": """
        catalog_bank_changelist catalog_bank_change catalog_bank_history
        catalog_category_changelist catalog_category_change catalog_category_history
        catalog_product_changelist catalog_product_change catalog_product_history catalog_product_add
        catalog_case_changelist catalog_case_change catalog_case_history catalog_case_add
        catalog_case_as_readers catalog_case_bin catalog_case_export
        catalog_conflict_changelist catalog_conflict_change catalog_conflict_history
        catalog_doubt_changelist catalog_doubt_change catalog_doubt_history
        catalog_edition_changelist catalog_edition_change catalog_edition_history
        catalog_removedname_changelist catalog_removedname_change catalog_removedname_history
        catalog_source_changelist catalog_source_change catalog_source_history catalog_source_lines
        catalog_synonymgroup_changelist catalog_synonymgroup_change catalog_synonymgroup_history
        intake_importbatch_changelist intake_importbatch_add intake_importbatch_change intake_importbatch_item
        intake_importbatch_undo app_list autocomplete
    """,
    "审核": """
        catalog_bank_add catalog_bank_delete catalog_bank_merge
        catalog_category_add catalog_category_delete catalog_category_merge
        catalog_product_delete catalog_product_merge
        catalog_case_delete catalog_case_merge
        catalog_source_delete
        catalog_synonymgroup_add catalog_synonymgroup_delete
        catalog_removedname_delete catalog_conflict_delete
        operations_searchedtext_changelist operations_searchedtext_change operations_searchedtext_history
    """,
    "管理员": """
        catalog_case_erase catalog_source_erase
        accounts_record_changelist accounts_record_change accounts_record_history
        auth_user_changelist auth_user_add auth_user_change auth_user_history auth_user_password_change
        auth_group_changelist auth_group_change auth_group_history
    """,
    "超级用户": "auth_user_delete auth_group_add auth_group_delete catalog_doubt_delete",
    NOBODY: """
        accounts_record_add accounts_record_delete
        catalog_conflict_add catalog_doubt_add catalog_edition_add catalog_edition_delete
        catalog_removedname_add catalog_source_add
        operations_searchedtext_add operations_searchedtext_delete
    """,
}
LEAST = {name: least for least, names in OPENED_BY.items() for name in names.split()}
# Not pages: they answer a form or a piece of a page (below), or belong to the doors (tests of the log-in).
OTHERS = {
    *("login", "logout", "second_step", "jsi18n", "csp_report", "view_on_site", "catalog_case_preview"),
    *("intake_importbatch_ticks", "intake_importbatch_accept", "intake_importbatch_cancel", "intake_importbatch_again"),
    *("intake_importbatch_progress", "intake_importbatch_publish"),
}
ACTIONS = {
    "catalog_case_changelist": {
        **{"publish": "审核", "withdraw": "审核", "merge": "审核", "delete_selected": "审核"},
        **{"set_fields": "编辑", "export_xlsx": "编辑", "export_csv": "编辑", "export_jsonl": "编辑"},
    },
    "catalog_bank_changelist": {"merge": "审核", "delete_selected": "审核"},
    "catalog_category_changelist": {"merge": "审核", "delete_selected": "审核"},
    "catalog_product_changelist": {"merge": "审核", "delete_selected": "审核"},
    "catalog_doubt_changelist": {"settle": "审核", "reopen": "审核", "delete_selected": "超级用户"},
    "catalog_source_changelist": {"withdraw": "审核", "put_back": "审核", "delete_selected": "审核"},
    "catalog_removedname_changelist": {"take_back": "审核"},
    "auth_user_changelist": {"delete_selected": "超级用户"},
    "auth_group_changelist": {"delete_selected": "超级用户"},
}


@pytest.fixture
def rows():
    """A row of each kind, by the name of its model."""
    bank = make_bank("工商银行", code="icbc")
    category = make_category("服务小微", code="small")
    source = make_source(["一", "二"], name="案例集")
    case = make_case("园区贷", "正文。", bank=bank, category=category, source=source, number=1, products=("园区贷",))
    batch = ImportBatch.objects.create(state=ImportBatch.State.DONE, context="00000000-0000-0000-0000-000000000001")
    item = BatchItem.objects.create(batch=batch, position=1, source="a", ref="a", change="new", title="甲", mark="")
    return {
        "bank": bank,
        "category": category,
        "product": case.products.get(),
        "case": case,
        "source": source,
        "doubt": source.doubts.create(case=case, field="bank", reason="存疑", confidence=0.3),
        "conflict": Conflict.objects.create(case=case, field="title", base="甲", theirs="乙", mine="园区贷"),
        "edition": Edition.objects.create(case=case, values={"title": ["园区贷再出发"]}, base={"title": ["园区贷"]}),
        "removedname": RemovedName.objects.create(kind="bank", name="旧行"),
        "synonymgroup": SynonymGroup.objects.create(words="助农 支农"),
        "user": get_user_model().objects.create_user("zhao", is_staff=True),
        "group": Group.objects.create(name="旁人"),
        "record": Record.objects.order_by("pk").first(),  # of the account above
        "searchedtext": SearchedText.objects.create(
            day="2026-01-01", text="园区贷", outcome="found", times=9, hours=5, last_hour=9
        ),
        "importbatch": batch,
        "batchitem": item,
    }


@pytest.fixture
def clients(rows):
    """By role."""
    made = {}
    for name in ROLES:
        user = get_user_model().objects.create_user(f"u{len(made)}", is_staff=True, is_superuser=name == "超级用户")
        if name in ("编辑", "审核", "管理员"):
            user.groups.add(role(name))
        made[name] = Client()
        made[name].force_login(user)
    return made


def allowed(least: str) -> list[str]:
    return [] if least == NOBODY else ROLES[ROLES.index(least) :]


def names() -> set[str]:
    def walk(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns)
            elif pattern.name:
                yield pattern.name

    return set(walk(site.get_urls()))


def address(name: str, rows: dict) -> str:
    kind = name.split("_")[1] if name.count("_") > 1 or "importbatch" in name else ""
    verb = name.rpartition("_")[2]
    if name == "app_list":
        return reverse("admin:app_list", args=["catalog"])
    if name == "autocomplete":
        return f"{reverse('admin:autocomplete')}?app_label=catalog&model_name=case&field_name=bank&term="
    if name == "catalog_case_export":
        return reverse("admin:catalog_case_export", args=["csv"])
    if name in ("catalog_case_bin",) or verb in ("changelist", "add", "merge") or not kind or kind not in rows:
        query = f"?row={rows['case'].pk}&row={rows['case'].pk}" if verb == "merge" else ""
        return reverse(f"admin:{name}") + query
    args = [rows[kind].pk] + ([rows["batchitem"].pk] if verb == "item" else [])
    return reverse(f"admin:{name}", args=args)


def test_every_page_of_the_admin_has_its_least_role():
    pieces = {name for name in names() if name.endswith("_open")}  # of the forms' pages: tests/admin/test_together.py
    assert names() - OTHERS - pieces == set(LEAST)


@pytest.mark.parametrize("name", sorted(LEAST))
def test_a_page_opens_for_its_roles_and_no_other(name, rows, clients):
    place = address(name, rows)
    if name == "catalog_synonymgroup_delete":
        assert rows["synonymgroup"].seed is None
    opened = [who for who, client in clients.items() if client.get(place).status_code not in (403, 404)]
    assert opened == allowed(LEAST[name])
    assert Client().get(place).status_code == 302


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_an_action_is_offered_to_its_roles_and_done_for_no_other(name, rows, clients):
    place = address(name, rows)
    offered = {}
    for who, client in clients.items():
        html = client.get(place).content.decode()
        select = re.search(r'<select name="action".*?</select>', html, re.DOTALL)
        offered[who] = set(re.findall(r'<option value="(\w+)"', select[0])) if select else set()
    for action, least in ACTIONS[name].items():
        assert [who for who in ROLES if action in offered[who]] == allowed(least), action
    assert set().union(*offered.values()) == set(ACTIONS[name])


class TestWrites:
    """What is sent past the pages."""

    @pytest.fixture
    def outsiders(self, clients):
        """Who may not change what readers see."""
        return [clients["没有角色"], clients["编辑"]]

    @pytest.mark.parametrize("action", ["publish", "withdraw", "merge", "delete_selected"])
    def test_bulk_actions_that_were_not_offered(self, action, rows, outsiders):
        draft = make_case("草稿", "正文。", status=Case.Status.DRAFT)
        before = list(Case.objects.order_by("pk").values())
        for client in outsiders:
            chosen = {"action": action, "_selected_action": [rows["case"].pk, draft.pk], "post": "yes"}
            client.post(reverse("admin:catalog_case_changelist"), chosen | {"confirmed": "1"})
        assert list(Case.objects.order_by("pk").values()) == before

    @pytest.mark.parametrize("how", ["theirs", "mine", "merged"])
    def test_conflicts(self, how, rows, outsiders):
        for client in outsiders:
            place = reverse("admin:catalog_conflict_change", args=[rows["conflict"].pk])
            assert client.post(place, {"how": how, "written": "丙"}).status_code == 403
        assert Conflict.objects.open().count() == 1

    def test_doubts(self, rows, outsiders):
        for client in outsiders:
            place = reverse("admin:catalog_doubt_change", args=[rows["doubt"].pk])
            assert client.post(place, {"_settle": "1"}).status_code == 403
        rows["doubt"].refresh_from_db()
        assert rows["doubt"].settled_at is None

    def test_sources(self, rows, outsiders):
        for client in outsiders:
            chosen = {"action": "withdraw", "_selected_action": [rows["source"].pk]}
            client.post(reverse("admin:catalog_source_changelist"), chosen)
        assert Source.objects.get(pk=rows["source"].pk).status == Source.Status.PUBLIC

    def test_old_versions_and_the_bin(self, rows, outsiders):
        key = rows["case"].pk
        for client in outsiders:
            place = reverse("admin:catalog_case_history", args=[key])
            assert client.post(place, {"position": "0"}).status_code == 403
            assert client.post(reverse("admin:catalog_case_bin"), {"case": [key]}).status_code == 403

    def test_erasing(self, rows, clients):
        for who in ("没有角色", "编辑", "审核"):
            place = reverse("admin:catalog_case_erase", args=[rows["case"].pk])
            assert clients[who].post(place, {"typed": "园区贷"}).status_code == 403
        assert Case.objects.filter(pk=rows["case"].pk).exists()

    def test_names(self, rows, outsiders):
        for client in outsiders:
            for kind in ("bank", "category", "product"):
                place = reverse(f"admin:catalog_{kind}_change", args=[rows[kind].pk])
                assert client.post(place, {"name": "改了"}).status_code == 403
                assert client.post(reverse(f"admin:catalog_{kind}_delete", args=[rows[kind].pk])).status_code == 403

    def test_a_batch_is_no_page_of_whoever_may_not_import(self, rows, clients):
        for verb in ("ticks", "accept", "cancel", "again", "undo", "progress", "publish"):
            place = reverse(f"admin:intake_importbatch_{verb}", args=[rows["importbatch"].pk])
            assert clients["没有角色"].post(place).status_code == 403

    def test_the_drafts_of_a_batch(self, rows, clients):
        place = reverse("admin:intake_importbatch_publish", args=[rows["importbatch"].pk])
        assert clients["编辑"].post(place).status_code == 403
        assert clients["审核"].post(place).status_code == 302


class TestManagers:
    """管理员: makes accounts, gives them roles, locks them and sets their passwords."""

    @pytest.fixture
    def manager(self, clients):
        return clients["管理员"]

    def change(self, client, user, **fields):
        place = reverse("admin:auth_user_change", args=[user.pk])
        return client.post(place, form_of(client, place, "user_form", **fields) | {"_save": "1"})

    def test_a_new_account_can_log_in_and_has_the_role(self, manager):
        fields = {"username": "sunli", "password1": "春眠不觉晓-Spring7", "password2": "春眠不觉晓-Spring7"}
        manager.post(reverse("admin:auth_user_add"), fields | {"usable_password": "true"})
        user = get_user_model().objects.get(username="sunli")
        assert user.is_staff
        self.change(manager, user, groups=[str(role("编辑").pk)])
        assert user.groups.get().name == "编辑"

    def test_an_account_is_locked(self, manager, rows):
        place = reverse("admin:auth_user_change", args=[rows["user"].pk])
        fields = form_of(manager, place, "user_form")
        del fields["is_active"]
        manager.post(place, fields)
        rows["user"].refresh_from_db()
        assert not rows["user"].is_active

    def test_no_role_with_more_rights_than_the_manager_s(self, manager, rows):
        rows["group"].permissions.set(Permission.objects.filter(codename="delete_user"))
        self.change(manager, rows["user"], groups=[str(rows["group"].pk)])
        assert not rows["user"].groups.exists()

    def test_no_single_rights_and_no_superuser(self, manager, rows):
        right = Permission.objects.get(codename="delete_user")
        self.change(manager, rows["user"], user_permissions=[str(right.pk)], is_superuser="on")
        rows["user"].refresh_from_db()
        assert not rows["user"].is_superuser
        assert not rows["user"].user_permissions.exists()

    @pytest.mark.parametrize("verb", ["change", "password_change"])
    def test_an_account_with_more_rights_is_not_touched_even_when_it_is_locked(self, verb, manager, rows):
        rows["user"].user_permissions.set(Permission.objects.filter(codename="delete_user"))
        get_user_model().objects.filter(pk=rows["user"].pk).update(is_active=False)
        place = reverse(f"admin:auth_user_{verb}", args=[rows["user"].pk])
        assert manager.post(place, {"username": "x"}).status_code == 403
