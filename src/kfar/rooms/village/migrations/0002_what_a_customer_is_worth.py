from django.db import migrations, models
from django.db.models import F


def fixed(apps, schema_editor):
    """What was the same for every customer stays so."""
    apps.get_model("village", "Authority").objects.update(cap=F("floor"))


class Migration(migrations.Migration):
    dependencies = [("village", "0001_initial")]

    operations = [
        migrations.RenameField("authority", "limit", "floor"),
        migrations.AddField(
            "authority", "cap", models.PositiveBigIntegerField(default=0), preserve_default=False
        ),
        migrations.AddField(
            "authority",
            "share",
            models.PositiveIntegerField(default=0, help_text="Of ten thousand."),
        ),
        migrations.RunPython(fixed, migrations.RunPython.noop),
        migrations.AddConstraint(
            "authority",
            models.CheckConstraint(
                condition=models.Q(cap__gte=F("floor"), share__lte=10000), name="limits_in_order"
            ),
        ),
    ]
