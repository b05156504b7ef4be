from pathlib import Path

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """A source can be withdrawn, and shows nothing of cases that are not public."""

    dependencies = [("catalog", "0011_one_kind_of_line_end")]

    operations = [
        migrations.AddField(
            "source",
            "status",
            models.CharField(
                choices=[("public", "公开"), ("withdrawn", "已撤下")],
                db_default="public",
                default="public",
                editable=False,
                max_length=9,
                verbose_name="状态",
            ),
        ),
        migrations.AddField(
            "source",
            "withdrawn_cases",
            ArrayField(models.BigIntegerField(), blank=True, db_default=[], default=list, editable=False, size=None),
        ),
        migrations.AddField(
            "source",
            "withheld",
            models.JSONField(blank=True, db_default=[], default=list, editable=False),
        ),
        migrations.AddConstraint(
            "source",
            models.CheckConstraint(condition=models.Q(status__in=["public", "withdrawn"]), name="source_status"),
        ),
        migrations.RunSQL(SQL, "DROP FUNCTION catalog_remember_deleted() CASCADE"),
    ]
