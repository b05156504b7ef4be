import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

LEAST_WEIGHT, MOST_WEIGHT = 0.05, 0.95
USUAL_WEIGHT = 0.7
_SEPARATORS = re.compile(r"[\s,，、;；]+")


def split_words(text: str) -> list[str]:
    """The words of a list as an editor types it."""
    return [word for word in _SEPARATORS.split(text) if word]


class SynonymGroup(models.Model):
    """Words of like meaning. A search for one also looks for the others, for less (`catalog.search.names.thesaurus`).

    With `targets`, a search for one of `words` looks for the targets too, and not the other way round.
    """

    words = models.TextField("词语", help_text="每行一个，或用空格、逗号、顿号分开；繁体、简体写一种即可")
    targets = models.TextField(
        "只查向", blank=True, help_text="留空时，上面的词互相算作近义词；填写后，查上面的词时也查这里的词，反过来不查"
    )
    weight = models.FloatField(
        "权重",
        default=USUAL_WEIGHT,
        validators=[MinValueValidator(LEAST_WEIGHT), MaxValueValidator(MOST_WEIGHT)],
        help_text="0.05 到 0.95：越小，由近义词找到的案例排得越靠后；原词总是排在前面",
    )
    enabled = models.BooleanField("启用", default=True)
    note = models.CharField("备注", max_length=200, blank=True)
    seed = models.CharField(max_length=32, null=True, blank=True, unique=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "近义词"
        ordering = ["words"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weight__gte=LEAST_WEIGHT, weight__lte=MOST_WEIGHT), name="synonym_group_weight"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="synonym_group_not_empty"),
        ]

    def __str__(self):
        words = "、".join(split_words(self.words))
        return f"{words} → {'、'.join(split_words(self.targets))}" if self.targets else words

    def clean(self):
        words, targets = split_words(self.words), split_words(self.targets)
        if len(set(words)) < (1 if targets else 2):
            raise ValidationError({"words": "至少要有两个不同的词，或者在“只查向”里填写词语。"})
