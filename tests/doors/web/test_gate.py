"""The page of the gate: its figures are the gate's, and only those who work here see them."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from kfar.lake.intake.figures import Figures, Second, figures_file
from kfar.lake.intake.log import LogWriter
from kfar.rooms.touchpoints import keys
from kfar.rooms.touchpoints.models import Rejected
from kfar.rooms.touchpoints.traffic import traffic
from tests.doors.web.doors import enter
from tests.people import a_customer, an_employee

pytestmark = pytest.mark.django_db


def counted(folder: Path, total: dict[str, int], *seconds: Second) -> None:
    """Let the gate have counted that."""
    file = figures_file(folder)
    file.parent.mkdir()
    file.write_bytes(msgspec.json.encode(Figures(total, list(seconds))))


def test_every_number_is_counted(data_dir: Path) -> None:
    now = int(time.time())
    total = {"events": 1234, "ballots": 5, "requests": 99, "nobody": 3, "not_json": 7}
    seconds = [Second(now - 200, {"events": 9}), Second(now - 5, {"events": 20, "ballots": 10})]
    counted(data_dir, total, *seconds, Second(now - 4, {"events": 4, "nobody": 1}))
    writer = LogWriter(data_dir / "intake")
    record = b'{"k":"until","r":%d}\n' % ((now - 60) * 1000)
    writer.commit([record])
    Rejected.objects.create(day="2026-01-01", source="old", reason="nobody", count=9)
    found = traffic()
    assert (found.events, found.ballots, found.peak) == (1234, 5, 30)
    assert (sum(found.seconds), round(found.rate, 1)) == (34, 3.4)
    assert found.refused == (("not_json", 7), ("nobody", 3))
    assert found.sources == ()
    assert found.waiting == len(record) + 8
    assert 60 <= found.behind.total_seconds() < 120


def test_it_is_shown_to_staff_in_their_language(data_dir: Path) -> None:
    counted(data_dir, {"events": 1234, "nobody": 3})
    key = keys.make(source="shop", rate=50)
    an_employee()
    client = enter("Noa")
    page = client.get("/gate/").content.decode()
    assert "1,234" in page
    assert "Events of nobody" in page
    assert f"{key[:6]}…" in page
    assert key not in page
    assert "at most 50 events a second" in page
    assert "אירועים" in client.get("/gate/?language=he").content.decode()


def test_a_customer_is_not_let_in(data_dir: Path) -> None:
    a_customer()
    client = enter("Anna")
    assert client.get("/gate/").status_code == 403


def test_before_the_first_event_it_says_that_nothing_came(data_dir: Path) -> None:
    an_employee()
    client = enter("Noa")
    page = client.get("/gate/").content.decode()
    assert "Nothing was turned away." in page
    assert "kfar key add" in page
