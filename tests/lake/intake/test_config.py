"""The configuration of NATS that the docs tell operators to use."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import kfar
from tests.brokers import nats_server

PAGE = Path(kfar.__file__).parents[2] / "docs/how-to/grow.md"


def test_nats_takes_the_configuration_in_the_docs(tmp_path: Path) -> None:
    found = re.search(r"(?s)```text\n(server_name:.*?)```", PAGE.read_text())
    assert found
    assert re.search(r"(?m)^ +sync_interval: always$", found.group(1))
    config = tmp_path / "nats.conf"
    config.write_text(found.group(1).replace("/var/lib/nats", str(tmp_path)))
    done = subprocess.run(
        [nats_server(), "-t", "-c", str(config)],
        env={**os.environ, "KFAR_PASSWORD": "secret"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
