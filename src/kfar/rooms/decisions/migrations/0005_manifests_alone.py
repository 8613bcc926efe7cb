from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """What stands in the manifest stands nowhere else."""

    dependencies = [("decisions", "0004_questions_declare")]

    operations = [
        migrations.RemoveConstraint("question", "closes_after_asked"),
        migrations.RemoveConstraint("question", "closed_has_a_result"),
        *[
            migrations.RemoveField("question", name)
            for name in ("text", "options", "method", "pledge", "pledge_due")
        ],
        migrations.RemoveField("ballot", "choices"),
        migrations.AlterField(
            "question",
            "manifest",
            models.TextField(help_text="As it stands in the log: proving/manifest.py."),
        ),
        migrations.AlterField("question", "opens_at", models.DateTimeField()),
        migrations.AlterField(
            "question",
            "result",
            models.JSONField(help_text="What was counted, from the close on.", null=True),
        ),
        migrations.AlterField(
            "ballot",
            "text",
            models.CharField(help_text="As kfar.ground.ballots writes it.", max_length=800),
        ),
        migrations.AlterField("ballot", "tracker", models.CharField(max_length=16, unique=True)),
        migrations.AlterField("ballot", "nonce", models.CharField(max_length=64)),
        migrations.AlterField("ballot", "aside", models.SlugField(blank=True)),
        migrations.AddConstraint(
            "question",
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="closes_after_it_opens"
            ),
        ),
        migrations.AddConstraint(
            "question",
            models.CheckConstraint(
                condition=Q(closed_at=None, result=None, withdrawn=None)
                | Q(closed_at__isnull=False, result__isnull=False, withdrawn=None)
                | Q(closed_at__isnull=False, result=None, withdrawn__isnull=False),
                name="closed_has_a_result_or_a_reason",
            ),
        ),
    ]
