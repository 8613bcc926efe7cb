"""Settling: from the inbox to the table, nothing lost and nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfar.lake import inbox, table
from kfar.lake.models import Segment, Touchpoint
from kfar.lake.settle import settle
from kfar.lake.timeline import Occasion, timeline
from kfar.lake.touch import Touch
from tests.lake.touches import ANNA, BORYS, a_touch
from tests.programs import Home


def put(*touches: Touch) -> None:
    for touch in touches:
        inbox.put(touch)


def journey() -> tuple[Occasion, ...]:
    """Anna's."""
    return timeline([ANNA], most=10).occasions


@pytest.mark.django_db(transaction=True)
class TestSettling:
    def test_few_stay(self, data_dir: Path) -> None:
        put(a_touch("1"), a_touch("2", 1))
        assert (settle(enough=3), Touchpoint.objects.count()) == (0, 2)

    def test_enough_move_and_the_timeline_stays_the_same(self, data_dir: Path) -> None:
        put(a_touch("1", ref="r"), a_touch("2", 1, paid=0), a_touch("3", customer=BORYS))
        before = journey()
        assert len(before) == 2
        assert (settle(enough=3), Touchpoint.objects.count()) == (3, 0)
        assert Segment.objects.get().rows == 3
        assert journey() == before

    def test_a_touch_told_again_after_it_settled_is_one(self, data_dir: Path) -> None:
        put(a_touch("1"), a_touch("2", 1))
        assert settle(enough=2) == 2
        put(a_touch("2", 1))
        assert [t.id for o in journey() for t in o.touches] == [a_touch("2").id, a_touch("1").id]
        assert (settle(enough=1), Touchpoint.objects.count()) == (1, 0)
        assert Segment.objects.get().rows == 2

    def test_what_comes_meanwhile_stays_for_the_next_time(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(a_touch("1"))
        append = table.append

        def slowly(*args: object, **named: object) -> int:
            put(a_touch("2", 1))
            return append(*args, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(table, "append", slowly)
        assert settle(enough=1) == 1
        assert Touchpoint.objects.get().id == a_touch("2").id
        assert len(journey()) == 2


def test_killed_anywhere_each_touch_stands_once(kfar: Home) -> None:
    said = kfar.run(
        """
    import os
    from kfar.lake import inbox, table
    from kfar.lake.engines import duck
    from kfar.lake.models import Segment, Touchpoint
    from kfar.lake.settle import settle
    from tests.lake.touches import a_touch
    from tests.programs import forked

    def fill():
        for n in range(3):
            inbox.put(a_touch(str(n), n))

    def read():
        with table.reading() as session:
            [count] = session.rows("SELECT count(*), count(DISTINCT id) FROM touches")
        print(count, Touchpoint.objects.count(), Segment.objects.count(), flush=True)

    forked(fill)
    for moment in [
        (duck.DuckSession, "write"),
        (os, "replace"),
        (Segment.objects, "create"),
        (inbox, "remove"),
    ]:
        forked(lambda: settle(enough=1), killed_at=moment)
        forked(read)
    forked(lambda: settle(enough=1))
    forked(read)
    """
    )
    assert said.splitlines() == ["(3, 3) 3 0"] * 4 + ["(3, 3) 0 1"]
