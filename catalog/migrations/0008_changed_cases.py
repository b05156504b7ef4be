from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def of_case(related_name: str) -> models.OneToOneField:
    return models.OneToOneField(
        db_constraint=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        primary_key=True,
        related_name=related_name,
        serialize=False,
        to="catalog.case",
    )


class Migration(migrations.Migration):
    """The database marks every case that is written, whoever writes it, until the search has followed."""

    dependencies = [("catalog", "0007_impacts")]

    operations = [
        migrations.CreateModel(
            name="ChangedCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("case_id", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["case_id"], name="changed_case")]},
        ),
        migrations.AlterField("searchentry", "case", of_case("search_entry")),
        migrations.AlterField("casetitle", "case", of_case("typed_title")),
        migrations.RenameField("searchindex", "stamp", "version"),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
