"""The command line: `kfar demo`, `serve`, `import`, `doctor` and more."""

from __future__ import annotations

import os

import django


def main() -> None:
    """Run the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kfar.settings.project")
    django.setup()
    from kfar.doors.cli.commands import app

    app()
