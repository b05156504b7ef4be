"""All tables of the catalogue as the migrations 0001 to 0007 left them, for databases that have none of these.

One that has all seven has this one too; one that has only some goes on by them. What tables have beside columns,
constraints and plain indexes is in `0001_start.sql`. The columns stand in the order in which the seven made them, so
that the dump of a database does not say which way it came.
"""

import uuid
from pathlib import Path

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models
from django.db.models import CASCADE, DO_NOTHING, PROTECT, SET_NULL, F, Q
from django.db.models.functions import Coalesce, Length
from django.utils import timezone

from catalog.migrations._lexemes import LEXEMES

SQL = Path(__file__).with_name("0001_start.sql")
# The index and the triggers go with their functions.
REVERSE_SQL = "DROP FUNCTION catalog_lexemes(text) CASCADE; DROP FUNCTION catalog_names_changed() CASCADE;"

BANK_KINDS = {
    "state": "国有大型商业银行",
    "policy": "政策性银行",
    "joint-stock": "股份制商业银行",
    "city": "城市商业银行",
    "rural": "农村商业银行",
    "village": "村镇银行",
    "private": "民营银行",
    "foreign": "外资银行",
    "non-bank": "非银行金融机构",
}
SCRIPTS = {"hans": "简体", "hant": "繁体"}
PLACE_IN_CHAPTER = Coalesce("number", models.Value(2147483647), output_field=models.BigIntegerField())


def primary_key():
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def code():
    return "code", models.SlugField("代码", unique=True, help_text="地址和导入所用的固定标识，建立后不再改变")


def imported(**options):
    return "imported", models.JSONField(blank=True, default=dict, editable=False, **options)


def script():
    return "script", models.CharField("原文字体", choices=SCRIPTS, default="hans", max_length=4)


def copy_of(model):
    """A key that is copied from the case, which has the constraint."""
    return models.ForeignKey(
        f"catalog.{model}", DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )


def snapshot():
    return "snapshot", models.ForeignKey("catalog.snapshot", CASCADE, db_constraint=False, db_index=False)


def not_empty(column, name):
    return models.CheckConstraint(condition=~Q(**{column: ""}), name=name)


REFERENCE = [
    migrations.CreateModel(
        "Category",
        fields=[
            primary_key(),
            code(),
            ("name", models.CharField("名称", max_length=30, unique=True)),
            ("position", models.PositiveSmallIntegerField("次序", default=0)),
            ("slogans", models.TextField("题语", blank=True, help_text="每行一句")),
            imported(),
        ],
        options={
            "verbose_name": "章节",
            "verbose_name_plural": "章节",
            "ordering": ["position", "name"],
            "constraints": [not_empty("name", "category_name_not_empty")],
        },
    ),
    migrations.CreateModel(
        "Bank",
        fields=[
            primary_key(),
            code(),
            ("name", models.CharField("名称", help_text="目录中列出的名称，如 工商银行", max_length=60, unique=True)),
            ("short_name", models.CharField("简称", blank=True, max_length=30)),
            ("full_name", models.CharField("全称", blank=True, max_length=100)),
            ("english_name", models.CharField("英文名", blank=True, max_length=120)),
            ("abbreviation", models.CharField("英文缩写", blank=True, max_length=20)),
            ("kind", models.CharField("类别", choices=BANK_KINDS, max_length=12)),
            ("position", models.PositiveSmallIntegerField("同类中的次序", default=0)),
            imported(),
        ],
        options={
            "verbose_name": "银行",
            "verbose_name_plural": "银行",
            "ordering": ["position", "name"],
            "constraints": [
                models.CheckConstraint(condition=Q(kind__in=list(BANK_KINDS)), name="bank_kind"),
                not_empty("name", "bank_name_not_empty"),
            ],
        },
    ),
    migrations.CreateModel(
        "BankAlias",
        fields=[
            primary_key(),
            ("name", models.CharField("别名", max_length=100, unique=True)),
            ("bank", models.ForeignKey("catalog.bank", CASCADE, related_name="aliases", verbose_name="银行")),
        ],
        options={
            "verbose_name": "银行别名",
            "verbose_name_plural": "银行别名",
            "ordering": ["name"],
            "constraints": [not_empty("name", "bank_alias_not_empty")],
        },
    ),
    migrations.CreateModel(
        "Product",
        fields=[
            primary_key(),
            ("name", models.CharField("名称", max_length=100)),
            ("key", models.CharField(editable=False, max_length=100)),
            ("slug", models.SlugField("地址", allow_unicode=True, editable=False, max_length=100, unique=True)),
            ("bank", models.ForeignKey("catalog.bank", PROTECT, related_name="products", verbose_name="银行")),
        ],
        options={
            "verbose_name": "产品",
            "verbose_name_plural": "产品",
            "ordering": ["bank__position", "name"],
            "constraints": [
                models.UniqueConstraint(fields=["bank", "key"], name="product_once_a_bank"),
                not_empty("key", "product_name_not_empty"),
            ],
        },
    ),
    migrations.CreateModel(
        "ProductAlias",
        fields=[
            primary_key(),
            ("name", models.CharField("别名", max_length=100)),
            ("product", models.ForeignKey("catalog.product", CASCADE, related_name="aliases", verbose_name="产品")),
        ],
        options={
            "verbose_name": "产品别名",
            "verbose_name_plural": "产品别名",
            "ordering": [Length("name"), "name"],
            "constraints": [
                models.UniqueConstraint(fields=["product", "name"], name="product_alias_once"),
                not_empty("name", "product_alias_not_empty"),
            ],
        },
    ),
]

