import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from catalog.migrations._lexemes import LEXEMES


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
    ]

    # The index is made from the cases: the old one goes, `rebuild_index` writes the new one.
    operations = [
        migrations.DeleteModel("SearchEntry"),
        # The lexemes of an entry as a tsvector. Dear, so that conditions on it are answered by the index and not by
        # making it again for every row.
        migrations.RunSQL(
            r"""
            CREATE FUNCTION catalog_lexemes(lexemes text) RETURNS tsvector
            LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100000
            AS $$ BEGIN RETURN array_to_tsvector(string_to_array(lexemes, E'\x02')); END $$
            """,
            "DROP FUNCTION catalog_lexemes(text)",
        ),
        migrations.CreateModel(
            name="Champion",
            fields=[
                ("lexeme", models.CharField(db_collation="C", max_length=80, primary_key=True, serialize=False)),
                ("threshold", models.FloatField()),
            ],
        ),
        migrations.CreateModel(
            name="LexemeCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lexeme", models.CharField(db_collation="C", max_length=80)),
                ("entries", models.IntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["lexeme"], include=("entries",), name="lexeme_count")],
            },
        ),
        migrations.CreateModel(
            name="SearchIndex",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stamp", models.CharField(max_length=64)),
                ("built_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_search_index")],
            },
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_entry",
                        serialize=False,
                        to="catalog.case",
                    ),
                ),
                ("public", models.BooleanField()),
                ("overfull", models.BooleanField(default=False)),
                ("year", models.SmallIntegerField(null=True)),
                ("place", models.BigIntegerField()),
                ("published_on", models.DateField(null=True)),
                ("updated_at", models.DateTimeField()),
                ("written_at", models.DateTimeField()),
                (
                    "products",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("lexemes", models.TextField()),
                (
                    "bank",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.bank",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.category",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.source",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(LEXEMES, fastupdate=False, name="search_entry_lexemes"),
                    models.Index(condition=models.Q(("overfull", True)), fields=["case"], name="search_entry_overfull"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_column="case_id",
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="catalog.searchentry",
                    ),
                ),
                ("text", models.TextField()),
                ("weights", models.TextField()),
            ],
        ),
        # Long columns out of line, so that a row that is only counted is short. Numbers do not compress.
        migrations.RunSQL(
            """
            ALTER TABLE catalog_searchentry SET (toast_tuple_target = 128);
            ALTER TABLE catalog_searchentry ALTER COLUMN products SET STORAGE MAIN;
            ALTER TABLE catalog_searchtext ALTER COLUMN weights SET STORAGE EXTERNAL;
            ALTER TABLE catalog_searchtext SET (toast_tuple_target = 128);
            """,
            migrations.RunSQL.noop,
        ),
    ]
