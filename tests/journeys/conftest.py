"""A Kfar that really runs, for journeys: its own data directory, its own port, two customers."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.mailboxes import DOVECOT, Mailserver, dovecot

#: Who works here, and what each is called in the links.
STAFF = [
    ("noa@village.example", "Noa Levi", "service"),
    ("dana@village.example", "Dana Azulay", "lead"),
    ("tomasz@village.example", "Tomasz Nowak", "brand"),
]

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
from tests.rooms.insight import world
people = world.begin()
print(f"/customers/{max(people.people, key=lambda one: len(people.of(one)))}/known/")
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
    environment: dict[str, str]
    mailserver: Mailserver | None = None

    def run(self, code: str) -> str:
        """Run some code in that Kfar; return what it prints."""
        return python(code, self.environment)

    def kfar(self, *words: str, typed: str = "") -> None:
        """Run a command of that Kfar, and type what it asks for."""
        command = [sys.executable, "-m", "kfar", *words]
        subprocess.run(command, env=self.environment, input=typed, text=True, check=True)


@pytest.fixture(scope="session")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """Start `kfar serve` on three customers' purchases; stop it at the end."""
    with ExitStack() as stack:
        mailserver = stack.enter_context(dovecot()) if DOVECOT.exists() else None
        yield from _village(tmp_path_factory, mailserver)


def _village(
    tmp_path_factory: pytest.TempPathFactory, mailserver: Mailserver | None
) -> Iterator[Village]:
    folder = tmp_path_factory.mktemp("village")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environment = {name: v for name, v in os.environ.items() if not name.startswith("KFAR_")}
    environment |= {
        "KFAR_DATA_DIR": str(folder / "data"),
        "KFAR_PORT": str(port),
        "KFAR_URL": url,
        "KFAR_DEMO": "1",
        "KFAR_COMPANY": "The Corner Shop",
        "KFAR_TIME_ZONE": "Asia/Jerusalem",
        "KFAR_LOG_LEVEL": "WARNING",
        "KFAR_LEFT_ALONE": "0",
        "KFAR_REACH": "127.0.0.1",
    }
    if mailserver is not None:
        environment["KFAR_IMAP_URL"] = mailserver.url
        environment["SSL_CERT_FILE"] = str(mailserver.folder / "cert.pem")

    def kfar(*words: str) -> None:
        subprocess.run([sys.executable, "-m", "kfar", *words], env=environment, check=True)

    people = folder / "people.csv"
    rows = [
        row.format(n=name)
        for name in ("anna", "boaz", "celina", "dalia", "eitan", "gila", "hadar")
        for row in ROWS
    ]
    people.write_text("\n".join([COLUMNS, *rows]) + "\n")
    kfar("setup")
    kfar("import", str(people), "--source", "shop")
    known = python(WORLD, environment).strip()
    kfar("insight", "refresh")
    links = _links(environment)
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "kfar", "serve"], env=environment, stdout=log, stderr=log
    )
    try:
        _wait(url, server)
        yield Village(url, links, known, environment, mailserver)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        log.close()
    said = (folder / "log").read_text()
    assert "request.failed" not in said, said


def _links(environment: dict[str, str]) -> dict[str, str]:
    code = f"""
from kfar.doors import links
from kfar.rooms.village import commands
for email, name, role in {STAFF!r}:
    commands.employ(email=email, name=name, role=role)
    print(email, links.demo(commands.admit(email=email)))
"""
    printed = python(code, environment)
    return dict(re.findall(r"^(\S+@\S+) (\S+)$", printed, re.MULTILINE))


def python(code: str, environment: dict[str, str]) -> str:
    """Run some code in that Kfar; return what it prints."""
    code = f"import django; django.setup()\n{code}"
    environment = environment | {"DJANGO_SETTINGS_MODULE": "kfar.settings.project"}
    return subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)


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
