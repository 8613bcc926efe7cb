from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lake', '0006_nothing_of_what_was_deleted'),
    ]

    operations = [
        migrations.CreateModel(
            name='Noted',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lock', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=60)),
            ],
        ),
    ]
