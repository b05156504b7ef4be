import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "读取中"),
                            ("waiting", "待确认"),
                            ("importing", "导入中"),
                            ("done", "已导入"),
                            ("failed", "失败"),
                            ("cancelled", "已取消"),
                            ("undone", "已撤销"),
                        ],
                        default="reading",
                        max_length=9,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="上传")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="确认")),
                ("public", models.BooleanField(default=False, verbose_name="新案例直接公开")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="结束")),
                ("step", models.CharField(blank=True, max_length=200, verbose_name="步骤")),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("cancel_asked", models.BooleanField(default=False)),
                ("message", models.TextField(blank=True, verbose_name="说明")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="确认者",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传者",
                    ),
                ),
            ],
            options={
                "verbose_name": "导入批次",
                "verbose_name_plural": "导入批次",
                "ordering": ["-pk"],
                "permissions": [("import_cases", "导入案例"), ("publish_cases", "导入时直接公开，或改动已公开的案例")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BatchItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("source", models.CharField(max_length=255)),
                ("ref", models.CharField(max_length=240)),
                ("change", models.CharField(max_length=9)),
                ("title", models.CharField(max_length=300)),
                ("case_key", models.BigIntegerField(null=True)),
                ("old", models.JSONField(default=dict)),
                ("new", models.JSONField(default=dict)),
                ("kept", models.JSONField(default=list)),
                ("doubts", models.JSONField(default=list)),
                ("chosen", models.BooleanField(default=True)),
                ("mark", models.CharField(max_length=32)),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="intake.importbatch",
                    ),
                ),
            ],
            options={
                "verbose_name": "批次的案例",
                "verbose_name_plural": "批次的案例",
                "ordering": ["position"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BatchFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=255, verbose_name="文件")),
                ("size", models.BigIntegerField(verbose_name="字节")),
                ("sha256", models.CharField(max_length=64)),
                ("problem", models.TextField(blank=True, verbose_name="问题")),
                ("report", models.JSONField(blank=True, default=dict)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="intake.importbatch"
                    ),
                ),
            ],
            options={
                "verbose_name": "批次的文件",
                "verbose_name_plural": "批次的文件",
                "ordering": ["name"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FileChunk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="intake.batchfile",
                    ),
                ),
            ],
            options={
                "verbose_name": "文件的字节",
                "verbose_name_plural": "文件的字节",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("file", "position"), name="file_chunk_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["reading", "waiting", "importing", "done", "failed", "cancelled", "undone"])
                ),
                name="batch_state",
            ),
        ),
        migrations.AddIndex(
            model_name="batchitem",
            index=models.Index(fields=["batch", "position"], name="batch_item_place"),
        ),
        migrations.AddIndex(
            model_name="batchitem",
            index=models.Index(fields=["batch", "change", "position"], name="batch_item_change"),
        ),
        migrations.AddConstraint(
            model_name="batchitem",
            constraint=models.UniqueConstraint(fields=("batch", "ref"), name="batch_item_ref"),
        ),
        migrations.AddConstraint(
            model_name="batchfile",
            constraint=models.UniqueConstraint(fields=("batch", "name"), name="batch_file_name"),
        ),
    ]
