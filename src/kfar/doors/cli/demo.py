"""The demo's data: real purchases, with a bar for every step."""

from __future__ import annotations

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kfar.rooms.touchpoints import completejourney

STEPS = {
    "customers": "Meeting 2,469 households",
    "mail": "Their mailings and coupons",
    "purchases": "A year of their purchases",
}


def load_demo() -> int:
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
