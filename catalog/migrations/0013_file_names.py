from django.db import migrations, models
from django.db.models import F


def take_names(apps, schema_editor):
    apps.get_model("catalog", "Source").objects.update(file_name=F("name"))


class Migration(migrations.Migration):
    """Two sources may come from files of one name."""

    dependencies = [("catalog", "0012_take_down")]

    operations = [
        migrations.AddField(
            "source",
            "file_name",
            models.CharField(db_index=True, default="", editable=False, max_length=200, verbose_name="文件名"),
            preserve_default=False,
        ),
        migrations.RunPython(take_names, migrations.RunPython.noop),
        migrations.AlterField(
            "source", "name", models.CharField(max_length=200, unique=True, verbose_name="名称")
        ),
    ]
