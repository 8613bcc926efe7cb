"""Taking part: who may, what counts, what is refused, and what stays of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from kfar.rooms.customers import commands as customers
from kfar.rooms.decisions import ledger
from kfar.rooms.decisions.consultations import (
    closing,
    commands,
    publishing,
    queries,
    refreshing,
    sealing,
)
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.decisions.consultations.rules import State
from kfar.rooms.decisions.facts import (
    ConsultationClosed,
    ConsultationOpened,
    StatementTakenOut,
    TookPart,
)
from kfar.rooms.decisions.models import Consultation, Participant, Statement
from kfar.rooms.decisions.proving.consultation import Circle, Words, read_consultation
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, refuses
from tests.rooms.decisions.consultations.consulting import SEEDS, consult, draft, vote

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def say(by: Speaker, one: UUID, text: str) -> tuple[int, State]:
    return commands.say(by=by, consultation_id=one, text=text, language="en")


def test_it_is_opened_once_and_all_that_is_declared_is_logged(clock: Clock) -> None:
    tomasz, once = an_employee("Tomasz", "brand"), uuid4()
    for _ in range(2):
        assert commands.consult(by=tomasz, draft=draft(), once=once) == once
    assert announced() == [ConsultationOpened(consultation_id=once, at=clock.now)]
    [line] = ledger.lines(once)
    said = read_consultation(line)
    assert (said.topic, said.closes, said.due) == (
        {"en": "Bread"},
        "2026-03-09T12:00:00.000Z",
        "2026-04-01",
    )
    assert [seed.text for seed in said.seeds] == [*SEEDS]
    assert [(s.number, s.text, s.seed) for s in queries.statements(once)] == [
        (n, text, True) for n, text in enumerate(SEEDS, 1)
    ]
    turn = queries.turn(once, Speaker(), "anybody")
    assert turn.statement is not None
    assert (turn.left, turn.voted) == (3, 0)


def test_only_who_may_opens_and_moderates() -> None:
    noa, one = an_employee("Noa"), consult(an_employee("Tomasz", "brand"))
    said = queries.statements(one)[0].id
    with refuses("village.may_not", act="decisions.ask"):
        commands.consult(by=noa, draft=draft(), once=uuid4())
    with refuses("village.may_not", act="decisions.ask"):
        commands.let_in(by=noa, statement_id=said)
    with refuses("village.may_not", act="decisions.ask"):
        commands.take_out(by=noa, statement_id=said, reason="No")


def test_the_last_vote_counts_and_a_person_has_one_voice(clock: Clock) -> None:
    one, anna = consult(an_employee("Tomasz", "brand")), a_customer()
    first = vote(anna, one, 1, 0, -1)
    assert vote(anna, one, -1) == first
    own = queries.place(one, Speaker(anna))
    assert own is not None
    assert own.votes == {1: -1, 2: 0, 3: -1}
    assert [fact for fact in announced() if isinstance(fact, TookPart)] == [
        TookPart(consultation_id=one, customer_id=anna, at=clock.now)
    ]
    assert queries.turn(one, Speaker(anna)) == queries.Turn(None, 0, 3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"vote": 2}, "consultations.not_a_vote"),
        ({"number": 4}, "consultations.no_such_statement"),
        ({"consultation_id": uuid4}, "consultations.not_found"),
        ({"by": Speaker()}, "consultations.customers_only"),
        ({"by": uuid4}, "consultations.customers_only"),
    ],
    ids=range(5),
)
def test_what_is_no_vote(change: dict[str, object], code: str) -> None:
    one, anna = consult(an_employee("Tomasz", "brand")), a_customer()
    given = {"by": Speaker(anna), "consultation_id": one, "number": 1, "vote": 1} | change
    if given["by"] is uuid4:
        given["by"] = Speaker(uuid4())
    if given["consultation_id"] is uuid4:
        given["consultation_id"] = uuid4()
    with refuses(code):
        commands.vote(**given)  # type: ignore[arg-type]
    assert not Participant.objects.exists()


def test_anybody_takes_part_where_the_address_is_enough() -> None:
    one = consult(an_employee("Tomasz", "brand"), audience="link")
    first, second = vote(None, one, 1, 1), vote(None, one, -1)
    assert first != second
    own = queries.place(one, Speaker(participant=first))
    assert own is not None
    assert own.votes == {1: 1, 2: 1}
    # nobody comes in as a customer by a number
    anna = a_customer()
    as_anna = vote(anna, one, 1)
    assert queries.place(one, Speaker(participant=as_anna)) is None
    took = next(fact for fact in announced() if isinstance(fact, TookPart))
    assert took.customer_id == anna


def test_before_it_opens_and_after_it_closes_nothing_is_taken(clock: Clock) -> None:
    one, anna = (
        consult(an_employee("Tomasz", "brand"), opens_at=clock.now + timedelta(hours=1)),
        a_customer(),
    )
    with refuses("consultations.not_open"):
        vote(anna, one, 1)
    clock.forward(hours=1)
    vote(anna, one, 1)
    clock.forward(days=7)
    with refuses("consultations.closed"):
        vote(anna, one, -1)
    with refuses("consultations.closed"):
        say(Speaker(anna), one, "Late")


def test_a_statement_waits_until_somebody_lets_it_in() -> None:
    tomasz, anna, ewa = an_employee("Tomasz", "brand"), a_customer(), a_customer("Ewa")
    one = consult(tomasz)
    participant, state = say(Speaker(anna), one, " Salt  it. ")
    assert state is State.WAITING
    assert say(Speaker(anna), one, "Salt it.") == (participant, State.WAITING)  # sent twice
    with refuses("consultations.said_already"):
        say(Speaker(ewa), one, "salt it")
    with refuses("consultations.no_such_statement"):
        commands.vote(by=Speaker(ewa), consultation_id=one, number=4, vote=1)
    [said] = queries.statements(one, State.WAITING)
    assert (said.text, said.author, said.number) == ("Salt it.", anna, 4)

    for _ in range(2):
        commands.let_in(by=tomasz, statement_id=said.id)
    commands.vote(by=Speaker(ewa), consultation_id=one, number=4, vote=-1)
    assert refreshing.refresh(one)
    told = queries.outcome(one)
    assert told is not None
    assert told.counted[4].everybody == (1, 0, 1)  # its author agrees

    for _ in range(2):
        commands.take_out(by=tomasz, statement_id=said.id, reason="Not bread")
    out = [fact for fact in announced() if isinstance(fact, StatementTakenOut)]
    assert [(fact.statement_id, fact.customer_id) for fact in out] == [(said.id, anna)]
    own = queries.place(one, Speaker(anna))
    assert own is not None
    assert [(s.state, s.reason) for s in own.statements] == [(State.OUT, "Not bread")]
    assert refreshing.refresh(one)
    told = queries.outcome(one)
    assert told is not None
    assert [s.number for s in told.statements] == [1, 2, 3]


def test_where_it_is_looked_at_afterwards_a_statement_is_asked_about_at_once() -> None:
    one, anna = consult(an_employee("Tomasz", "brand"), moderation="after"), a_customer()
    assert say(Speaker(anna), one, "Salt it.")[1] is State.SHOWN
    refreshing.refresh(one)
    vote(anna, one, 1, 1, 1)
    # one is not asked about one's own
    assert queries.turn(one, Speaker(anna)) == queries.Turn(None, 0, 4)


def test_one_person_makes_twenty_statements() -> None:
    one, anna = consult(an_employee("Tomasz", "brand"), moderation="after"), a_customer()
    for n in range(20):
        say(Speaker(anna), one, f"Bread {n}")
    with refuses("consultations.said_enough", most=20):
        say(Speaker(anna), one, "Bread 20")


def test_it_closes_once_and_what_anybody_needs_to_compute_it_is_published(clock: Clock) -> None:
    one = consult(an_employee("Tomasz", "brand"), audience="link")
    anna = a_customer()
    vote(anna, one, 1, -1)
    vote(None, one, 1, 0, 1)
    assert closing.close_due() == 0
    clock.forward(days=7)
    assert (closing.close_due(), closing.close_due()) == (1, 0)
    assert announced()[-1] == ConsultationClosed(consultation_id=one, at=clock.now)

    numbers: dict[UUID | None, int] = dict(Participant.objects.values_list("customer", "number"))
    rows = [(numbers[anna], "1,1"), (numbers[anna], "2,-1")]
    rows += [(numbers[None], "1,1"), (numbers[None], "2,0"), (numbers[None], "3,1")]
    text = "participant,statement,vote\n" + "".join(f"{n},{v}\n" for n, v in sorted(rows))
    assert "".join(publishing.votes_csv(one)) == text
    _manifest, *lines = ledger.lines(one)
    bound = {str(row.number): sealing.bound(row) for row in Participant.objects.all()}
    tiers = {numbers[anna]: "email", numbers[None]: "link"}
    assert lines == [
        *sorted(
            (f"ballot {n} {tier} {bound[str(n)]}" for n, tier in tiers.items()),
            key=lambda line: line.rpartition(" ")[2],
        ),
        "close 2026-03-09T12:00:00.000Z",
    ]
    assert publishing.statements_csv(one) == (
        "statement,seed,nonce,language,text\n"
        "1,1,,en,Rye is best.\n2,1,,en,Bake at night.\n3,1,,en,Sell it warm.\n"
    )
    told = queries.outcome(one)
    assert told is not None
    assert (told.people, told.votes) == (2, 5)


def test_who_turns_out_to_be_one_person_has_one_voice_the_last(clock: Clock) -> None:
    lead, one = an_employee("Dana", "lead"), consult(an_employee("Tomasz", "brand"))
    anna, ania = a_customer("Anna"), a_customer("Ania")
    vote(anna, one, 1, 1, 1)
    clock.forward(minutes=1)
    vote(ania, one, -1, -1)
    customers.merge(by=lead, one=anna, other=ania)
    refreshing.refresh(one)
    told = queries.outcome(one)
    assert told is not None
    assert (told.people, [s.everybody for s in told.statements]) == (
        1,
        [(1, 0, 0), (1, 0, 0), (0, 0, 0)],
    )
    clock.forward(days=7)
    closing.close_due()
    assert len("".join(publishing.votes_csv(one)).splitlines()) == 3


def test_forgetting_takes_words_and_votes_and_keeps_what_was_published(clock: Clock) -> None:
    tomasz, anna, ewa = an_employee("Tomasz", "brand"), a_customer(), a_customer("Ewa")
    closed, still_open = (consult(tomasz, moderation="after") for _ in range(2))
    for one in (closed, still_open):
        say(Speaker(anna), one, "Annasaid")
        vote(anna, one, 1, -1, 0)
        vote(ewa, one, -1, -1, -1, -1)
    Consultation.objects.filter(pk=closed).update(closes_at=clock.now + timedelta(seconds=1))
    clock.forward(minutes=1)
    closing.close_due()
    before = "".join(publishing.votes_csv(closed))
    words = {*Statement.objects.filter(text="Annasaid").values_list("pk", flat=True)}

    gone = commands.forget(customers=[anna])
    assert gone.rows == {"decisions.Participant": 2, "decisions.Statement": 2}
    assert gone.ids == words
    assert "".join(publishing.votes_csv(closed)) == before
    assert publishing.statements_csv(closed).splitlines()[-1] == "4,0,,,"
    assert [s.number for s in queries.statements(still_open)] == [1, 2, 3]
    assert queries.of_customer(anna) == []
    assert queries.took_part(closed) == queries.took_part(still_open) == [ewa]
    refreshing.refresh(still_open)
    told = queries.outcome(still_open)
    assert told is not None
    assert (told.people, [s.everybody for s in told.statements]) == (1, [(1, 0, 0)] * 3)
    assert commands.forget(customers=[anna]).rows == {}


def test_a_conversation_from_elsewhere_comes_whole_and_closed() -> None:
    tomasz, once = an_employee("Tomasz", "brand"), uuid4()
    now = timezone.now()
    said = [
        commands.Brought(n, Words(text, "zh-Hant"), now, state)
        for n, text, state in [(0, "黑麥", State.SHOWN), (7, "白", State.OUT)]
    ]
    for _ in range(2):
        commands.bring(
            by=tomasz,
            draft=draft(
                seeds=(), pledge={}, pledge_due=None, audience=Circle.LINK, credit="Whose",
                opens_at=now - timedelta(days=9), closes_at=now - timedelta(days=2),
            ),
            statements=said,
            votes=[{0: 1, 7: 1}, {7: -1}, {0: -1}],
            once=once,
        )  # fmt: skip
    found = queries.consultation(once)
    assert found is not None
    assert (found.open, found.manifest.credit, found.people, found.shown, found.due) == (
        False,
        "Whose",
        3,
        1,
        None,
    )
    told = queries.outcome(once)
    assert told is not None
    assert (told.people, told.counted[0].everybody) == (2, (1, 0, 1))
