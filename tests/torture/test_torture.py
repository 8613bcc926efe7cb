"""Killed and without power at random moments, under load, no acknowledged thing is lost."""

from __future__ import annotations

from collections import deque
from functools import partial
from pathlib import Path
from random import Random

from tests.programs import Home
from tests.torture.checker import Report
from tests.torture.run import POWER, Torture, torture
from tests.torture.serving import GATE, PAGES, PAGES_WORKER, SECOND_WORK, SUPERVISOR, WORK

#: The short form; `make torture` is the long one.
VICTIMS = [
    *(GATE, WORK, POWER, PAGES, SECOND_WORK),
    *(SUPERVISOR, WORK, PAGES_WORKER, GATE, POWER),
]


def test_what_was_acknowledged_is_there_exactly_once(kfar: Home, tmp_path: Path) -> None:
    report, figures = torture(kfar, tmp_path / "kept", victims=VICTIMS, random=Random(3))
    assert report == Report(), figures


def test_on_a_disk_that_lies_the_checker_sees_the_loss(kfar: Home, tmp_path: Path) -> None:
    """The control: without fsync in the intake a power cut must take something away."""
    run = Torture(kfar, tmp_path / "kept", Random(3))
    run.begin()
    try:
        for worker in (WORK, SECOND_WORK):  # nobody takes what the disk has not
            run.serving.until(partial(run.serving.find, worker)).suspend()
        for client in run.clients:  # and nobody sends it again
            client.told = deque(maxlen=0)
        run.disk.lying("intake")
        before = set(run.ledger.events)
        lost = run.serving.until(lambda: run.ledger.acknowledged() - before or None)
        run.kill(POWER)
        report = run.end(seconds=5)
    finally:
        run.clear()
    assert lost <= set(report.lost)
    assert (report.doubled, report.invented) == ([], [])
