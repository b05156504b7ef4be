from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """From here on the database refuses other line ends. What 0010 could not repair is not looked at."""

    dependencies = [("catalog", "0010_line_ends")]

    operations = [
        AddConstraintNotValid(
            "case",
            models.CheckConstraint(
                condition=~(models.Q(summary__contains="\r") | models.Q(body__contains="\r")),
                name="case_line_ends",
                violation_error_message="换行须是 LF",
            ),
        )
    ]
