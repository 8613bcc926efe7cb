"""A consultation is computed again when something moved, and not more often than it can bear."""

from __future__ import annotations

from uuid import UUID

import pytest

from kfar.rooms.decisions.consultations import closing, commands, queries, refreshing
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.decisions.consultations.telling import Outcome, tell
from kfar.rooms.decisions.consulting.chart import Chart
from kfar.rooms.decisions.consulting.opinion import Opinion as Opined
from kfar.rooms.decisions.consulting.opinion import refresh
from kfar.rooms.decisions.consulting.votes import Votes, gather
from kfar.rooms.decisions.models import Consultation, Opinion
from kfar.rooms.decisions.proving.consultation import Words
from tests.clock import Clock
from tests.people import a_customer, an_employee
from tests.rooms.decisions.consultations.consulting import consult, vote
from tests.rooms.decisions.consulting.planted import planted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def version(one: UUID) -> int:
    return Opinion.objects.get(pk=one).version


def test_it_is_computed_when_something_moved_and_it_has_rested(clock: Clock) -> None:
    tomasz, anna = an_employee("Tomasz", "brand"), a_customer()
    one = consult(tomasz)
    assert (version(one), refreshing.refresh_due()) == (1, 0)
    vote(anna, one, 1)
    clock.forward(seconds=2.9)
    assert refreshing.refresh_due() == 0
    clock.forward(seconds=0.1)
    assert (refreshing.refresh_due(), refreshing.refresh_due()) == (1, 0)
    assert version(one) == 2

    commands.take_out(by=tomasz, statement_id=queries.statements(one)[0].id, reason="Again")
    Opinion.objects.filter(pk=one).update(took=2_000)
    clock.forward(seconds=19)
    assert refreshing.refresh_due() == 0  # a large one rests ten times as long as it takes
    clock.forward(seconds=1)
    assert refreshing.refresh_due() == 1
    told = queries.outcome(one)
    assert told is not None
    assert [s.number for s in told.statements] == [2, 3]


def test_of_two_who_compute_at_once_one_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    one = consult(an_employee("Tomasz", "brand"))
    compute, others = refresh, []

    def meanwhile(votes: Votes, previous: Chart | None) -> Opined:
        monkeypatch.setattr(refreshing, "opinion_of", compute)
        others.append(refreshing.refresh(one))
        return compute(votes, previous)

    monkeypatch.setattr(refreshing, "opinion_of", meanwhile)
    assert (refreshing.refresh(one), others, version(one)) == (False, [True], 2)


def test_what_is_computed_from_rows_is_what_is_computed_from_votes() -> None:
    seeds = [Words(f"Statement {n}", "en") for n in range(12)]
    one = consult(an_employee("Tomasz", "brand"), seeds=seeds, audience="link")
    _, triples = planted(groups=2, people=40, statements=12, seen=0.7)
    people: dict[int, Speaker] = {}
    for person, statement, said in triples:
        participant = commands.vote(
            by=people.get(person, Speaker()), consultation_id=one, number=statement + 1, vote=said
        )
        people[person] = Speaker(participant=participant)
    refreshing.refresh(one)
    told = queries.outcome(one)
    plain = tell(refresh(gather([(p, s + 1, v) for p, s, v in triples], range(1, 13))))
    assert told is not None
    assert (told.people, told.votes) == (plain.people, plain.votes) == (40, len(triples))
    assert (told.statements, told.sizes) == (plain.statements, plain.sizes)
    assert (told.agreed, told.rejected, told.stands) == (plain.agreed, plain.rejected, plain.stands)
    assert Outcome.from_json(told.to_json()) == told
    # and everybody is placed where they stand, from the chart alone
    places = [queries.place(one, by) for by in people.values()]
    groups = [place.group for place in places if place and place.group is not None]
    assert {group: groups.count(group) for group in (0, 1)} == dict(enumerate(told.sizes))


def test_a_closed_one_is_left_alone(clock: Clock) -> None:
    consult(an_employee("Tomasz", "brand"))
    clock.forward(days=7)
    closing.close_due()
    Consultation.objects.update(moved=99)
    clock.forward(minutes=1)
    assert refreshing.refresh_due() == 0
