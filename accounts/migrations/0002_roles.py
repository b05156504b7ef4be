from django.db import migrations

# As they begin; whoever runs the site may change them afterwards.
VIEWED = (
    "bank bankalias category categoryalias product productalias case doubt conflict source synonymgroup removedname"
)
NAMED = ("bank", "bankalias", "category", "categoryalias", "product", "productalias", "synonymgroup")
EDITOR = [
    *(f"catalog.view_{kind}" for kind in VIEWED.split()),
    *("catalog.add_case", "catalog.change_case", "catalog.add_product", "catalog.add_productalias"),
    "intake.import_cases",
]
REVIEWER = [
    *EDITOR,
    *("catalog.publish_case", "catalog.delete_case", "catalog.change_doubt"),
    *(f"catalog.{verb}_{kind}" for kind in NAMED for verb in ("add", "change", "delete")),
    *("catalog.change_source", "catalog.delete_source", "catalog.delete_removedname"),
    "operations.view_searchedtext",
]
MANAGER = [
    *REVIEWER,
    "catalog.erase_case",
    *("auth.view_user", "auth.add_user", "auth.change_user", "auth.view_group", "accounts.view_record"),
]
MODELS = {"import_cases": "importbatch"}
NAMES = {"publish_case": "公开、撤回，改动已公开的", "erase_case": "彻底删除", "import_cases": "导入案例"}


def make_roles(apps, schema_editor):
    """A group of such a name that is there already is the site's own and stays as it is."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")

    def permission(name: str):
        # After all migrations Django makes those that are missing; on a new site none is there yet.
        app, codename = name.split(".")
        kind = MODELS.get(codename) or codename.partition("_")[2]
        content_type, _ = ContentType.objects.get_or_create(app_label=app, model=kind)
        defaults = {"name": NAMES.get(codename, f"Can {codename.replace('_', ' ')}")}
        return Permission.objects.get_or_create(content_type=content_type, codename=codename, defaults=defaults)[0]

    for name, rights in (("编辑", EDITOR), ("审核", REVIEWER), ("管理员", MANAGER)):
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            group.permissions.set([permission(right) for right in rights])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_record"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("catalog", "0022_editions"),
        ("intake", "0004_publishing"),
        ("operations", "0001_searches"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
