from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from catalog.migrations._lexemes import LEXEMES

NAME = "search_entry_lexemes"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_wording_and_thesaurus")]

    operations = [
        # The same index with another setting: nothing to build.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"ALTER INDEX {NAME} SET (fastupdate = on)", f"ALTER INDEX {NAME} SET (fastupdate = off)"
                )
            ],
            state_operations=[
                migrations.RemoveIndex("searchentry", NAME),
                migrations.AddIndex("searchentry", GinIndex(LEXEMES, name=NAME)),
            ],
        ),
    ]
