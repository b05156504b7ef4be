from django.db import migrations


def one_right_to_publish(apps, schema_editor):
    """Whoever might change cases, or import in public, could change what readers see, and still may."""
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    kind, _ = ContentType.objects.get_or_create(app_label="catalog", model="case")
    publish, _ = Permission.objects.get_or_create(
        content_type=kind, codename="publish_case", defaults={"name": "公开、撤回，改动已公开的"}
    )
    former = Permission.objects.filter(content_type__app_label="intake", codename="publish_cases")
    for held in [*former, *Permission.objects.filter(content_type=kind, codename="change_case")]:
        for holder in [*held.user_set.all()]:
            holder.user_permissions.add(publish)
        for group in held.group_set.all():
            group.permissions.add(publish)
    former.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("catalog", "0022_editions"),
        ("intake", "0003_taken_for"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="importbatch",
            options={
                "default_permissions": (),
                "ordering": ["-pk"],
                "permissions": [("import_cases", "导入案例")],
                "verbose_name": "导入批次",
                "verbose_name_plural": "导入批次",
            },
        ),
        migrations.RunPython(one_right_to_publish, migrations.RunPython.noop),
    ]
