import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A ballot costs fewer indexes: no reader asked for these."""

    dependencies = [("decisions", "0009_votes_of_consultations_sealed")]

    operations = [
        migrations.AlterField(
            model_name="ballot",
            name="aside",
            field=models.SlugField(blank=True, db_index=False),
        ),
        migrations.AlterField(
            model_name="ballot",
            name="tracker",
            field=models.CharField(max_length=16),
        ),
        migrations.AlterField(
            model_name="voter",
            name="question",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="voters",
                to="decisions.question",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(fields=("tracker",), name="tracker_once"),
        ),
    ]
