"""Killed and without power at random moments, under load, no acknowledged thing is lost."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from random import Random

import pytest

from tests.programs import Home
from tests.torture.checker import Report
from tests.torture.run import POWER, Torture, torture
from tests.torture.serving import GATE, PAGES, PAGES_WORKER, SECOND_WORK, SUPERVISOR, WORK

#: The short form; `make torture` is the long one.
VICTIMS = [
    *(GATE, WORK, POWER, PAGES, SECOND_WORK),
    *(SUPERVISOR, WORK, PAGES_WORKER, GATE, POWER),
]


@pytest.fixture
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a run keeps what it needs: not in the data directory, which is on the disk."""
    return tmp_path_factory.mktemp("kept")


def test_what_was_acknowledged_is_there_exactly_once(kfar: Home, kept: Path) -> None:
    report, figures = torture(kfar, kept, victims=VICTIMS, random=Random(3))
    assert report == Report(), figures


def test_on_a_disk_that_lies_the_checker_sees_the_loss(home: Path, kept: Path) -> None:
    """The control: without fsync in the intake a power cut must take something away."""
    run = Torture(Home(home, ""), kept, Random(3))
    run.begin()
    try:
        for worker in (WORK, SECOND_WORK):  # nobody takes what the disk has not
            run.serving.suspend(worker)
        for client in run.clients:  # and nobody sends it again
            client.told = deque(maxlen=0)
        run.disk.lying("intake")
        before = set(run.ledger.events)
        lost = run.serving.until(lambda: run.ledger.acknowledged() - before or None)
        run.power_cut(torn=False)
        report = run.end(seconds=5)
    finally:
        run.clear()
    assert lost <= set(report.lost)
    assert (report.doubled, report.invented) == ([], [])
