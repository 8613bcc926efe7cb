import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Doors: marks of voters, codes, counts, and keywords of questions."""

    dependencies = [
        ("decisions", "0007_consultations"),
        ("village", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Code",
            fields=[
                (
                    "sent_to",
                    models.CharField(
                        help_text="Of the question, too.",
                        max_length=32,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("code", models.CharField(max_length=32)),
                ("until", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "mark",
                    models.CharField(help_text="Of the question, too.", max_length=32, unique=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Minted",
            fields=[
                ("voter", models.BigIntegerField(primary_key=True, serialize=False)),
                ("network", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Spent",
            fields=[
                ("key", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("times", models.PositiveIntegerField()),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="ballot",
            name="cleared",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="question",
            name="keyword",
            field=models.CharField(
                blank=True, help_text="By which it goes in text messages.", max_length=12
            ),
        ),
        migrations.AddConstraint(
            model_name="question",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None), models.Q(("keyword", ""), _negated=True)),
                fields=("keyword",),
                name="keyword_of_one_open_question",
            ),
        ),
        migrations.AddField(
            model_name="code",
            name="question",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="codes",
                to="decisions.question",
            ),
        ),
        migrations.AddField(
            model_name="mark",
            name="question",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="marks",
                to="decisions.question",
            ),
        ),
        migrations.AddField(
            model_name="mark",
            name="voter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="marks",
                to="decisions.voter",
            ),
        ),
        migrations.AddField(
            model_name="minted",
            name="question",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="minted",
                to="decisions.question",
            ),
        ),
        migrations.AddIndex(
            model_name="spent",
            index=models.Index(fields=["until"], name="spent_until"),
        ),
        migrations.AddIndex(
            model_name="minted",
            index=models.Index(fields=["question", "network", "at"], name="minted_from"),
        ),
    ]
