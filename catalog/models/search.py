"""The tables of the search. Written by `catalog.search` only; every row can be made again from the cases."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone


def _copy_of(model: str, **options) -> models.ForeignKey:
    """A key copied from the case for counting and filtering. The case's own column is the one that is constrained."""
    return models.ForeignKey(
        model, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False, **options
    )


def _of_case(related_name: str) -> models.OneToOneField:
    """Rows that follow from a case. The database lets a case go before them: the writer then removes them."""
    return models.OneToOneField(
        "catalog.Case", models.DO_NOTHING, primary_key=True, related_name=related_name, db_constraint=False
    )


SEPARATOR = "\x02"  # between lexemes; a folded text has no such character
# The expression that is indexed, and that a condition has to use to be answered by the index. A function of our own
# (see migrations/0001_start.sql), because PostgreSQL takes its own for cheap and would rather make the tsvector of
# every row.
LEXEMES = Func(F("lexemes"), function="catalog_lexemes", output_field=SearchVectorField())


class SearchEntryQuerySet(models.QuerySet):
    def public(self):
        return self.filter(public=True)


class SearchEntry(models.Model):
    """What a search counts, filters and sorts by: a narrow row, so that reading very many touches few pages.

    `lexemes` are those of the case (see `catalog.search.index.lexemes`), sorted and one after the other: so they take a
    third of the room of a tsvector, which only the index on them ever needs. They are stored out of line. `overfull`: a
    tsvector could not hold them all; such a case is checked on its text.
    """

    case = _of_case("search_entry")
    public = models.BooleanField()
    overfull = models.BooleanField(default=False)
    year = models.SmallIntegerField(null=True)
    place = models.BigIntegerField()
    bank = _copy_of("catalog.Bank")
    category = _copy_of("catalog.Category")
    source = _copy_of("catalog.Source")
    published_on = models.DateField(null=True)
    updated_at = models.DateTimeField()
    written_at = models.DateTimeField()
    products = ArrayField(models.BigIntegerField(), default=list)
    lexemes = models.TextField()

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检索条目"
        indexes = [
            GinIndex(LEXEMES, name="search_entry_lexemes"),
            models.Index(fields=["case"], name="search_entry_overfull", condition=Q(overfull=True)),
        ]

    def __str__(self):
        return str(self.case)


class SearchText(models.Model):
    """What a search reads of few cases: the folded text, and what each lexeme says (`catalog.search.index.impacts`).
    `marks`: what nearly equal texts share some of (`catalog.text.sketch`).
    """

    entry = models.OneToOneField(
        SearchEntry, models.CASCADE, primary_key=True, related_name="content", db_column="case_id"
    )
    text = models.TextField()
    impacts = models.BinaryField()
    marks = ArrayField(models.IntegerField(), default=list)

    class Meta:
        verbose_name = verbose_name_plural = "检索全文"
        indexes = [GinIndex(fields=["marks"], name="search_text_marks", fastupdate=False)]

    def __str__(self):
        return self.text[:80]


class LexemeCount(models.Model):
    """A line of the document frequencies: so many entries more (or fewer) have the lexeme.

    A frequency is the sum of the lexeme's lines. Lines are only ever added, so that two writers never wait for each
    other; a rebuild of the index leaves one line a lexeme. The lexeme "" counts the entries themselves.
    """

    lexeme = models.CharField(max_length=80, db_collation="C")
    entries = models.IntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "词频"
        indexes = [models.Index(fields=["lexeme"], include=["entries"], name="lexeme_count")]

    def __str__(self):
        return f"{self.lexeme} {self.entries:+}"


class SearchIndex(models.Model):
    """The one row that says what the entries were made with (see `catalog.search.index.version`)."""

    version = models.CharField(max_length=64)
    built_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "检索索引"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_search_index")]

    def __str__(self):
        return self.version


