"""Clients in JavaScript: packages from npm, at the versions of the lock file, installed once.

Where there is no Node these tests are skipped; under `CI=true` that is a failure.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "node"
CACHE = Path(__file__).parents[4] / "test-results" / "node"


@dataclass(frozen=True)
class Node:
    """Node, and the folder of the packages."""

    program: str
    modules: Path

    def tell(self, client: str, url: str, key: str, *, gzip: bool = False) -> list[str]:
        """Let a client tell the six calls; return what it could not."""
        given = json.dumps({"client": client, "url": url, "key": key, "gzip": gzip})
        done = subprocess.run(
            [self.program, str(HERE / "tell.cjs"), given],
            env={**os.environ, "NODE_PATH": str(self.modules)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        failed: list[str] = json.loads(done.stdout.splitlines()[-1])
        return failed


@pytest.fixture(scope="session")
def node() -> Node:
    """Node with the clients' packages."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if not program or not npm:
        if os.environ.get("CI") == "true":
            pytest.fail("No Node found: the clients in JavaScript cannot be tried.")
        pytest.skip("no Node found")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = CACHE / sha256(lock).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "installing").open("w") as installing:
        fcntl.flock(installing, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=folder,
                check=True,
                capture_output=True,
                timeout=300,
            )
            (folder / "installed").touch()
    return Node(program, folder / "node_modules")
