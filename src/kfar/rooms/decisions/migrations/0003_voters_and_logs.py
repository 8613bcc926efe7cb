import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q

TIERS = ["account", "email", "sms", "link"]


class Migration(migrations.Migration):
    """Invitations become voters; what a manifest, a log and its heads need is added."""

    dependencies = [("customers", "0004_erasure"), ("decisions", "0002_invitations_of_nobody")]

    operations = [
        migrations.RemoveConstraint("invitation", "asked_once"),
        migrations.RenameModel("Invitation", "Voter"),
        migrations.RenameField("ballot", "invitation", "voter"),
        migrations.AlterField(
            "voter",
            "customer",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="voters",
                to="customers.customer",
            ),
        ),
        migrations.AlterField(
            "voter",
            "question",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="voters",
                to="decisions.question",
            ),
        ),
        migrations.AddField(
            "voter",
            "number",
            models.PositiveSmallIntegerField(default=1, help_text="Of a customer's ballots."),
        ),
        migrations.AddField(
            "voter",
            "tier",
            models.CharField(choices=[(t, t) for t in TIERS], default="email", max_length=10),
        ),
        migrations.AddConstraint(
            "voter",
            models.UniqueConstraint(fields=["question", "customer", "number"], name="voter_once"),
        ),
        migrations.AddField("question", "manifest", models.TextField(default="")),
        migrations.AddField("question", "opens_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "question",
            "withdrawn",
            models.JSONField(help_text="Why it was taken back, by language.", null=True),
        ),
        migrations.AddField("ballot", "text", models.CharField(default="", max_length=800)),
        migrations.AddField("ballot", "tracker", models.CharField(max_length=16, null=True)),
        migrations.AddField("ballot", "nonce", models.CharField(default="", max_length=64)),
        migrations.AddField("ballot", "sealed", models.BigIntegerField(null=True)),
        migrations.AddField("ballot", "aside", models.SlugField(blank=True, default="")),
        migrations.AddIndex(
            "ballot",
            models.Index(condition=Q(sealed=None), fields=["cast_at"], name="ballot_unsealed"),
        ),
        migrations.CreateModel(
            "Page",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("log", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("lines", models.TextField()),
                ("root", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["log", "number"], name="page_once")
                ],
            },
        ),
        migrations.CreateModel(
            "Head",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("log", models.UUIDField()),
                ("size", models.BigIntegerField()),
                ("note", models.TextField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["log", "size"], name="head_once")],
            },
        ),
    ]
