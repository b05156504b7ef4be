from django.db import models


class SearchedText(models.Model):
    """How often a text was searched on a day, and how it ended. Of who asked nothing is known.

    `hours`: in how many different hours of the day; what is asked in one hour alone may be one person's.
    """

    class Outcome(models.TextChoices):
        FOUND = "found", "找到"
        PARTLY = "partly", "只有相近的"
        NOTHING = "nothing", "没有找到"

    day = models.DateField("日期")
    text = models.CharField("检索词", max_length=40)
    outcome = models.CharField("结果", max_length=7, choices=Outcome)
    times = models.PositiveIntegerField("次数")
    hours = models.PositiveSmallIntegerField("小时数")
    last_hour = models.PositiveSmallIntegerField("最后的小时")

    class Meta:
        verbose_name = verbose_name_plural = "检索统计"
        constraints = [models.UniqueConstraint(fields=["day", "text", "outcome"], name="searched_text_a_day")]

    def __str__(self):
        return f"{self.text}（{self.get_outcome_display()}）"


class UsedFilter(models.Model):
    """How often a list was narrowed by a value of a facet on a day."""

    day = models.DateField("日期")
    name = models.CharField("筛选", max_length=20)
    value = models.CharField("值", max_length=200)
    times = models.PositiveIntegerField("次数")

    class Meta:
        verbose_name = verbose_name_plural = "筛选统计"
        constraints = [models.UniqueConstraint(fields=["day", "name", "value"], name="used_filter_a_day")]

    def __str__(self):
        return f"{self.name}={self.value}"
