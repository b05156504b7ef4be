import uuid

from django.db import migrations, models

# What a reader compares is documented with the model. A statement of fifty tidies up after the others: those lines
# that nobody else is about to take away, so that it never waits. Where names are restored from a dump the search path
# is empty, therefore the function has its own.
FUNCTION = """
CREATE FUNCTION catalog_names_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    IF random() < 0.02 THEN
        DELETE FROM catalog_namechange WHERE id IN (
            SELECT id FROM catalog_namechange WHERE what = TG_ARGV[0] FOR UPDATE SKIP LOCKED
        );
    END IF;
    INSERT INTO catalog_namechange (id, what) VALUES (gen_random_uuid(), TG_ARGV[0]);
    RETURN NULL;
END
$$
"""
CHANGED = {
    "catalog_bank": "names",
    "catalog_bankalias": "names",
    "catalog_product": "names",
    "catalog_productalias": "names",
    "catalog_synonymgroup": "thesaurus",
}


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_snapshot")]

    operations = [
        migrations.CreateModel(
            name="NameChange",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "what",
                    models.CharField(choices=[("names", "Names"), ("thesaurus", "Thesaurus")], max_length=10),
                ),
            ],
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION catalog_names_changed()"),
        *[
            migrations.RunSQL(
                f"CREATE TRIGGER names_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION catalog_names_changed('{what}')",
                f"DROP TRIGGER names_changed ON {table}",
            )
            for table, what in CHANGED.items()
        ],
        # So that the names of two databases never have the same version.
        migrations.RunSQL(
            "INSERT INTO catalog_namechange VALUES (gen_random_uuid(), 'names'), (gen_random_uuid(), 'thesaurus')",
            "DELETE FROM catalog_namechange",
        ),
    ]
