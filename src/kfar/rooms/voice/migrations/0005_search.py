import django.db.models.deletion
from django.db import migrations, models

from kfar.rooms.voice.searching.words import words

# SQLite's index holds no text of its own; triggers tell it what changes in the table.
INDEX = {
    "sqlite": [
        "CREATE VIRTUAL TABLE voice_sought_words USING fts5(words, content='voice_sought',"
        " content_rowid='id', detail=none, columnsize=0,"
        " tokenize='unicode61 remove_diacritics 0')",
        "CREATE TRIGGER voice_sought_new AFTER INSERT ON voice_sought BEGIN"
        " INSERT INTO voice_sought_words(rowid, words) VALUES (new.id, new.words); END",
        "CREATE TRIGGER voice_sought_gone AFTER DELETE ON voice_sought BEGIN"
        " INSERT INTO voice_sought_words(voice_sought_words, rowid, words)"
        " VALUES ('delete', old.id, old.words); END",
        "CREATE TRIGGER voice_sought_other AFTER UPDATE ON voice_sought BEGIN"
        " INSERT INTO voice_sought_words(voice_sought_words, rowid, words)"
        " VALUES ('delete', old.id, old.words);"
        " INSERT INTO voice_sought_words(rowid, words) VALUES (new.id, new.words); END",
    ],
    "postgresql": [
        "CREATE INDEX voice_sought_words ON voice_sought"
        " USING gin (to_tsvector('simple', words))"
    ],
}
NO_INDEX = {
    "sqlite": [
        "DROP TRIGGER voice_sought_new",
        "DROP TRIGGER voice_sought_gone",
        "DROP TRIGGER voice_sought_other",
        "DROP TABLE voice_sought_words",
    ],
    "postgresql": ["DROP INDEX voice_sought_words"],
}


def begin(apps, schema_editor):
    for statement in INDEX[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def end(apps, schema_editor):
    for statement in NO_INDEX[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def fill(apps, schema_editor):
    """Let the voices of before be found, too; `searching.commands.index` says the same of new."""
    Voice, Sought = apps.get_model("voice", "Voice"), apps.get_model("voice", "Sought")
    last, rows = 0, []
    for voice in Voice.objects.order_by("heard_at").iterator():
        mails = voice.mails.values_list("subject", "text")
        text = " ".join([voice.text, voice.about_name, *(part for mail in mails for part in mail)])
        last = max(last + 1, int(voice.heard_at.timestamp() * 1000) << 20)
        rows.append(Sought(id=last, voice=voice, words=" ".join(sorted(words(text)))))
        if len(rows) == 1000:
            Sought.objects.bulk_create(rows)
            rows = []
    Sought.objects.bulk_create(rows)


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0004_erasure'),
        ('voice', '0004_mails'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sought',
            fields=[
                ('id', models.BigIntegerField(help_text='By when it was heard.', primary_key=True, serialize=False)),
                ('words', models.TextField()),
                ('voice', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='sought', to='voice.voice')),
            ],
        ),
        migrations.RemoveIndex(
            model_name='voice',
            name='voice_open',
        ),
        migrations.AddIndex(
            model_name='voice',
            index=models.Index(condition=models.Q(('closed_at', None), ('read_at', None), ('told_at', None)), fields=['heard_at'], name='voice_unread'),
        ),
        migrations.AddIndex(
            model_name='voice',
            index=models.Index(condition=models.Q(('closed_at', None), ('read_at__isnull', False), ('told_at', None)), fields=['heard_at'], name='voice_read'),
        ),
        migrations.AddIndex(
            model_name='voice',
            index=models.Index(condition=models.Q(('closed_at', None), ('told_at__isnull', False)), fields=['heard_at'], name='voice_told'),
        ),
        migrations.AddIndex(
            model_name='voice',
            index=models.Index(condition=models.Q(('closed_at', None), _negated=True), fields=['closed_at'], name='voice_closed'),
        ),
        migrations.RunPython(begin, end),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
