from pathlib import Path

import duckdb
from django.conf import settings
from django.db import migrations, models


def widths(apps, schema_editor):
    """Look how many columns each file has: those of before have fewer."""
    for segment in apps.get_model("lake", "Segment").objects.all():
        file = settings.KFAR_DATA_DIR / "lake" / segment.name
        if file.exists():
            with duckdb.connect() as alone:
                names = alone.execute("SELECT * FROM read_parquet($f) LIMIT 0", {"f": str(file)})
                segment.width = len(names.description)
            segment.save(update_fields=["width"])


def batches(apps, schema_editor):
    """Keep the names of batches apart from the files: files are joined."""
    Batch, Segment = apps.get_model("lake", "Batch"), apps.get_model("lake", "Segment")
    names = Segment.objects.exclude(batch__startswith="inbox/").values_list("batch", flat=True)
    Batch.objects.bulk_create([Batch(name=name) for name in names], batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [
        ('lake', '0004_positions'),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='IdRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('rows', models.PositiveBigIntegerField()),
                ('gone', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name='segment',
            name='width',
            field=models.PositiveSmallIntegerField(default=24),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='segment',
            name='depth',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='segment',
            name='ordered',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='segment',
            name='noted',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(widths, migrations.RunPython.noop),
        migrations.RunPython(batches, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='segment',
            name='batch',
        ),
    ]
