from django.db import migrations


def vacuum(apps, schema_editor):
    """Leave nothing of rows that were deleted before SQLite was told to overwrite them."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("VACUUM")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('lake', '0005_compaction_and_erasure'),
    ]

    operations = [
        migrations.RunPython(vacuum, migrations.RunPython.noop),
    ]