SOURCE = [
    migrations.CreateModel(
        "Source",
        fields=[
            primary_key(),
            ("name", models.CharField("文件名", max_length=200, unique=True)),
            ("sha256", models.CharField("内容校验（SHA-256）", max_length=64, unique=True)),
            (
                "kind",
                models.CharField(
                    "种类", choices={"casebook": "案例集", "article": "网络文章", "rows": "结构化数据"}, max_length=10
                ),
            ),
            ("title", models.CharField("标题", blank=True, max_length=300)),
            ("publisher", models.CharField("发布者", blank=True, max_length=200)),
            ("published_on", models.DateField("发布日期", blank=True, null=True)),
            script(),
            ("encoding", models.CharField("编码", blank=True, max_length=20)),
            ("lines", ArrayField(models.TextField(blank=True), blank=True, default=list, verbose_name="原文")),
            (
                "removed",
                ArrayField(
                    models.CharField(max_length=240),
                    blank=True,
                    default=list,
                    help_text="导入标识；再次导入时不会重建",
                    verbose_name="编辑已删除的案例",
                ),
            ),
            ("fingerprint", models.CharField(blank=True, editable=False, max_length=64)),
            imported(verbose_name="上次导入的值"),
            ("created_at", models.DateTimeField("首次导入", auto_now_add=True)),
            ("updated_at", models.DateTimeField("更新", auto_now=True)),
        ],
        options={
            "verbose_name": "来源文档",
            "verbose_name_plural": "来源文档",
            "ordering": ["name"],
            "constraints": [
                models.CheckConstraint(condition=Q(kind__in=["casebook", "article", "rows"]), name="source_kind"),
                models.CheckConstraint(condition=Q(script__in=["hans", "hant"]), name="source_script"),
            ],
        },
    ),
]

