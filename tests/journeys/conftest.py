"""A Kfar that really runs, for journeys: its own data directory, its own port, two customers."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests import made
from tests.mailboxes import DOVECOT, Mailserver, dovecot
from tests.programs import environment, run

#: Who works here, and what each is called in the links.
STAFF = [
    ("noa@village.example", "Noa Levi", "service"),
    ("dana@village.example", "Dana Azulay", "lead"),
    ("tomasz@village.example", "Tomasz Nowak", "brand"),
]

SETTINGS = {
    "KFAR_DEMO": "1",
    "KFAR_COMPANY": "The Corner Shop",
    "KFAR_TIME_ZONE": "Asia/Jerusalem",
    "KFAR_LOG_LEVEL": "WARNING",
    "KFAR_LEFT_ALONE": "0",
    "KFAR_REACH": "127.0.0.1",
}
COLUMNS = "customer,email,at,channel,kind,place,basket,product_name,category,units,paid,currency"
ROWS = [
    f"{{n}},{{n}}@village.example,{at},store,purchase,7,{{n}}-{basket},{product},{units},{paid},USD"
    for at, basket, product, units, paid in [
        ("2026-01-03T09:30:00Z", 1, "RYE BREAD,BREAD", 1, "4.20"),
        ("2026-01-03T09:30:00Z", 1, "WHOLE MILK 1 L,MILK", 2, "3.10"),
        ("2026-02-11T17:05:00Z", 2, "WHOLE MILK 1 L,MILK", 1, "1.55"),
    ]
]


#: A company of which something can be learned, beside the three.
WORLD = """
from kfar.doors.cli.commands import app
from tests.rooms.insight import world

def kfar(*words):
    assert not app(words, standalone_mode=False)

kfar("setup")
kfar("import", {rows!r}, "--source", "shop")
people = world.begin()
kfar("insight", "refresh")
print(f"/customers/{{max(people.people, key=lambda one: len(people.of(one)))}}/known/")
"""
COMMAND = """
import io, sys
from kfar.doors.cli.commands import app
sys.stdin = io.StringIO({typed!r})
assert not app({words!r}, standalone_mode=False)
"""
EMPLOY = f"""
from kfar.doors import links
from kfar.rooms.village import commands
for email, name, role in {STAFF!r}:
    commands.employ(email=email, name=name, role=role)
    print(email, links.demo(commands.admit(email=email)))
"""


@dataclass(frozen=True)
class Village:
    """Where it runs, and the one-click links of the people who work here, by address.

    `known` leads to what is known of somebody who comes often, `mailserver` is where customers
    write to, None where there is no Dovecot.
    """

    url: str
    links: dict[str, str]
    known: str
    folder: Path
    settings: dict[str, str]
    mailserver: Mailserver | None = None

    def run(self, code: str) -> str:
        """Run some code in that Kfar; return what it prints."""
        return run(code, self.folder, status=0, **self.settings)

    def kfar(self, *words: str, typed: str = "") -> None:
        """Run a command of that Kfar, and type what it asks for."""
        self.run(COMMAND.format(words=words, typed=typed))


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Start `kfar serve` on three customers' purchases; stop it at the end."""
    with ExitStack() as stack:
        mailserver = stack.enter_context(dovecot()) if DOVECOT.exists() else None
        yield from _village(tmp_path_factory, mailserver)


def _village(
    tmp_path_factory: pytest.TempPathFactory, mailserver: Mailserver | None
) -> Iterator[Village]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    settings = SETTINGS | {"KFAR_PORT": str(port), "KFAR_URL": url}
    if mailserver is not None:
        settings["KFAR_IMAP_URL"] = mailserver.url
        settings["SSL_CERT_FILE"] = str(mailserver.folder / "cert.pem")
    folder = tmp_path_factory.mktemp("village")
    data = Path(shutil.copytree(begun(), folder / "data"))
    links = dict(
        re.findall(r"^(\S+@\S+) (\S+)$", run(EMPLOY, data, status=0, **settings), re.MULTILINE)
    )
    log = (folder / "log").open("wb")
    command = [sys.executable, "-m", "kfar", "serve"]
    server = subprocess.Popen(command, env=environment(data, **settings), stdout=log, stderr=log)
    try:
        _wait(url, server)
        yield Village(url, links, (data / "known").read_text(), data, settings, mailserver)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        log.close()
    said = (folder / "log").read_text()
    assert "request.failed" not in said, said


@pytest.fixture(autouse=True)
def _all_go_home(browser: Browser) -> Iterator[None]:
    """Leave no page open behind a journey, where it would go on asking and drawing."""
    yield
    for context in browser.contexts:
        context.close()


def begun() -> Path:
    """Return a data directory to copy: set up, with three customers' purchases and the company."""

    def begin(folder: Path) -> None:
        people = folder / "people.csv"
        rows = [
            row.format(n=name)
            for name in ("anna", "boaz", "celina", "dalia", "eitan", "gila", "hadar")
            for row in ROWS
        ]
        people.write_text("\n".join([COLUMNS, *rows]) + "\n")
        shutil.copytree(made.migrated(), folder, dirs_exist_ok=True)
        said = run(WORLD.format(rows=str(people)), folder, status=0, **SETTINGS)
        (folder / "known").write_text(said.splitlines()[-1])

    return made.once("village", begin)


def _wait(url: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert server.poll() is None, "kfar serve ended"
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"{url} did not answer in {seconds} s")
