from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
REVERSE = "DROP FUNCTION catalog_history_context(); DROP SEQUENCE catalog_history_seq"


class Migration(migrations.Migration):
    """The database records every change of cases and of what they belong to (catalog/models/history.py)."""

    dependencies = [
        ('catalog', '0016_product_kind'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.RunSQL(SQL, REVERSE),
        migrations.CreateModel(
            name='BankAliasEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigIntegerField(db_default=models.Func(models.Value('catalog_history_seq'), function='nextval'), primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, null=True, verbose_name='别名')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='BankEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigIntegerField(db_default=models.Func(models.Value('catalog_history_seq'), function='nextval'), primary_key=True, serialize=False)),
                ('code', models.SlugField(db_index=False, help_text='地址和导入所用的固定标识，建立后不再改变', null=True, verbose_name='代码')),
                ('name', models.CharField(help_text='目录中列出的名称，如 工商银行', max_length=60, null=True, verbose_name='名称')),
                ('short_name', models.CharField(blank=True, max_length=30, null=True, verbose_name='简称')),
                ('full_name', models.CharField(blank=True, max_length=100, null=True, verbose_name='全称')),
                ('english_name', models.CharField(blank=True, max_length=120, null=True, verbose_name='英文名')),
                ('abbreviation', models.CharField(blank=True, max_length=20, null=True, verbose_name='英文缩写')),
                ('kind', models.CharField(choices=[('state', '国有大型商业银行'), ('policy', '政策性银行'), ('joint-stock', '股份制商业银行'), ('city', '城市商业银行'), ('rural', '农村商业银行'), ('village', '村镇银行'), ('private', '民营银行'), ('foreign', '外资银行'), ('non-bank', '非银行金融机构')], max_length=12, null=True, verbose_name='类别')),
                ('position', models.PositiveSmallIntegerField(default=0, null=True, verbose_name='同类中的次序')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='CaseEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigIntegerField(db_default=models.Func(models.Value('catalog_history_seq'), function='nextval'), primary_key=True, serialize=False)),
                ('ref', models.CharField(blank=True, editable=False, max_length=240, null=True, verbose_name='导入标识')),
                ('title', models.CharField(max_length=300, null=True, verbose_name='标题')),
                ('subtitle', models.CharField(blank=True, max_length=300, null=True, verbose_name='副标题')),
                ('title_inferred', models.BooleanField(default=False, help_text='原文没有标题；确认或改定后取消勾选', null=True, verbose_name='标题为代拟')),
                ('slug', models.SlugField(allow_unicode=True, db_index=False, editable=False, max_length=120, null=True, verbose_name='地址')),
                ('status', models.CharField(choices=[('public', '公开'), ('draft', '草稿')], default='public', max_length=6, null=True, verbose_name='状态')),
                ('branch', models.CharField(blank=True, max_length=100, null=True, verbose_name='机构（分支行、部门）')),
                ('category_confidence', models.FloatField(blank=True, help_text='0 到 1；空白表示原文写明或编辑已确认', null=True, verbose_name='章节的把握')),
                ('summary', models.TextField(blank=True, null=True, verbose_name='案例简介')),
                ('body', models.TextField(blank=True, help_text='Markdown：## 标题、空行分段、表格', null=True, verbose_name='正文')),
                ('captions', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, null=True, size=None, verbose_name='图片说明')),
                ('authors', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, null=True, size=None, verbose_name='作者')),
                ('published_on', models.DateField(blank=True, null=True, verbose_name='发布日期')),
                ('script', models.CharField(choices=[('hans', '简体'), ('hant', '繁体')], default='hans', max_length=4, null=True, verbose_name='原文字体')),
                ('number', models.PositiveIntegerField(blank=True, null=True, verbose_name='在来源中的序号')),
                ('first_line', models.PositiveIntegerField(blank=True, null=True, verbose_name='来源起始行')),
                ('last_line', models.PositiveIntegerField(blank=True, null=True, verbose_name='来源终止行')),
                ('first_page', models.PositiveIntegerField(blank=True, null=True, verbose_name='印刷页起')),
                ('last_page', models.PositiveIntegerField(blank=True, null=True, verbose_name='印刷页止')),
                ('provenance', models.JSONField(blank=True, default=list, editable=False, null=True, verbose_name='段落出处')),
                ('imported', models.JSONField(blank=True, default=dict, editable=False, null=True, verbose_name='上次导入的值')),
                ('created_at', models.DateTimeField(null=True, verbose_name='建立')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='CaseProductEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigIntegerField(db_default=models.Func(models.Value('catalog_history_seq'), function='nextval'), primary_key=True, serialize=False)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='CategoryEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigIntegerField(db_default=models.Func(models.Value('catalog_history_seq'), function='nextval'), primary_key=True, serialize=False)),
                ('code', models.SlugField(db_index=False, help_text='地址和导入所用的固定标识，建立后不再改变', null=True, verbose_name='代码')),
                ('name', models.CharField(max_length=30, null=True, verbose_name='名称')),
                ('position', models.PositiveSmallIntegerField(default=0, null=True, verbose_name='次序')),
                ('slogans', models.TextField(blank=True, help_text='每行一句', null=True, verbose_name='题语')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ProductAliasEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigIntegerField(db_default=models.Func(models.Value('catalog_history_seq'), function='nextval'), primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, null=True, verbose_name='别名')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ProductEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigIntegerField(db_default=models.Func(models.Value('catalog_history_seq'), function='nextval'), primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, null=True, verbose_name='名称')),
                ('key', models.CharField(editable=False, max_length=100, null=True)),
                ('slug', models.SlugField(allow_unicode=True, db_index=False, editable=False, max_length=100, null=True, verbose_name='地址')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='SourceEvent',
            fields=[
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_id', models.BigIntegerField(db_default=models.Func(models.Value('catalog_history_seq'), function='nextval'), primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200, null=True, verbose_name='文件名')),
                ('sha256', models.CharField(max_length=64, null=True, verbose_name='内容校验（SHA-256）')),
                ('kind', models.CharField(choices=[('casebook', '案例集'), ('article', '网络文章'), ('rows', '结构化数据')], max_length=10, null=True, verbose_name='种类')),
                ('title', models.CharField(blank=True, max_length=300, null=True, verbose_name='标题')),
                ('publisher', models.CharField(blank=True, max_length=200, null=True, verbose_name='发布者')),
                ('published_on', models.DateField(blank=True, null=True, verbose_name='发布日期')),
                ('script', models.CharField(choices=[('hans', '简体'), ('hant', '繁体')], default='hans', max_length=4, null=True, verbose_name='原文字体')),
                ('encoding', models.CharField(blank=True, max_length=20, null=True, verbose_name='编码')),
                ('status', models.CharField(choices=[('public', '公开'), ('withdrawn', '已撤下')], max_length=9, null=True, verbose_name='状态')),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='CaseProduct',
            fields=[
            ],
            options={
                'proxy': True,
                'default_permissions': (),
                'indexes': [],
                'constraints': [],
            },
            bases=('catalog.case_products',),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bank',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_bankevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()) FROM new_values$query$; RETURN NULL;', hash='2260f702d4d4ce897cfd1ca200e21908205ab193', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_260bb', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_bank', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bank',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_bankevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "code", "name", "short_name", "full_name", "english_name", "abbreviation", "kind", "position") SELECT statement_timestamp(), \'update\', old_values."id", (SELECT catalog_history_context()), old_values."code", old_values."name", old_values."short_name", old_values."full_name", old_values."english_name", old_values."abbreviation", old_values."kind", old_values."position" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."code" IS DISTINCT FROM new_values."code" OR old_values."name" IS DISTINCT FROM new_values."name" OR old_values."short_name" IS DISTINCT FROM new_values."short_name" OR old_values."full_name" IS DISTINCT FROM new_values."full_name" OR old_values."english_name" IS DISTINCT FROM new_values."english_name" OR old_values."abbreviation" IS DISTINCT FROM new_values."abbreviation" OR old_values."kind" IS DISTINCT FROM new_values."kind" OR old_values."position" IS DISTINCT FROM new_values."position"$query$; RETURN NULL;', hash='3e2eea771c99711132584c2cf7cea4c1981cae34', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_dcdc9', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_bank', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bank',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_bankevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "code", "name", "short_name", "full_name", "english_name", "abbreviation", "kind", "position") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."code", old_values."name", old_values."short_name", old_values."full_name", old_values."english_name", old_values."abbreviation", old_values."kind", old_values."position" FROM old_values$query$; RETURN NULL;', hash='ba2621bd885515ec9acb58f830e3b62e649b85e7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_bb41e', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_bank', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bank',
            trigger=pgtrigger.compiler.Trigger(name='history_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_bankevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "code", "name", "short_name", "full_name", "english_name", "abbreviation", "kind", "position") SELECT statement_timestamp(), \'delete\', "catalog_bank"."id", (SELECT catalog_history_context()), "catalog_bank"."code", "catalog_bank"."name", "catalog_bank"."short_name", "catalog_bank"."full_name", "catalog_bank"."english_name", "catalog_bank"."abbreviation", "catalog_bank"."kind", "catalog_bank"."position" FROM "catalog_bank"$query$; RETURN NULL;', hash='b1befee8fceac027103a892b58e64a6da4647c07', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_history_truncate_91a29', table='catalog_bank', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankalias',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_bankaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "bank_id", "name") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()), new_values."bank_id", new_values."name" FROM new_values$query$; RETURN NULL;', hash='2671241848261203d90e89117eb64c882ca99ba8', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_26c93', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_bankalias', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankalias',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_bankaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "bank_id", "name") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."bank_id", old_values."name" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."bank_id" IS DISTINCT FROM new_values."bank_id" OR old_values."name" IS DISTINCT FROM new_values."name"$query$; EXECUTE $query$INSERT INTO "catalog_bankaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "bank_id", "name") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()), new_values."bank_id", new_values."name" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."bank_id" IS DISTINCT FROM new_values."bank_id" OR old_values."name" IS DISTINCT FROM new_values."name"$query$; RETURN NULL;', hash='4883adcc9adf2557b1b0f81048d63a9f8884c8f3', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_aa3f2', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_bankalias', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankalias',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_bankaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "bank_id", "name") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."bank_id", old_values."name" FROM old_values$query$; RETURN NULL;', hash='b8f6a259e97dad88bb80c09fc65633f536faeed9', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_1668b', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_bankalias', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bankalias',
            trigger=pgtrigger.compiler.Trigger(name='history_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_bankaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "bank_id", "name") SELECT statement_timestamp(), \'delete\', "catalog_bankalias"."id", (SELECT catalog_history_context()), "catalog_bankalias"."bank_id", "catalog_bankalias"."name" FROM "catalog_bankalias"$query$; RETURN NULL;', hash='7233fd2e07c8d41b3205ae6d7ba2f0b4576d0174', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_history_truncate_1d3e1', table='catalog_bankalias', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_caseevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()) FROM new_values$query$; RETURN NULL;', hash='b33ada5065e21bbe6f2e0315e2fed8032f51cef8', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_5cf78', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_case', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_caseevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "ref", "title", "subtitle", "title_inferred", "slug", "status", "bank_id", "branch", "category_id", "category_confidence", "summary", "body", "captions", "authors", "published_on", "script", "source_id", "number", "first_line", "last_line", "first_page", "last_page", "provenance", "imported", "created_at") SELECT statement_timestamp(), \'update\', old_values."id", (SELECT catalog_history_context()), old_values."ref", old_values."title", old_values."subtitle", old_values."title_inferred", old_values."slug", old_values."status", old_values."bank_id", old_values."branch", old_values."category_id", old_values."category_confidence", CASE WHEN old_values."summary" IS DISTINCT FROM new_values."summary" THEN old_values."summary" END, CASE WHEN old_values."body" IS DISTINCT FROM new_values."body" THEN old_values."body" END, CASE WHEN old_values."captions" IS DISTINCT FROM new_values."captions" THEN old_values."captions" END, old_values."authors", old_values."published_on", old_values."script", old_values."source_id", old_values."number", old_values."first_line", old_values."last_line", old_values."first_page", old_values."last_page", CASE WHEN old_values."provenance" IS DISTINCT FROM new_values."provenance" THEN old_values."provenance" END, CASE WHEN old_values."imported" IS DISTINCT FROM new_values."imported" THEN old_values."imported" END, old_values."created_at" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."ref" IS DISTINCT FROM new_values."ref" OR old_values."title" IS DISTINCT FROM new_values."title" OR old_values."subtitle" IS DISTINCT FROM new_values."subtitle" OR old_values."title_inferred" IS DISTINCT FROM new_values."title_inferred" OR old_values."slug" IS DISTINCT FROM new_values."slug" OR old_values."status" IS DISTINCT FROM new_values."status" OR old_values."bank_id" IS DISTINCT FROM new_values."bank_id" OR old_values."branch" IS DISTINCT FROM new_values."branch" OR old_values."category_id" IS DISTINCT FROM new_values."category_id" OR old_values."category_confidence" IS DISTINCT FROM new_values."category_confidence" OR old_values."summary" IS DISTINCT FROM new_values."summary" OR old_values."body" IS DISTINCT FROM new_values."body" OR old_values."captions" IS DISTINCT FROM new_values."captions" OR old_values."authors" IS DISTINCT FROM new_values."authors" OR old_values."published_on" IS DISTINCT FROM new_values."published_on" OR old_values."script" IS DISTINCT FROM new_values."script" OR old_values."source_id" IS DISTINCT FROM new_values."source_id" OR old_values."number" IS DISTINCT FROM new_values."number" OR old_values."first_line" IS DISTINCT FROM new_values."first_line" OR old_values."last_line" IS DISTINCT FROM new_values."last_line" OR old_values."first_page" IS DISTINCT FROM new_values."first_page" OR old_values."last_page" IS DISTINCT FROM new_values."last_page" OR old_values."provenance" IS DISTINCT FROM new_values."provenance"$query$; RETURN NULL;', hash='2ba0126b4b512abeecc79bd4caa707ecd05d2f16', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_731df', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_case', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_caseevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "ref", "title", "subtitle", "title_inferred", "slug", "status", "bank_id", "branch", "category_id", "category_confidence", "summary", "body", "captions", "authors", "published_on", "script", "source_id", "number", "first_line", "last_line", "first_page", "last_page", "provenance", "imported", "created_at") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."ref", old_values."title", old_values."subtitle", old_values."title_inferred", old_values."slug", old_values."status", old_values."bank_id", old_values."branch", old_values."category_id", old_values."category_confidence", old_values."summary", old_values."body", old_values."captions", old_values."authors", old_values."published_on", old_values."script", old_values."source_id", old_values."number", old_values."first_line", old_values."last_line", old_values."first_page", old_values."last_page", old_values."provenance", old_values."imported", old_values."created_at" FROM old_values$query$; RETURN NULL;', hash='1374979e29e89b731d7836837be6b87f349e9e83', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_1a176', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_case', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='case',
            trigger=pgtrigger.compiler.Trigger(name='history_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_caseevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "ref", "title", "subtitle", "title_inferred", "slug", "status", "bank_id", "branch", "category_id", "category_confidence", "summary", "body", "captions", "authors", "published_on", "script", "source_id", "number", "first_line", "last_line", "first_page", "last_page", "provenance", "imported", "created_at") SELECT statement_timestamp(), \'delete\', "catalog_case"."id", (SELECT catalog_history_context()), "catalog_case"."ref", "catalog_case"."title", "catalog_case"."subtitle", "catalog_case"."title_inferred", "catalog_case"."slug", "catalog_case"."status", "catalog_case"."bank_id", "catalog_case"."branch", "catalog_case"."category_id", "catalog_case"."category_confidence", "catalog_case"."summary", "catalog_case"."body", "catalog_case"."captions", "catalog_case"."authors", "catalog_case"."published_on", "catalog_case"."script", "catalog_case"."source_id", "catalog_case"."number", "catalog_case"."first_line", "catalog_case"."last_line", "catalog_case"."first_page", "catalog_case"."last_page", "catalog_case"."provenance", "catalog_case"."imported", "catalog_case"."created_at" FROM "catalog_case"$query$; RETURN NULL;', hash='e8b276a1a2262eac3c79060b47779d45342afdf8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_history_truncate_9a6ef', table='catalog_case', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='category',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_categoryevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()) FROM new_values$query$; RETURN NULL;', hash='3ae9dd23e7d5db2140f9fa9772302ba0633289f1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_8e881', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_category', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='category',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_categoryevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "code", "name", "position", "slogans") SELECT statement_timestamp(), \'update\', old_values."id", (SELECT catalog_history_context()), old_values."code", old_values."name", old_values."position", old_values."slogans" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."code" IS DISTINCT FROM new_values."code" OR old_values."name" IS DISTINCT FROM new_values."name" OR old_values."position" IS DISTINCT FROM new_values."position" OR old_values."slogans" IS DISTINCT FROM new_values."slogans"$query$; RETURN NULL;', hash='5d9e2fc66c134ca8dc9622c2c834005362c6256b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_3db04', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_category', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='category',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_categoryevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "code", "name", "position", "slogans") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."code", old_values."name", old_values."position", old_values."slogans" FROM old_values$query$; RETURN NULL;', hash='93ed4c5db78cc4dc787b4bec692b289dcd03548f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_f3b42', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_category', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='category',
            trigger=pgtrigger.compiler.Trigger(name='history_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_categoryevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "code", "name", "position", "slogans") SELECT statement_timestamp(), \'delete\', "catalog_category"."id", (SELECT catalog_history_context()), "catalog_category"."code", "catalog_category"."name", "catalog_category"."position", "catalog_category"."slogans" FROM "catalog_category"$query$; RETURN NULL;', hash='e5b921ff49b05ec6b1386a84a48a0b6c18d108e7', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_history_truncate_b0573', table='catalog_category', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_productevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()) FROM new_values$query$; RETURN NULL;', hash='713653968ea890039bab61634967787bf3b1a697', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_cce0e', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_productevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "bank_id", "name", "key", "slug") SELECT statement_timestamp(), \'update\', old_values."id", (SELECT catalog_history_context()), old_values."bank_id", old_values."name", old_values."key", old_values."slug" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."bank_id" IS DISTINCT FROM new_values."bank_id" OR old_values."name" IS DISTINCT FROM new_values."name" OR old_values."key" IS DISTINCT FROM new_values."key" OR old_values."slug" IS DISTINCT FROM new_values."slug"$query$; RETURN NULL;', hash='9cccddde9dd1203673a86291adc2fc7df1fadbb7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_f7e83', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_productevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "bank_id", "name", "key", "slug") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."bank_id", old_values."name", old_values."key", old_values."slug" FROM old_values$query$; RETURN NULL;', hash='47f9a98feae95aaec732334c6c678e8a51cd1eca', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_f2617', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_product', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='product',
            trigger=pgtrigger.compiler.Trigger(name='history_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_productevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "bank_id", "name", "key", "slug") SELECT statement_timestamp(), \'delete\', "catalog_product"."id", (SELECT catalog_history_context()), "catalog_product"."bank_id", "catalog_product"."name", "catalog_product"."key", "catalog_product"."slug" FROM "catalog_product"$query$; RETURN NULL;', hash='2b5b7f1d1fec8955dae8af9386da15456a6486f6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_history_truncate_7ab8c', table='catalog_product', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='productalias',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_productaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "product_id", "name") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()), new_values."product_id", new_values."name" FROM new_values$query$; RETURN NULL;', hash='c4759c8547702f95dfc6588bc0163053685ab48f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_f5b7f', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_productalias', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='productalias',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_productaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "product_id", "name") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."product_id", old_values."name" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."product_id" IS DISTINCT FROM new_values."product_id" OR old_values."name" IS DISTINCT FROM new_values."name"$query$; EXECUTE $query$INSERT INTO "catalog_productaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "product_id", "name") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()), new_values."product_id", new_values."name" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."product_id" IS DISTINCT FROM new_values."product_id" OR old_values."name" IS DISTINCT FROM new_values."name"$query$; RETURN NULL;', hash='9a317f3b830731dd4226f914506495b8423addbb', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_34618', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_productalias', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='productalias',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_productaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "product_id", "name") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."product_id", old_values."name" FROM old_values$query$; RETURN NULL;', hash='c09986ca9a93fc8355d00efcbbbb31603c26dddf', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_c4f07', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_productalias', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='productalias',
            trigger=pgtrigger.compiler.Trigger(name='history_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_productaliasevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "product_id", "name") SELECT statement_timestamp(), \'delete\', "catalog_productalias"."id", (SELECT catalog_history_context()), "catalog_productalias"."product_id", "catalog_productalias"."name" FROM "catalog_productalias"$query$; RETURN NULL;', hash='3b43bd73f48cd7efbc674751dea65599d79d346e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_history_truncate_f5ca7', table='catalog_productalias', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_sourceevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()) FROM new_values$query$; RETURN NULL;', hash='19c0cb30ea5f1182505ab100af452ede2f43d79f', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_91b31', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_sourceevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "name", "sha256", "kind", "title", "publisher", "published_on", "script", "encoding", "status") SELECT statement_timestamp(), \'update\', old_values."id", (SELECT catalog_history_context()), old_values."name", old_values."sha256", old_values."kind", old_values."title", old_values."publisher", old_values."published_on", old_values."script", old_values."encoding", old_values."status" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."name" IS DISTINCT FROM new_values."name" OR old_values."sha256" IS DISTINCT FROM new_values."sha256" OR old_values."kind" IS DISTINCT FROM new_values."kind" OR old_values."title" IS DISTINCT FROM new_values."title" OR old_values."publisher" IS DISTINCT FROM new_values."publisher" OR old_values."published_on" IS DISTINCT FROM new_values."published_on" OR old_values."script" IS DISTINCT FROM new_values."script" OR old_values."encoding" IS DISTINCT FROM new_values."encoding" OR old_values."status" IS DISTINCT FROM new_values."status"$query$; RETURN NULL;', hash='cb874bd986006e759b9fd29f7b6f09218acd24e0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_703dd', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_sourceevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "name", "sha256", "kind", "title", "publisher", "published_on", "script", "encoding", "status") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."name", old_values."sha256", old_values."kind", old_values."title", old_values."publisher", old_values."published_on", old_values."script", old_values."encoding", old_values."status" FROM old_values$query$; RETURN NULL;', hash='48a7716bfb6296d604cfe34a2d0e4b62438448cd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_4e9dc', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='history_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_sourceevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "name", "sha256", "kind", "title", "publisher", "published_on", "script", "encoding", "status") SELECT statement_timestamp(), \'delete\', "catalog_source"."id", (SELECT catalog_history_context()), "catalog_source"."name", "catalog_source"."sha256", "catalog_source"."kind", "catalog_source"."title", "catalog_source"."publisher", "catalog_source"."published_on", "catalog_source"."script", "catalog_source"."encoding", "catalog_source"."status" FROM "catalog_source"$query$; RETURN NULL;', hash='3268bcd76f03d28b5ca570715201f7a7507bd43d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_history_truncate_6f94e', table='catalog_source', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='bankaliasevent',
            name='bank',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.bank', verbose_name='银行'),
        ),
        migrations.AddField(
            model_name='bankaliasevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='bankaliasevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.bankalias'),
        ),
        migrations.AddField(
            model_name='bankevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='bankevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.bank'),
        ),
        migrations.AddField(
            model_name='caseevent',
            name='bank',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.bank', verbose_name='银行'),
        ),
        migrations.AddField(
            model_name='caseevent',
            name='category',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.category', verbose_name='章节'),
        ),
        migrations.AddField(
            model_name='caseevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='caseevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.case'),
        ),
        migrations.AddField(
            model_name='caseevent',
            name='source',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.source', verbose_name='来源'),
        ),
        migrations.AddField(
            model_name='caseproductevent',
            name='case',
            field=models.ForeignKey(db_constraint=False, db_index=False, db_tablespace='', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.case'),
        ),
        migrations.AddField(
            model_name='caseproductevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='caseproductevent',
            name='product',
            field=models.ForeignKey(db_constraint=False, db_index=False, db_tablespace='', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.product'),
        ),
        migrations.AddField(
            model_name='categoryevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='categoryevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.category'),
        ),
        migrations.AddField(
            model_name='productaliasevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='productaliasevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.productalias'),
        ),
        migrations.AddField(
            model_name='productaliasevent',
            name='product',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.product', verbose_name='产品'),
        ),
        migrations.AddField(
            model_name='productevent',
            name='bank',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.bank', verbose_name='银行'),
        ),
        migrations.AddField(
            model_name='productevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='productevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.product'),
        ),
        migrations.AddField(
            model_name='sourceevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='sourceevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.source'),
        ),
        migrations.AddField(
            model_name='caseproductevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='catalog.caseproduct'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseproduct',
            trigger=pgtrigger.compiler.Trigger(name='history_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_caseproductevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "case_id", "product_id") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()), new_values."case_id", new_values."product_id" FROM new_values$query$; RETURN NULL;', hash='f55525e381d1c43e87b6cccbe1f3677e4f8f214c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_history_insert_68ba9', referencing='REFERENCING NEW TABLE AS new_values ', table='catalog_case_products', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseproduct',
            trigger=pgtrigger.compiler.Trigger(name='history_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_caseproductevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "case_id", "product_id") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."case_id", old_values."product_id" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."case_id" IS DISTINCT FROM new_values."case_id" OR old_values."product_id" IS DISTINCT FROM new_values."product_id"$query$; EXECUTE $query$INSERT INTO "catalog_caseproductevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "case_id", "product_id") SELECT statement_timestamp(), \'insert\', new_values."id", (SELECT catalog_history_context()), new_values."case_id", new_values."product_id" FROM old_values JOIN new_values ON old_values."id" = new_values."id" WHERE old_values."case_id" IS DISTINCT FROM new_values."case_id" OR old_values."product_id" IS DISTINCT FROM new_values."product_id"$query$; RETURN NULL;', hash='38cabbd52f50d7b73f1531cc2f070fe87f859aff', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_history_update_53487', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='catalog_case_products', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseproduct',
            trigger=pgtrigger.compiler.Trigger(name='history_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_caseproductevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "case_id", "product_id") SELECT statement_timestamp(), \'delete\', old_values."id", (SELECT catalog_history_context()), old_values."case_id", old_values."product_id" FROM old_values$query$; RETURN NULL;', hash='f9aa0b67f461b9b753519e701bda9c11165033fa', level='STATEMENT', operation='DELETE', pgid='pgtrigger_history_delete_bf6c4', referencing='REFERENCING OLD TABLE AS old_values ', table='catalog_case_products', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseproduct',
            trigger=pgtrigger.compiler.Trigger(name='history_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func='EXECUTE $query$INSERT INTO "catalog_caseproductevent" ("pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id", "case_id", "product_id") SELECT statement_timestamp(), \'delete\', "catalog_case_products"."id", (SELECT catalog_history_context()), "catalog_case_products"."case_id", "catalog_case_products"."product_id" FROM "catalog_case_products"$query$; RETURN NULL;', hash='bbd663b1921eb96e73d3a423d0eb1886aac5de9b', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_history_truncate_203b5', table='catalog_case_products', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='bankaliasevent',
            index=models.Index(fields=['pgh_obj', 'pgh_id'], name='bankaliasevent_of_row'),
        ),
        migrations.AddIndex(
            model_name='bankevent',
            index=models.Index(fields=['pgh_obj', 'pgh_id'], name='bankevent_of_row'),
        ),
        migrations.AddIndex(
            model_name='caseevent',
            index=models.Index(fields=['pgh_obj', 'pgh_id'], name='caseevent_of_row'),
        ),
        migrations.AddIndex(
            model_name='categoryevent',
            index=models.Index(fields=['pgh_obj', 'pgh_id'], name='categoryevent_of_row'),
        ),
        migrations.AddIndex(
            model_name='productaliasevent',
            index=models.Index(fields=['pgh_obj', 'pgh_id'], name='productaliasevent_of_row'),
        ),
        migrations.AddIndex(
            model_name='productevent',
            index=models.Index(fields=['pgh_obj', 'pgh_id'], name='productevent_of_row'),
        ),
        migrations.AddIndex(
            model_name='sourceevent',
            index=models.Index(fields=['pgh_obj', 'pgh_id'], name='sourceevent_of_row'),
        ),
        migrations.AddIndex(
            model_name='caseproductevent',
            index=models.Index(fields=['pgh_obj', 'pgh_id'], name='caseproductevent_of_row'),
        ),
        migrations.AddIndex(
            model_name='caseproductevent',
            index=models.Index(fields=['case', 'pgh_id'], name='caseproductevent_of_case'),
        ),
    ]
