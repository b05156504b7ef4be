from pathlib import Path

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """Texts are merged by paragraphs: what an editor's text came from is kept, and what both changed waits."""

    dependencies = [
        ('catalog', '0019_told_in_chinese'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='base',
            field=models.JSONField(blank=True, editable=False, null=True, verbose_name='编辑之前的文本'),
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(max_length=30, verbose_name='栏目')),
                ('region', models.CharField(blank=True, editable=False, max_length=24)),
                ('before', models.CharField(blank=True, editable=False, max_length=16)),
                ('after', models.CharField(blank=True, editable=False, max_length=16)),
                ('base', models.JSONField(blank=True, null=True, verbose_name='原来的文本')),
                ('theirs', models.JSONField(blank=True, null=True, verbose_name='来源的新文本')),
                ('mine', models.JSONField(blank=True, null=True, verbose_name='编辑稿')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='发现时间')),
                ('settled_at', models.DateTimeField(blank=True, null=True, verbose_name='处理时间')),
                ('how', models.CharField(blank=True, choices=[('theirs', '用新文本'), ('mine', '保留'), ('merged', '合并')], max_length=6, verbose_name='处理')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='catalog.case', verbose_name='案例')),
                ('settled_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='处理人')),
            ],
            options={
                'verbose_name': '冲突',
                'verbose_name_plural': '冲突',
                'ordering': ['case', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('settled_at__isnull', True)), fields=('case', 'field', 'region'), name='conflict_once_open'), models.CheckConstraint(condition=models.Q(models.Q(('how', ''), ('settled_at__isnull', True)), models.Q(('how__in', ['theirs', 'mine', 'merged']), ('settled_at__isnull', False)), _connector='OR'), name='conflict_settled_somehow')],
            },
        ),
        migrations.RunSQL(SQL, "DROP FUNCTION catalog_keep_base() CASCADE"),
    ]
