from django.db import migrations

# PostgreSQL keeps the words as it compares them: made anew for each row, they took ten times as
# long to look through as the rows. SQLite's index has its own table.
FOUND = [
    "DROP INDEX voice_sought_words",
    "ALTER TABLE voice_sought ADD COLUMN found tsvector"
    " GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED",
    "CREATE INDEX voice_sought_words ON voice_sought USING gin (found)",
]
MADE_ANEW = [
    "DROP INDEX voice_sought_words",
    "ALTER TABLE voice_sought DROP COLUMN found",
    "CREATE INDEX voice_sought_words ON voice_sought USING gin (to_tsvector('simple', words))",
]


def keep(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in FOUND:
            schema_editor.execute(statement)


def unkeep(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in MADE_ANEW:
            schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0016_until_full'),
    ]

    operations = [
        migrations.RunPython(keep, unkeep),
    ]
