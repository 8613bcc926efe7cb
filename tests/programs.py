"""Programs started by tests: Kfar in a process of its own, which may be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

SETUP = "import django; django.setup()\n"


def run(code: str, data_dir: Path, *, status: int = 0) -> str:
    """Run Python code in a Kfar whose data is in `data_dir`; return what it printed.

    Fails where the process does not end with `status` (-9: killed).
    """
    environment = {name: v for name, v in os.environ.items() if not name.startswith("KFAR_")}
    environment |= {
        "KFAR_DATA_DIR": str(data_dir),
        "KFAR_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "kfar.settings.project",
    }
    done = subprocess.run(
        [sys.executable, "-c", SETUP + dedent(code)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout.strip()
