"""The demo: real purchases, three people who work here, and a door for each."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kfar.doors import links
from kfar.rooms.touchpoints import completejourney
from kfar.rooms.village import commands as village

STEPS = {
    "customers": "Meeting 2,469 households",
    "mail": "Their mailings and coupons",
    "purchases": "A year of their purchases",
}
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
