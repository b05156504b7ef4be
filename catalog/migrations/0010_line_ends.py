from django.db import migrations

REPAIR = r"""
UPDATE catalog_case
SET summary = regexp_replace(summary, E'\r\n?', E'\n', 'g'), body = regexp_replace(body, E'\r\n?', E'\n', 'g')
WHERE (strpos(summary, E'\r') > 0 OR strpos(body, E'\r') > 0)
    AND length(summary) <= 20000 AND length(body) <= 500000 AND cardinality(captions) <= 1000
    AND length(captions::text) <= 400000 AND cardinality(authors) <= 200;
UPDATE catalog_category SET slogans = regexp_replace(slogans, E'\r\n?', E'\n', 'g') WHERE strpos(slogans, E'\r') > 0;
UPDATE catalog_synonymgroup
SET words = regexp_replace(words, E'\r\n?', E'\n', 'g'), targets = regexp_replace(targets, E'\r\n?', E'\n', 'g')
WHERE strpos(words, E'\r') > 0 OR strpos(targets, E'\r') > 0;
"""


class Migration(migrations.Migration):
    """Browsers had sent every line's end as CR LF: a case that was only looked at and saved counted as edited, and took
    no new text from its document any more. Cases beyond the limits of 0009 cannot be written: they stay as they are.
    """

    dependencies = [("catalog", "0009_limits")]

    operations = [migrations.RunSQL(REPAIR, migrations.RunSQL.noop)]
