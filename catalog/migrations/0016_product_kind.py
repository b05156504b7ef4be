from django.db import migrations, models

# What the ending of a name says plainly, as imports guess it from now on (`catalog.text.product_kinds`, then).
GUESS = r"""
UPDATE catalog_product SET kind = guessed FROM (
    SELECT id, CASE
        WHEN plain ~ '([还放助骗断抽惜催压不信借]贷|[还讨逃负欠躲]债)款?$' THEN 'undecided'
        WHEN plain ~ '.(贷|贷款)$' THEN 'loan'
        WHEN plain ~ '.(债|债券)$' THEN 'bond'
        WHEN plain ~ '.(平台|系统|小程序|app)$' THEN 'platform'
        WHEN plain ~ '.服务$' THEN 'service'
        WHEN plain ~ '.活动$' THEN 'activity'
        ELSE 'undecided'
    END AS guessed
    FROM (SELECT id, regexp_replace(key, '\([^()]*\)$', '') AS plain FROM catalog_product) AS names
) AS guesses
WHERE guesses.id = catalog_product.id AND guessed <> 'undecided'
"""


class Migration(migrations.Migration):
    """A product has a kind."""

    dependencies = [("catalog", "0015_names")]

    operations = [
        migrations.AddField(
            "product",
            "kind",
            models.CharField(
                choices=[
                    ("loan", "贷款"),
                    ("bond", "债券"),
                    ("platform", "平台"),
                    ("service", "服务"),
                    ("activity", "活动"),
                    ("undecided", "未定"),
                ],
                db_default="undecided",
                default="undecided",
                max_length=9,
                verbose_name="种类",
            ),
        ),
        migrations.RunSQL(GUESS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "product",
            models.CheckConstraint(
                condition=models.Q(kind__in=["loan", "bond", "platform", "service", "activity", "undecided"]),
                name="product_kind",
            ),
        ),
    ]
