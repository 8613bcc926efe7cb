"""The outbox: each fact in order, once, whatever fails."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from kfar.ground.facts import Fact
from kfar.lake import audit, outbox
from kfar.lake.models import Announcement, AuditLine
from tests.at_once import at_once
from tests.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Rang(Fact):
    """A bell rang."""

    bell: int
    by: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Echoed(Fact):
    """The hill answered."""

    bell: int


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What a listener heard, with no listeners but the test's."""
    monkeypatch.setattr(outbox, "_listeners", defaultdict(list))
    bells: list[int] = []
    outbox.when(Rang)(lambda fact: bells.append(fact.bell))
    return bells


def ring(*bells: int) -> None:
    with transaction.atomic():
        for bell in bells:
            outbox.announce(Rang(bell=bell))


def waiting() -> list[tuple[str, int, str]]:
    rows = Announcement.objects.filter(delivered_at=None).order_by("pk")
    return list(rows.values_list("fact", "tries", "error"))


@pytest.mark.django_db
class TestDelivery:
    def test_in_the_order_announced_each_once(self, heard: list[int]) -> None:
        ring(3, 1)
        ring(*range(250))
        assert outbox.deliver() == 252
        assert heard == [3, 1, *range(250)]
        assert (outbox.deliver(), waiting(), len(heard)) == (0, [], 252)

    def test_what_a_listener_announces_is_delivered_after_it(self, heard: list[int]) -> None:
        echoes: list[int] = []
        outbox.when(Rang)(lambda fact: outbox.announce(Echoed(bell=fact.bell)))
        outbox.when(Echoed)(lambda fact: echoes.append(fact.bell))
        ring(1, 2)
        assert outbox.deliver() == 4
        assert (heard, echoes) == ([1, 2], [1, 2])

    def test_a_fact_nobody_listens_to_is_delivered(self, heard: list[int]) -> None:
        with transaction.atomic():
            outbox.announce(Echoed(bell=1))
        assert (outbox.deliver(), waiting()) == (1, [])

    def test_one_that_fails_holds_up_no_other_and_leaves_nothing_half_done(
        self, heard: list[int]
    ) -> None:
        @outbox.when(Rang)
        def note(fact: Rang) -> None:
            audit.note(act="rang", customer_id=UUID(int=fact.bell))
            if fact.bell == 2:
                raise ValueError("a customer's words")

        ring(1, 2, 3)
        assert outbox.deliver() == 2
        assert waiting() == [("test_outbox.Rang", 1, "ValueError")]
        assert [line.customer_id.int for line in AuditLine.objects.order_by("pk")] == [1, 3]

    def test_it_is_tried_again_after_2_4_8_seconds_at_most_an_hour_apart(
        self, heard: list[int], clock: Clock
    ) -> None:
        broken = True

        @outbox.when(Rang)
        def fail(_: Rang) -> None:
            if broken:
                raise RuntimeError

        ring(1)
        waits = []
        for _ in range(14):
            assert outbox.deliver() == 0
            waits.append(Announcement.objects.get().due_at - clock.now)
            clock.to(Announcement.objects.get().due_at - timedelta(microseconds=1))
            assert (outbox.deliver(), len(heard)) == (0, len(waits))
            clock.forward(microseconds=1)
        seconds = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600]
        assert waits == [timedelta(seconds=n) for n in seconds]
        broken = False
        assert (outbox.deliver(), waiting()) == (1, [])

    def test_a_fact_of_a_kind_long_gone_waits_and_holds_up_no_other(self, heard: list[int]) -> None:
        Announcement.objects.create(fact="attic.Forgotten", payload={})
        ring(1)
        assert (outbox.deliver(), heard) == (1, [1])
        assert waiting() == [("attic.Forgotten", 1, "KeyError")]


@pytest.mark.django_db(transaction=True)
class TestTransactions:
    def test_announcing_outside_a_transaction_is_refused(self, heard: list[int]) -> None:
        with pytest.raises(RuntimeError, match=r"^announce\(\) belongs into the transaction"):
            outbox.announce(Rang(bell=1))
        assert Announcement.objects.count() == 0

    def test_act_and_fact_are_kept_together_or_lost_together(self, heard: list[int]) -> None:
        anna = uuid4()

        def act() -> None:
            with transaction.atomic():
                audit.note(act="rang", customer_id=anna)
                outbox.announce(Rang(bell=1, by=anna))

        def broken() -> None:
            with transaction.atomic():
                act()
                raise KeyError

        with pytest.raises(KeyError):
            broken()
        assert (len(audit.lines([anna])), Announcement.objects.count()) == (0, 0)
        assert DBTaskResult.objects.count() == 0
        act()
        assert (len(audit.lines([anna])), Announcement.objects.count()) == (1, 1)
        assert [task.task_path for task in DBTaskResult.objects.all()] == [
            "kfar.lake.outbox.deliver_waiting"
        ]

    def test_two_workers_at_once_deliver_each_once(self, heard: list[int]) -> None:
        ring(*range(60))
        delivered = at_once(outbox.deliver, outbox.deliver)
        assert all(isinstance(number, int) for number in delivered), delivered
        assert (sum(map(int, delivered)), waiting()) == (60, [])  # type: ignore[arg-type]
        assert sorted(heard) == list(range(60))
