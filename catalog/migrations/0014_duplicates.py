import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Cases that are told in two sources are found by marks of their texts.

    The marks are made by `rebuild_index`, which the new version of the index asks for. A rebuild that was broken off
    has no room for them.
    """

    dependencies = [("catalog", "0013_file_names")]

    operations = [
        migrations.AddField(
            "doubt",
            "other",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="duplicates",
                to="catalog.case",
                verbose_name="可能相同的案例",
            ),
        ),
        migrations.RunSQL("DROP SCHEMA IF EXISTS search_next CASCADE", migrations.RunSQL.noop),
        migrations.AddField(
            "searchtext",
            "marks",
            django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), default=list, size=None),
        ),
        migrations.AddIndex(
            "searchtext",
            django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["marks"], name="search_text_marks"),
        ),
    ]