CASE = [
    migrations.CreateModel(
        "Case",
        fields=[
            primary_key(),
            (
                "ref",
                models.CharField("导入标识", blank=True, editable=False, max_length=240, null=True, unique=True),
            ),
            ("title", models.CharField("标题", max_length=300)),
            ("subtitle", models.CharField("副标题", blank=True, max_length=300)),
            (
                "title_inferred",
                models.BooleanField("标题为代拟", default=False, help_text="原文没有标题；确认或改定后取消勾选"),
            ),
            ("slug", models.SlugField("地址", allow_unicode=True, editable=False, max_length=120, unique=True)),
            (
                "status",
                models.CharField("状态", choices={"public": "公开", "draft": "草稿"}, default="public", max_length=6),
            ),
            ("branch", models.CharField("机构（分支行、部门）", blank=True, max_length=100)),
            (
                "category_confidence",
                models.FloatField(
                    "章节的把握", blank=True, help_text="0 到 1；空白表示原文写明或编辑已确认", null=True
                ),
            ),
            ("summary", models.TextField("案例简介", blank=True)),
            ("body", models.TextField("正文", blank=True, help_text="Markdown：## 标题、空行分段、表格")),
            ("captions", ArrayField(models.TextField(), blank=True, default=list, verbose_name="图片说明")),
            ("authors", ArrayField(models.CharField(max_length=60), blank=True, default=list, verbose_name="作者")),
            ("published_on", models.DateField("发布日期", blank=True, null=True)),
            script(),
            ("number", models.PositiveIntegerField("在来源中的序号", blank=True, null=True)),
            ("first_line", models.PositiveIntegerField("来源起始行", blank=True, null=True)),
            ("last_line", models.PositiveIntegerField("来源终止行", blank=True, null=True)),
            ("first_page", models.PositiveIntegerField("印刷页起", blank=True, null=True)),
            ("last_page", models.PositiveIntegerField("印刷页止", blank=True, null=True)),
            ("provenance", models.JSONField("段落出处", blank=True, default=list, editable=False)),
            imported(verbose_name="上次导入的值"),
            ("created_at", models.DateTimeField("建立", auto_now_add=True)),
            ("updated_at", models.DateTimeField("更新", auto_now=True)),
            (
                "bank",
                models.ForeignKey(
                    "catalog.bank", PROTECT, blank=True, null=True, related_name="cases", verbose_name="银行"
                ),
            ),
            (
                "category",
                models.ForeignKey(
                    "catalog.category", PROTECT, blank=True, null=True, related_name="cases", verbose_name="章节"
                ),
            ),
            (
                "source",
                models.ForeignKey(
                    "catalog.source", PROTECT, blank=True, null=True, related_name="cases", verbose_name="来源"
                ),
            ),
            (
                "products",
                models.ManyToManyField("catalog.product", blank=True, related_name="cases", verbose_name="产品"),
            ),
        ],
        options={
            "verbose_name": "案例",
            "verbose_name_plural": "案例",
            "ordering": ["pk"],
            "constraints": [
                not_empty("title", "case_title_not_empty"),
                models.CheckConstraint(condition=Q(status__in=["public", "draft"]), name="case_status"),
                models.CheckConstraint(condition=Q(script__in=["hans", "hant"]), name="case_script"),
                models.CheckConstraint(
                    condition=Q(category_confidence__isnull=True) | Q(category_confidence__range=(0, 1)),
                    name="case_category_confidence",
                ),
                models.CheckConstraint(
                    condition=Q(first_line__isnull=True) | Q(first_line__gte=1, last_line__gte=F("first_line")),
                    name="case_lines_in_order",
                ),
                models.CheckConstraint(
                    condition=Q(first_page__isnull=True) | Q(last_page__gte=F("first_page")),
                    name="case_pages_in_order",
                ),
                models.UniqueConstraint(fields=["source", "number"], name="case_number_once_a_source"),
            ],
            "indexes": [
                models.Index("category", PLACE_IN_CHAPTER, "id", condition=Q(status="public"), name="case_by_category"),
                models.Index(fields=["bank", "published_on"], condition=Q(status="public"), name="case_by_bank"),
                models.Index(
                    F("published_on").desc(nulls_last=True), "id", condition=Q(status="public"), name="case_by_date"
                ),
            ],
        },
    ),
]

