"""Facts: what is announced is what is heard, whatever stands in it."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.facts import Fact

KINDS = {name: kind for name, kind in Fact.kinds.items() if kind.__module__.startswith("kfar.")}

NAMES = [
    "customers.Merged",
    "customers.Unmerged",
    "decisions.Asked",
    "decisions.ChangeAnnounced",
    "decisions.ChangeAnswered",
    "decisions.ChangeClosed",
    "decisions.ChangeDue",
    "decisions.ChangeReplied",
    "decisions.ChangeWithdrawn",
    "decisions.Closed",
    "decisions.ConsultationClosed",
    "decisions.ConsultationOpened",
    "decisions.Counted",
    "decisions.StatementTakenOut",
    "decisions.TookPart",
    "decisions.Voted",
    "decisions.Withdrawn",
    "promises.AskedInReturn",
    "promises.Changed",
    "promises.KeptInReturn",
    "promises.PromiseBroken",
    "promises.PromiseKept",
    "promises.PromiseMade",
    "promises.PromiseMoved",
    "promises.PromiseReleased",
    "promises.PromisedInReturn",
    "service.ApprovalAsked",
    "service.CaseGiven",
    "service.MoneyBack",
    "service.RemedyGiven",
    "service.RemedyUndone",
    "service.ReturnArrived",
    "service.ReturnAsked",
    "service.ReturnRefused",
    "service.ReturnStarted",
    "service.ReturnTakenBack",
    "village.MeetingAccepted",
    "village.MeetingCancelled",
    "village.MeetingHeld",
    "village.MeetingPlanned",
    "village.Noted",
    "voice.ClosedUntold",
    "voice.FollowUpAnswered",
    "voice.FollowedUp",
    "voice.Heard",
    "voice.Invited",
    "voice.Judged",
    "voice.Responded",
    "voice.Reviewed",
    "voice.SaidMore",
    "voice.Undelivered",
]


def any_of(kind: type[Fact]) -> st.SearchStrategy[Fact]:
    """Facts of a kind, with anything its fields may hold."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: _any(hints[field.name]) for field in fields(kind)})


def _any(hint: Any) -> st.SearchStrategy[Any]:
    if hint is datetime:
        return st.datetimes(timezones=st.just(UTC))
    if args := get_args(hint):
        return st.one_of(*map(_any, args))
    return st.none() if hint is type(None) else st.from_type(hint)


def test_every_fact_has_its_name() -> None:
    """Rows in an outbox are known by these names: they may be added to, not changed."""
    assert sorted(KINDS) == NAMES


@pytest.mark.parametrize("kind", [pytest.param(KINDS[name], id=name) for name in NAMES])
@given(data=st.data())
def test_a_fact_comes_out_of_the_outbox_as_it_went_in(kind: type[Fact], data: Any) -> None:
    fact = data.draw(any_of(kind))
    again = kind.from_json(json.loads(json.dumps(fact.to_json())))
    assert again == fact
    assert [type(v) for v in vars(again).values()] == [type(v) for v in vars(fact).values()]


def test_a_fact_says_ids_and_times_as_text() -> None:
    voice = UUID(int=1)
    at = datetime(2026, 11, 21, 22, 5, tzinfo=UTC)
    fact = KINDS["voice.Judged"](voice_id=voice, customer_id=voice, good=True, at=at)  # type: ignore[call-arg]
    assert fact.to_json() == {
        "voice_id": "00000000-0000-0000-0000-000000000001",
        "customer_id": "00000000-0000-0000-0000-000000000001",
        "good": True,
        "at": "2026-11-21T22:05:00+00:00",
    }
