from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Names and addresses that are changed or removed are remembered."""

    dependencies = [
        ("catalog", "0014_duplicates"),
    ]

    operations = [
        migrations.AddField(
            model_name="bankalias",
            name="former",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="曾用名"),
        ),
        migrations.AddField(
            model_name="productalias",
            name="former",
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name="曾用名"),
        ),
        migrations.AlterField(
            model_name="bankalias",
            name="name",
            field=models.CharField(max_length=120, unique=True, verbose_name="别名"),
        ),
        migrations.CreateModel(
            name="CategoryAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=30, unique=True, verbose_name="曾用名")),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="catalog.category",
                        verbose_name="章节",
                    ),
                ),
            ],
            options={
                "verbose_name": "章节曾用名",
                "verbose_name_plural": "章节曾用名",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="category_alias_not_empty"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("bank", "银行"), ("category", "章节"), ("product", "产品"), ("case", "案例")],
                        max_length=8,
                    ),
                ),
                ("address", models.CharField(max_length=120, verbose_name="曾用的地址")),
                ("former_key", models.BigIntegerField(null=True)),
                (
                    "bank",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to="catalog.bank",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to="catalog.case",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to="catalog.category",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_addresses",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "曾用的地址",
                "verbose_name_plural": "曾用的地址",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "address"), name="former_address_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("bank__isnull", False),
                                ("case", None),
                                ("category", None),
                                ("kind", "bank"),
                                ("product", None),
                            ),
                            models.Q(
                                ("bank", None),
                                ("case", None),
                                ("category__isnull", False),
                                ("kind", "category"),
                                ("product", None),
                            ),
                            models.Q(
                                ("bank", None),
                                ("case", None),
                                ("category", None),
                                ("kind", "product"),
                                ("product__isnull", False),
                            ),
                            models.Q(
                                ("bank", None),
                                ("case__isnull", False),
                                ("category", None),
                                ("kind", "case"),
                                ("product", None),
                            ),
                            _connector="OR",
                        ),
                        name="former_address_of_one_row",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RemovedName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("bank", "银行"),
                            ("bank_alias", "银行的名称"),
                            ("category", "章节"),
                            ("category_alias", "章节的曾用名"),
                            ("product", "产品"),
                            ("product_alias", "产品的别名"),
                        ],
                        max_length=14,
                        verbose_name="种类",
                    ),
                ),
                ("of", models.BigIntegerField(editable=False, null=True)),
                ("name", models.CharField(blank=True, max_length=120, verbose_name="名称")),
                ("code", models.CharField(blank=True, max_length=50, verbose_name="代码")),
                ("key", models.CharField(editable=False, max_length=120)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="移除时间"
                    ),
                ),
                (
                    "bank",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="catalog.bank",
                        verbose_name="银行",
                    ),
                ),
            ],
            options={
                "verbose_name": "已移除的名称",
                "verbose_name_plural": "已移除的名称",
                "ordering": ["-at", "-pk"],
                "indexes": [models.Index(fields=["of"], name="removed_name_of")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "bank", "of", "name", "code"), name="removed_name_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code", ""), ("name", ""), _negated=True), name="removed_name_not_empty"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            SQL,
            "DROP FUNCTION catalog_former_address, catalog_changed_address, catalog_new_addresses, "
            "catalog_names_of_category_alias, catalog_names_of_category, catalog_names_of_bank_alias, "
            "catalog_names_of_bank, catalog_former_name_gives_way, catalog_names_of_product_alias, "
            "catalog_names_of_product, catalog_refuse_former_address, catalog_remember_removed, catalog_forget_removed, catalog_name_key, "
            "catalog_merging CASCADE",
        ),
    ]
