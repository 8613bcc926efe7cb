"""Limits are proposed from what came of decisions; a person accepts, and can take it back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.service import commands as service
from kfar.rooms.service.limits import commands, queries
from kfar.rooms.service.limits.rules import LEAST, Evidence, Proposal, Share, propose
from kfar.rooms.service.models import Approval, Case, Remedy
from kfar.rooms.village import commands as village
from kfar.rooms.village.rules import Authority
from tests.clock import Clock
from tests.people import a_customer, an_employee, refuses

HELD = Authority(2_000, 10_000, 200)
FINE = Evidence(given=40, good=30, bad=2, asked=30, approved=(3_000,) * 30)

counts = st.integers(0, 60)


@st.composite
def evidences(draw: st.DrawFn, most: int = 60) -> Evidence:
    given, asked = draw(st.integers(0, most)), draw(st.integers(0, most))
    undone = draw(st.integers(0, given))
    approved = draw(st.lists(st.integers(2_001, 60_000), max_size=asked))
    good = draw(st.integers(0, given))
    return Evidence(
        given=given, undone=undone, abused=draw(st.integers(0, undone)), good=good,
        bad=draw(st.integers(0, given - good)), asked=asked, approved=tuple(approved),
    )  # fmt: skip


@given(evidences(most=LEAST - 1))
def test_nothing_is_proposed_from_few(found: Evidence) -> None:
    assert propose(HELD, found) is None


@given(evidences())
def test_wider_only_on_yes_and_good_and_narrower_only_on_what_went_wrong(found: Evidence) -> None:
    proposal = propose(HELD, found)
    if proposal is None:
        return
    limit, shares = proposal.limit, found.shares
    assert limit.floor <= limit.cap
    assert limit.share == HELD.share
    if proposal.wider:
        assert HELD.floor < limit.floor <= 2 * HELD.floor
        assert limit.floor <= max(found.approved)
        assert shares["yes"].of / shares["yes"].among > 0.8
        assert shares["good"].of / shares["good"].among > 0.5
        assert shares["undone"].low <= 0.1
    else:
        assert (limit.floor, limit.cap) == (1_500, 7_500)
        assert found.undone / found.given > 0.05


@given(evidences(), st.integers(0, 20))
def test_more_that_went_wrong_never_makes_it_wider(found: Evidence, more: int) -> None:
    before = propose(HELD, found)
    worse = Evidence(**{**vars(found), "given": found.given + more, "undone": found.undone + more})
    after = propose(HELD, worse)
    if before is None or not before.wider:
        assert after is None or not after.wider


def test_it_covers_most_of_what_was_approved_and_goes_step_by_step() -> None:
    assert propose(HELD, FINE) == Proposal(Authority(3_000, 10_000, 200), wider=True)
    large = Evidence(**{**vars(FINE), "approved": (50_000,) * 30})
    assert propose(HELD, large) == Proposal(Authority(4_000, 10_000, 200), wider=True)
    assert propose(Authority.fixed(2_000), large) == Proposal(Authority.fixed(4_000), wider=True)
    often = Evidence(given=40, undone=12)
    assert propose(HELD, often) == Proposal(Authority(1_500, 7_500, 200), wider=False)
    abused = Evidence(given=40, undone=6, abused=6)
    assert propose(HELD, abused) == Proposal(Authority(1_500, 7_500, 200), wider=False)
    assert propose(Authority.fixed(0), often) is None


def test_intervals_are_those_of_the_paper() -> None:
    # Brown, Cai, DasGupta 2001: Jeffreys' at the ends keeps 0 and 1.
    assert (Share.counted(0, 20).low, Share.counted(20, 20).high) == (0.0, 1.0)
    half = Share.counted(10, 20)
    assert (round(half.low, 4), round(half.high, 4)) == (0.2934, 0.7066)
    assert (Share.counted(0, 0).low, Share.counted(0, 0).high) == (0.0, 1.0)


def live(n: int, clock: Clock, *, undone: int = 0) -> None:
    """Let Noa give n refunds of 10.00, all good, and Dana approve n of 30.00."""
    noa, dana, anna = an_employee(), an_employee("Dana", "lead"), a_customer()
    now = timezone.now()
    for number in range(n):
        case = Case.objects.create(voice_id=uuid4(), customer_id=anna, good=True)
        over = {"undone_at": now, "undone_why": "x", "undone_by_id": noa} if number < undone else {}
        given = {"kind": "refund", "currency": "USD", "fault": "ours"}
        Remedy.objects.create(case=case, minor=1_000, by_id=noa, at=now, **given, **over)
        request = uuid4()
        Remedy.objects.create(pk=request, case=case, minor=3_000, by_id=dana, at=now, **given)
        Approval.objects.create(
            request=request, case=case, minor=3_000, asked_by_id=noa, approver_id=dana,
            asked_at=now, due_at=now, ended_at=now, outcome="yes", **given,
        )  # fmt: skip


@pytest.mark.django_db
class TestAccepting:
    def refund(self) -> queries.Seen:
        found = queries.one("service", "refund")
        assert found is not None
        return found

    def test_it_is_counted_by_role_and_remedy(self, clock: Clock) -> None:
        live(LEAST, clock, undone=1)
        seen = self.refund()
        assert seen.evidence == Evidence(
            given=LEAST, undone=1, good=LEAST - 1, asked=LEAST, approved=(3_000,) * LEAST
        )
        assert [one.proposal is not None for one in queries.seen()].count(True) == 0
        live(5, clock)
        first = queries.seen()[0]
        assert (first.role, first.remedy) == ("service", "refund")
        assert first.proposal == Proposal(Authority(3_000, 10_000, 200), wider=True)
        lead = queries.one("lead", "refund")
        assert lead is not None
        assert lead.evidence.given == 0  # what was approved was not given alone
        assert queries.one("service", "answer") is None

    def test_a_person_accepts_it_once_and_outcomes_are_counted_anew(self, clock: Clock) -> None:
        live(LEAST + 5, clock)
        dana, once = an_employee("Dana", "lead"), uuid4()
        clock.forward(minutes=1)
        for _twice in range(2):
            commands.accept(by=dana, role="service", remedy="refund", once=once)
        assert self.refund().held == Authority(3_000, 10_000, 200)
        assert (self.refund().evidence, self.refund().proposal) == (Evidence(), None)
        [change] = queries.changed()
        assert (change.id, change.before) == (once, HELD)
        assert change.after == Authority(3_000, 10_000, 200)
        with refuses("service.no_such_proposal"):
            commands.accept(by=dana, role="service", remedy="refund", once=uuid4())

    def test_it_can_be_taken_back_unless_changed_since(self, clock: Clock) -> None:
        live(LEAST + 5, clock)
        dana, once = an_employee("Dana", "lead"), uuid4()
        commands.accept(by=dana, role="service", remedy="refund", once=once)
        village.set_limit(role="service", remedy="refund", limit=Authority.fixed(1))
        with refuses("service.limit_moved_on"):
            commands.undo(by=dana, change_id=once)
        limit = Authority(3_000, 10_000, 200)
        village.set_limit(role="service", remedy="refund", limit=limit)
        clock.forward(hours=1)
        for _twice in range(2):
            commands.undo(by=dana, change_id=once)
        assert self.refund().held == HELD
        assert queries.changed()[0].undone_at == clock.now
        assert self.refund().since == clock.now
        with refuses("service.no_such_proposal"):
            commands.undo(by=dana, change_id=uuid4())

    def test_only_who_may(self, clock: Clock) -> None:
        live(LEAST + 5, clock)
        noa = an_employee()
        with refuses("village.may_not", act="service.limits"):
            commands.accept(by=noa, role="service", remedy="refund", once=uuid4())
        with refuses("village.may_not", act="service.limits"):
            commands.undo(by=noa, change_id=uuid4())

    def test_the_customers_last_word_counts(self, clock: Clock) -> None:
        live(1, clock)
        voice = Case.objects.get().voice_id
        service.judged(voice_id=voice, good=False)
        assert (self.refund().evidence.good, self.refund().evidence.bad) == (0, 1)
        clock.forward(seconds=timedelta(days=1).total_seconds())
