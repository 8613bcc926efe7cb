from django.db import migrations, models


class Migration(migrations.Migration):
    """What was voted and said in a consultation is bound in its log."""

    dependencies = [("decisions", "0008_how_voters_are_known")]

    operations = [
        migrations.AlterField(
            model_name="consultation",
            name="manifest",
            field=models.TextField(help_text="As it stands in the log: proving/consultation.py."),
        ),
        migrations.AddField(
            model_name="participant",
            name="nonce",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="participant",
            name="sealed",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="statement",
            name="nonce",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
    ]
