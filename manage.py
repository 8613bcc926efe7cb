"""Django's own commands, for those who build Kfar: `python manage.py makemigrations`."""

import os

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kfar.settings.project")
    execute_from_command_line()
