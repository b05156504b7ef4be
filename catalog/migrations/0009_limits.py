from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models.functions import Cast, Length
from django.db.models.lookups import LessThanOrEqual


def check(name: str, condition, message: str) -> AddConstraintNotValid:
    constraint = models.CheckConstraint(condition=condition, name=name, violation_error_message=message)
    return AddConstraintNotValid("case", constraint)


class Migration(migrations.Migration):
    """How long a case may be. Of the cases that are there some may be longer: these are not looked at, and hold the
    limits when they are written the next time.
    """

    dependencies = [("catalog", "0008_changed_cases")]

    operations = [
        check("case_summary_length", LessThanOrEqual(Length("summary"), 20000), "案例简介超过 20000 字"),
        check("case_body_length", LessThanOrEqual(Length("body"), 500000), "正文超过 500000 字"),
        check(
            "case_captions_length",
            models.Q(captions__len__lte=1000)
            & LessThanOrEqual(Length(Cast("captions", models.TextField())), 400000),
            "图片说明太多或太长",
        ),
        check("case_authors_number", models.Q(authors__len__lte=200), "作者超过 200 位"),
    ]