DOUBTS = [
    migrations.CreateModel(
        "Doubt",
        fields=[
            primary_key(),
            ("field", models.CharField("栏目", max_length=30)),
            ("reason", models.TextField("疑点")),
            ("confidence", models.FloatField("把握")),
            ("spans", models.JSONField("来源行", blank=True, default=list)),
            ("settled_at", models.DateTimeField("处理时间", blank=True, null=True)),
            (
                "case",
                models.ForeignKey(
                    "catalog.case", CASCADE, blank=True, null=True, related_name="doubts", verbose_name="案例"
                ),
            ),
            (
                "settled_by",
                models.ForeignKey(
                    settings.AUTH_USER_MODEL, SET_NULL, blank=True, editable=False, null=True, verbose_name="处理人"
                ),
            ),
            ("source", models.ForeignKey("catalog.source", CASCADE, related_name="doubts", verbose_name="来源")),
        ],
        options={
            "verbose_name": "存疑",
            "verbose_name_plural": "存疑",
            "ordering": ["settled_at", "case", "confidence"],
            "constraints": [models.CheckConstraint(condition=Q(confidence__range=(0, 1)), name="doubt_confidence")],
            "indexes": [models.Index(fields=["case"], condition=Q(settled_at__isnull=True), name="doubt_open")],
        },
    ),
]

THESAURUS = [
    migrations.CreateModel(
        "SynonymGroup",
        fields=[
            primary_key(),
            (
                "words",
                models.TextField("词语", help_text="每行一个，或用空格、逗号、顿号分开；繁体、简体写一种即可"),
            ),
            (
                "targets",
                models.TextField(
                    "只查向",
                    blank=True,
                    help_text="留空时，上面的词互相算作近义词；填写后，查上面的词时也查这里的词，反过来不查",
                ),
            ),
            (
                "weight",
                models.FloatField(
                    "权重",
                    default=0.7,
                    help_text="0.05 到 0.95：越小，由近义词找到的案例排得越靠后；原词总是排在前面",
                    validators=[MinValueValidator(0.05), MaxValueValidator(0.95)],
                ),
            ),
            ("enabled", models.BooleanField("启用", default=True)),
            ("note", models.CharField("备注", blank=True, max_length=200)),
            ("seed", models.CharField(blank=True, editable=False, max_length=32, null=True, unique=True)),
        ],
        options={
            "verbose_name": "近义词",
            "verbose_name_plural": "近义词",
            "ordering": ["words"],
            "constraints": [
                models.CheckConstraint(condition=Q(weight__gte=0.05, weight__lte=0.95), name="synonym_group_weight"),
                not_empty("words", "synonym_group_not_empty"),
            ],
        },
    ),
]

