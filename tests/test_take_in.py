"""From the gate's intake to the lake and the ballots: exactly once, whenever it is killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kfar import loop
from kfar.lake.intake import records
from kfar.lake.intake.log import LogReader, LogWriter
from kfar.lake.models import Position, Touchpoint
from tests.programs import Home

EVENT = {"type": "track", "event": "E", "userId": "u1"}


def events(*ids: str) -> bytes:
    body = {"batch": [{**EVENT, "messageId": i} for i in ids]}
    line = {"k": "events", "r": 1_790_000_000_000, "s": "shop", "t": True, "u": "f", "b": body}
    return (json.dumps(line, separators=(",", ":")) + "\n").encode()


@pytest.mark.django_db(transaction=True)
class TestTakingIn:
    def test_what_was_taken_is_not_taken_again(self, data_dir: Path) -> None:
        writer = LogWriter(data_dir / "intake")
        writer.commit([events("1", "2"), events("3")])
        assert (loop.take_in(), loop.take_in()) == (2, 0)
        writer.commit([events("3", "4"), records.until(5)])
        assert loop.take_in() == 2
        assert Touchpoint.objects.count() == 4
        assert Position.objects.get(pk="heard").at == 5
        writer.close()

    def test_settled_files_are_removed(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kfar.lake.intake.log.ROLL", 1)
        writer = LogWriter(data_dir / "intake")
        for n in range(3):
            writer.commit([events(str(n))])
        assert len(list((data_dir / "intake").glob("*.log"))) == 3
        loop.take_in()
        assert len(list((data_dir / "intake").glob("*.log"))) == 1
        writer.commit([events("9")])
        assert (loop.take_in(), Touchpoint.objects.count()) == (1, 4)
        writer.close()

    def test_without_a_gate_there_is_nothing(self, data_dir: Path) -> None:
        assert loop.take_in() == 0
        assert not LogReader(data_dir / "intake").opened()


@pytest.mark.parametrize(
    ("at", "enough"),
    [
        ("hearing.resolve", 1),
        ("inbox.put_rows", 10_000),
        ("appending._write", 1),
        ("gate.advance", 1),
        ("gate.advance", 10_000),
        ("LogReader.release", 1),
    ],
    ids=["resolve", "put", "write", "advance-table", "advance-inbox", "release"],
)
def test_killed_at_any_step_each_event_is_there_once(kfar: Home, at: str, enough: int) -> None:
    owner, _, name = at.rpartition(".")
    said = kfar.run(
        f"""
        from django.conf import settings
        from kfar import loop
        from kfar.lake import inbox
        from kfar.lake.intake.log import LogReader, LogWriter
        from kfar.lake.models import Segment
        from kfar.lake.table import appending
        from kfar.loop import gate
        from kfar.rooms.touchpoints import hearing
        from tests.programs import forked
        from tests.test_take_in import events
        hearing.ENOUGH = {enough}
        writer = LogWriter(settings.KFAR_DATA_DIR / "intake")
        writer.commit([events("1", "2"), events("2", "3")])
        writer.close()
        forked(loop.take_in, killed_at=({owner}, "{name}"))
        loop.take_in()
        settled = sum(Segment.objects.values_list("rows", flat=True))
        print(len(inbox.fresh()) + settled)
        """
    )
    assert said == "3"
