"""The command line: `kfar demo`, `serve`, `import`, `doctor` and more."""

from __future__ import annotations

import os
import sys

#: What `kfar demo` is, unless the environment says otherwise.
DEMO = {
    "KFAR_DEMO": "1",
    "KFAR_DATA_DIR": "kfar-data/demo",
    "KFAR_COMPANY": "The Complete Journey",
    "KFAR_TIME_ZONE": "America/New_York",
    "KFAR_CURRENCY": "USD",
    "KFAR_LOG_LEVEL": "WARNING",
}
#: Commands that need no Kfar set up.
ALONE = (["count"], ["verify"], ["witness"])


def main() -> None:
    """Run the command line; say plainly what is wrong with a setting or the data directory."""
    if sys.argv[1:2] in ALONE:  # they need no settings, no data, and so none of their time
        from kfar.doors.cli.alone import app as alone

        alone(prog_name="kfar")
        return
    import django
    from pydantic import ValidationError
    from rich.console import Console

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kfar.settings.project")
    if sys.argv[1:2] == ["demo"]:
        for name, value in DEMO.items():
            os.environ.setdefault(name, value)
    try:
        django.setup()
    except ValidationError as error:
        for problem in error.errors():
            name = f"KFAR_{problem['loc'][0]}".upper()
            Console(stderr=True).print(f"[red]{name}[/]: {problem['msg']}")
        Console(stderr=True).print("See docs/reference/settings.md for what each setting means.")
        sys.exit(2)
    except OSError as error:
        where = error.filename or "the data directory"
        Console(stderr=True).print(f"[red]{where}[/]: {error.strerror}. See KFAR_DATA_DIR.")
        sys.exit(2)
    from kfar.doors.cli.commands import app

    app()
