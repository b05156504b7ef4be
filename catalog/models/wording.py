"""What the catalogue's wording is known by besides its texts. Every row can be made again from the cases."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models


class Phrase(models.Model):
    """A run of words that the texts use, and how many of the texts that were looked at have it. Folded.

    Written by `catalog.search.wording.gather`; queries are repaired and completed by it.
    """

    text = models.CharField(max_length=16, primary_key=True, db_collation="C")
    texts = models.PositiveIntegerField()

    def __str__(self):
        return self.text


class CaseTitle(models.Model):
    """How the title of a case may be typed: folded, as pinyin, as initials, and by its pairs of characters.

    Written by `catalog.search.titles`, for suggestions.
    """

    case = models.OneToOneField("catalog.Case", models.CASCADE, primary_key=True, related_name="typed_title")
    title = models.TextField()
    folded = models.TextField()
    sound = models.TextField()
    initials = models.TextField()
    pairs = ArrayField(models.CharField(max_length=2))

    class Meta:
        indexes = [
            models.Index(OpClass("folded", name="text_pattern_ops"), name="case_title_folded"),
            models.Index(OpClass("sound", name="text_pattern_ops"), name="case_title_sound"),
            models.Index(OpClass("initials", name="text_pattern_ops"), name="case_title_initials"),
            GinIndex(fields=["pairs"], name="case_title_pairs"),
        ]

    def __str__(self):
        return self.title
