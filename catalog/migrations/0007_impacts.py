from django.db import migrations, models

NOTHING = b""


class Migration(migrations.Migration):
    """What a lexeme says about a case is a byte beside it, and a posting list has these bytes.

    The entries are made anew by `rebuild_index`, which the new stamp asks for; until then the lexemes of each say nothing
    and what matches is in no order of its own. A snapshot of the old form cannot be read, nor can a rebuild go on that
    was broken off.
    """

    dependencies = [("catalog", "0006_name_changes")]

    operations = [
        migrations.RunSQL(
            "TRUNCATE catalog_snapshot, catalog_snapshotcolumn, catalog_postinglist, catalog_championlist",
            migrations.RunSQL.noop,
        ),
        migrations.DeleteModel("ChampionList"),
        migrations.AddField(
            "postinglist", "impacts", models.BinaryField(default=NOTHING), preserve_default=False
        ),
        migrations.RemoveField("searchtext", "weights"),
        migrations.AddField("searchtext", "impacts", models.BinaryField(default=NOTHING), preserve_default=False),
        migrations.RunSQL(
            r"""
            UPDATE catalog_searchtext AS content
            SET impacts = decode(repeat('00', cardinality(string_to_array(lexemes, E'\x02'))), 'hex')
            FROM catalog_searchentry AS entry WHERE entry.case_id = content.case_id;
            DROP SCHEMA IF EXISTS search_next CASCADE;
            """,
            migrations.RunSQL.noop,
        ),
    ]
