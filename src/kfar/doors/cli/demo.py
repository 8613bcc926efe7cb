"""The demo: real purchases, three people who work here, and a door for each."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from http import HTTPStatus
from http.client import HTTPConnection

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kfar import loop
from kfar.doors import links
from kfar.rooms.touchpoints import completejourney, keys
from kfar.rooms.village import commands as village

STEPS = {
    "customers": "Meeting 2,469 households",
    "purchases": "A year of their purchases",
}
#: Events in a batch, and how often one is tried.
AT_ONCE, TRIES = 500, 20
#: Households one can be: some ninety visits each, and demographics.
HOUSEHOLDS = {"18": "English", "49": "Hebrew", "105": "Polish"}
#: Who works here, in the demo: address, name, role.
STAFF = [
    ("noa@demo.kfar.example", "Noa Levi", "service"),
    ("dana@demo.kfar.example", "Dana Azulay", "lead"),
    ("tomasz@demo.kfar.example", "Tomasz Nowak", "brand"),
]


def employ() -> None:
    """Let the three people of the demo work here."""
    for email, name, role in STAFF:
        village.employ(email=email, name=name, role=role)


def load() -> int:
    """Load The Complete Journey, showing progress; return how many touches are new.

    Raises `Refused` where its package is not installed or the disk is full.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeElapsedColumn()) as bars:
        tasks = {step: bars.add_task(text, total=None) for step, text in STEPS.items()}
        new = completejourney.load(
            progress=lambda step, done, total: bars.update(tasks[step], completed=done, total=total)
        )
        for task in tasks.values():
            if bars.tasks[task].total is None:
                bars.update(task, completed=1, total=1)
        return new


def send(host: str, port: int) -> None:
    """Send the households' mailings and coupons to the gate, as a company's server would.

    Under the same message ids each time: sent again, they are the same touches.
    """
    for line in keys.everyone():
        if line.source == completejourney.SOURCE and line.revoked_at is None:
            keys.revoke(hint=line.hint)
    key = keys.make(source=completejourney.SOURCE, scope="server")
    loop.post_notice()
    events = completejourney.events()
    authorization = b64encode(f"{key}:".encode()).decode()
    headers = {"Authorization": f"Basic {authorization}", "Content-Type": "application/json"}
    connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port)  # noqa: S104
    for start in range(0, len(events), AT_ONCE):
        body = json.dumps({"batch": events[start : start + AT_ONCE]})
        for _ in range(TRIES):
            connection.request("POST", "/v1/batch", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == HTTPStatus.OK:
                break
            time.sleep(0.5)
    connection.close()


def welcome(out: Console) -> None:
    """Print the addresses to open: the village, its mail, and a door for each kind of person."""
    rows = [("The village", links.page("web:home")), ("Its mail", links.page("web:mailbox"))]
    for household, language in HOUSEHOLDS.items():
        login = village.admit(email=f"household-{household}@demo.kfar.example")
        rows.append((f"A customer: household {household}, in {language}", links.demo(login)))
    does = {"service": "serves customers", "lead": "leads service", "brand": "leads a brand"}
    for email, name, role in STAFF:
        rows.append((f"{name} {does[role]}", links.demo(village.admit(email=email))))
    out.print("\nKfar is open. Each link below signs you in; this works in the demo alone.\n")
    for what, link in rows:
        out.print(f"  [bold]{what}[/]")
        out.print(f"  {link}\n", soft_wrap=True, highlight=False)
