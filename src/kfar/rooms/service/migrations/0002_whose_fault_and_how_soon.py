from django.db import migrations, models
from django.db.models import F


def decided(apps, schema_editor):
    """What was decided before was first decided then, as far as anybody knows."""
    apps.get_model("service", "Case").objects.update(first_decided_at=F("decided_at"))


class Migration(migrations.Migration):
    dependencies = [("service", "0001_initial")]

    operations = [
        migrations.AddField("case", "first_decided_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "case",
            "asked_at",
            models.DateTimeField(help_text="First handed to somebody.", null=True),
        ),
        migrations.AddField(
            "remedy",
            "fault",
            models.CharField(
                choices=[("ours", "ours"), ("partly", "partly"), ("nobodys", "nobodys")],
                default="ours",
                max_length=20,
            ),
        ),
        migrations.RunPython(decided, migrations.RunPython.noop),
    ]