SEARCH = [
    # A case as the search knows it.
    migrations.CreateModel(
        "SearchEntry",
        fields=[
            (
                "case",
                models.OneToOneField(
                    "catalog.case", CASCADE, primary_key=True, related_name="search_entry", serialize=False
                ),
            ),
            ("public", models.BooleanField()),
            ("overfull", models.BooleanField(default=False)),
            ("year", models.SmallIntegerField(null=True)),
            ("place", models.BigIntegerField()),
            ("published_on", models.DateField(null=True)),
            ("updated_at", models.DateTimeField()),
            ("written_at", models.DateTimeField()),
            ("products", ArrayField(models.BigIntegerField(), default=list)),
            ("lexemes", models.TextField()),
            ("bank", copy_of("bank")),
            ("category", copy_of("category")),
            ("source", copy_of("source")),
        ],
        options={"indexes": [models.Index(fields=["case"], condition=Q(overfull=True), name="search_entry_overfull")]},
    ),
    migrations.CreateModel(
        "SearchText",
        fields=[
            (
                "entry",
                models.OneToOneField(
                    "catalog.searchentry",
                    CASCADE,
                    db_column="case_id",
                    primary_key=True,
                    related_name="content",
                    serialize=False,
                ),
            ),
            ("text", models.TextField()),
            ("impacts", models.BinaryField()),
        ],
    ),
    migrations.CreateModel(
        "CaseTitle",
        fields=[
            (
                "case",
                models.OneToOneField(
                    "catalog.case", CASCADE, primary_key=True, related_name="typed_title", serialize=False
                ),
            ),
            ("title", models.TextField()),
            ("folded", models.TextField()),
            ("sound", models.TextField()),
            ("initials", models.TextField()),
            ("pairs", ArrayField(models.CharField(max_length=2))),
        ],
        options={
            "indexes": [
                models.Index(OpClass("folded", name="text_pattern_ops"), name="case_title_folded"),
                models.Index(OpClass("sound", name="text_pattern_ops"), name="case_title_sound"),
                models.Index(OpClass("initials", name="text_pattern_ops"), name="case_title_initials"),
                GinIndex(fields=["pairs"], name="case_title_pairs"),
            ]
        },
    ),
    # The index as a whole.
    migrations.CreateModel(
        "SearchIndex",
        fields=[
            primary_key(),
            ("stamp", models.CharField(max_length=64)),
            ("built_at", models.DateTimeField(default=timezone.now)),
        ],
        options={"constraints": [models.CheckConstraint(condition=Q(pk=1), name="one_search_index")]},
    ),
    migrations.CreateModel(
        "LexemeCount",
        fields=[
            primary_key(),
            ("lexeme", models.CharField(db_collation="C", max_length=80)),
            ("entries", models.IntegerField()),
        ],
        options={"indexes": [models.Index(fields=["lexeme"], include=["entries"], name="lexeme_count")]},
    ),
    migrations.CreateModel(
        "Phrase",
        fields=[
            ("text", models.CharField(db_collation="C", max_length=16, primary_key=True, serialize=False)),
            ("texts", models.PositiveIntegerField()),
        ],
    ),
    # The entries at one moment, and which were written since.
    migrations.CreateModel(
        "Snapshot",
        fields=[
            ("version", models.BigAutoField(primary_key=True, serialize=False)),
            ("entries", models.IntegerField()),
            ("lexemes", models.TextField()),
            ("made_at", models.DateTimeField(default=timezone.now)),
        ],
    ),
    migrations.CreateModel(
        "SnapshotColumn",
        fields=[
            primary_key(),
            ("name", models.CharField(max_length=20)),
            ("values", models.BinaryField()),
            snapshot(),
        ],
        options={"constraints": [models.UniqueConstraint(fields=["snapshot", "name"], name="snapshot_column")]},
    ),
    migrations.CreateModel(
        "PostingList",
        fields=[
            primary_key(),
            ("lexeme", models.CharField(db_collation="C", max_length=80)),
            ("block", models.IntegerField()),
            ("places", models.BinaryField()),
            snapshot(),
            ("impacts", models.BinaryField()),
        ],
        options={"constraints": [models.UniqueConstraint(fields=["snapshot", "lexeme", "block"], name="posting_list")]},
    ),
    migrations.CreateModel("WrittenEntry", fields=[primary_key(), ("case_id", models.BigIntegerField())]),
    # What the catalogue calls things, and when that changed.
    migrations.CreateModel(
        "NameChange",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
            ("what", models.CharField(choices={"names": "Names", "thesaurus": "Thesaurus"}, max_length=10)),
        ],
    ),
]


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    replaces = [
        ("catalog", "0001_initial"),
        ("catalog", "0002_search_engine"),
        ("catalog", "0003_wording_and_thesaurus"),
        ("catalog", "0004_postings"),
        ("catalog", "0005_snapshot"),
        ("catalog", "0006_name_changes"),
        ("catalog", "0007_impacts"),
    ]

    operations = [
        *REFERENCE,
        *SOURCE,
        *CASE,
        *DOUBTS,
        *THESAURUS,
        *SEARCH,
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SQL.read_text(encoding="utf-8"), REVERSE_SQL)],
            # The one index of Django's in that file: it needs the function before it.
            state_operations=[migrations.AddIndex("searchentry", GinIndex(LEXEMES, name="search_entry_lexemes"))],
        ),
    ]