class Snapshot(models.Model):
    """The entries at one moment, in a form that is read at once (see `catalog.search.snapshot.store`).

    `lexemes`: those of which there is a posting list, one after the other. The newest row serves.
    """

    version = models.BigAutoField(primary_key=True)
    entries = models.IntegerField()
    lexemes = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "快照"

    def __str__(self):
        return f"{self.version}: {self.entries}"


class _PartOfSnapshot(models.Model):
    snapshot = models.ForeignKey(Snapshot, models.CASCADE, db_index=False, db_constraint=False)

    class Meta:
        abstract = True


class SnapshotColumn(_PartOfSnapshot):
    """The values of a column in the order of the places, as an array of little-endian numbers."""

    name = models.CharField(max_length=20)
    values = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "快照的列"
        constraints = [models.UniqueConstraint(fields=["snapshot", "name"], name="snapshot_column")]

    def __str__(self):
        return self.name


class PostingList(_PartOfSnapshot):
    """The places of one block of a snapshot that have a lexeme or a run (see `lexemes.run` and `snapshot.packed`), and
    the impact in each; none of what is not ranked by.
    """

    lexeme = models.CharField(max_length=80, db_collation="C")
    block = models.IntegerField()
    places = models.BinaryField()
    impacts = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "倒排表"
        constraints = [models.UniqueConstraint(fields=["snapshot", "lexeme", "block"], name="posting_list")]

    def __str__(self):
        return f"{self.lexeme} {self.block}"


class ChangedCase(models.Model):
    """A case that was written and whose entry was not yet: noted by triggers of the tables that entries are made from,
    whoever writes there and however, in the same transaction. `catalog.search.index.writer` settles and removes them.
    The table has one more column, `xact`, which the database fills: the transaction that made the mark.
    """

    case_id = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "改过的案例"
        indexes = [models.Index(fields=["case_id"], name="changed_case")]

    def __str__(self):
        return str(self.case_id)


class WrittenEntry(models.Model):
    """An entry that was written or deleted after the snapshot was made. Lines are only added, and taken away by the
    next snapshot, so that no writer waits for another.
    """

    case_id = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "写过的条目"

    def __str__(self):
        return str(self.case_id)


class Phrase(models.Model):
    """A run of words that the texts of public cases use, folded, and how many of the texts in the sample have it.

    Written by `catalog.search.query.current_vocabulary.refresh_phrases`; queries are corrected and completed by it. The
    row "" is no phrase: its `texts` is the number of public cases when the phrases were gathered.
    """

    text = models.CharField(max_length=16, primary_key=True, db_collation="C")
    texts = models.PositiveIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "常用短语"

    def __str__(self):
        return self.text


class CaseTitle(models.Model):
    """How the title of a case may be typed: folded, as pinyin, as initials, and by its pairs of characters.

    Written by `catalog.search.index.writer`, for suggestions.
    """

    case = _of_case("typed_title")
    title = models.TextField()
    folded = models.TextField()
    sound = models.TextField()
    initials = models.TextField()
    pairs = ArrayField(models.CharField(max_length=2))

    class Meta:
        verbose_name = verbose_name_plural = "标题读法"
        indexes = [
            models.Index(OpClass("folded", name="text_pattern_ops"), name="case_title_folded"),
            models.Index(OpClass("sound", name="text_pattern_ops"), name="case_title_sound"),
            models.Index(OpClass("initials", name="text_pattern_ops"), name="case_title_initials"),
            GinIndex(fields=["pairs"], name="case_title_pairs"),
        ]

    def __str__(self):
        return self.title


class NameChange(models.Model):
    """A change of the names of banks and products, or of the thesaurus: written by triggers of those tables, whoever
    writes there and however (see catalog/migrations/0001_start.sql).

    What a transaction sees of the names is told by which lines it sees. Lines are only added, so that no writer waits
    for another; now and then a trigger takes those before its own away. Keys are never used twice.
    """

    class What(models.TextChoices):
        NAMES = "names"
        THESAURUS = "thesaurus"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    what = models.CharField(max_length=10, choices=What)

    class Meta:
        verbose_name = verbose_name_plural = "名称变动"

    def __str__(self):
        return f"{self.what} {self.id}"
