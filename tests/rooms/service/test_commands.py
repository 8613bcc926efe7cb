"""What is decided for a customer: at once, within authority, once, and taken back with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kfar.ground.money import Money
from kfar.rooms.service import commands, queries, together
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.service.facts import CaseGiven, RemedyGiven, RemedyUndone
from kfar.rooms.service.models import Case, Remedy
from kfar.rooms.service.rules import Kind
from kfar.rooms.village import commands as village
from kfar.rooms.village.rules import Authority
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses

pytestmark = pytest.mark.django_db


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@pytest.fixture
def voice() -> UUID:
    """The voice of a case, which may be any id here: voices are another room's."""
    return uuid4()


@pytest.fixture
def case(db: None, voice: UUID) -> UUID:
    """An open case of Anna's."""
    return commands.open_case(voice_id=voice, customer_id=a_customer())


def anna() -> UUID:
    return Case.objects.get().customer_id


def give(by: UUID, case_id: UUID, minor: int = 599, **given: Any) -> UUID:
    remedy: dict[str, Any] = {"kind": "refund", "amount": usd(minor), "once": uuid4()}
    return commands.remedy(by=by, case_id=case_id, **(remedy | given))


def waiting(voice_id: UUID) -> tuple[bool, str]:
    """Whether the case waits, and for whom by name."""
    found = queries.case(voice_id)
    assert found is not None
    return found.waiting, found.handed_to_name


def test_there_is_one_case_a_voice(case: UUID, voice: UUID) -> None:
    assert commands.open_case(voice_id=voice, customer_id=a_customer()) == case
    assert (Case.objects.count(), announced(), noted(anna())) == (1, [], [])
    assert queries.case(uuid4()) is None


class TestRemedy:
    def test_it_is_given_announced_and_noted(self, case: UUID, voice: UUID, clock: Clock) -> None:
        noa, once = an_employee(), uuid4()
        assert give(noa, case, words=" Sorry\r\n", once=once) == once
        given = queries.Given(
            id=once,
            voice_id=voice,
            customer_id=anna(),
            kind=Kind.REFUND,
            amount=usd(599),
            words="Sorry",
            by="Noa",
            at=clock.now,
            undone_at=None,
            undone_why="",
        )
        assert queries.case(voice) == queries.OpenCase(
            id=case, voice_id=voice, customer_id=anna(), waiting=False, handed_to=None,
            handed_to_name="", remedies=[given], voices=(voice,),
        )  # fmt: skip
        assert queries.remedies([once, uuid4()]) == {once: given}
        assert announced() == [
            RemedyGiven(remedy_id=once, voice_id=voice, customer_id=anna(), at=clock.now)
        ]
        assert noted(anna()) == [("service.remedied", noa)]

    def test_sent_twice_it_is_given_once(self, case: UUID) -> None:
        noa, once = an_employee(), uuid4()
        give(noa, case, once=once)
        village.set_limit(role="service", remedy="refund", limit=Authority.fixed(0))
        assert give(noa, case, 700, once=once) == once
        assert Remedy.objects.get().minor == 599
        assert (len(announced()), len(noted(anna()))) == (1, 1)

    def test_one_act_is_in_one_case(self, case: UUID) -> None:
        noa, once = an_employee(), uuid4()
        give(noa, case, once=once)
        other = commands.open_case(voice_id=uuid4(), customer_id=a_customer("Borys"))
        with refuses("service.not_found"):
            give(noa, other, once=once)
        assert Remedy.objects.get().case_id == case

    def test_up_to_the_limit_and_not_a_cent_more(self, case: UUID, voice: UUID) -> None:
        noa = an_employee()
        an_employee("Dana", "lead")
        an_employee("Tomasz", "brand")
        with refuses("service.above_authority", limit=usd(2000), who=["Dana"]):
            give(noa, case, 2001)
        with refuses("service.above_authority", limit=usd(2000), who=[]):
            give(noa, case, 50_001)
        give(noa, case, 2000)
        assert (Remedy.objects.count(), waiting(voice)) == (1, (False, ""))

    def test_piece_by_piece_it_is_no_more_whoever_of_the_role_gives_it(self, case: UUID) -> None:
        noa, omer, dana = an_employee(), an_employee("Omer"), an_employee("Dana", "lead")
        first = give(noa, case, 1500)
        with refuses("service.above_authority", limit=usd(500), who=["Dana"]):
            give(noa, case, 501)
        give(omer, case, 500)
        with refuses("service.above_authority", limit=usd(0), who=["Dana"]):
            give(noa, case, 1)
        give(noa, case, 2000, kind="voucher")  # which is another remedy
        # what was taken back is there again, and what others gave by their own authority is theirs
        commands.undo(by=noa, remedy_id=first, why="Twice")
        give(dana, case, 50_000)
        with refuses("service.above_authority", limit=usd(1500), who=[]):
            give(noa, case, 1501)
        give(noa, case, 1500)

    def test_voices_that_are_decided_together_have_one_limit(self, case: UUID) -> None:
        noa, dana, said = an_employee(), an_employee("Dana", "lead"), uuid4()
        other = commands.open_case(voice_id=said, customer_id=anna())
        give(noa, case, 1500)
        together.merge(by=noa, case_id=case, other_id=other)
        for one in (case, other):
            with refuses("service.above_authority", limit=usd(500), who=["Dana"]):
                give(noa, one, 501)
        asked = approving.ask(by=noa, case_id=other, kind="refund", amount=usd(501), once=uuid4())
        assert asked == dana
        with refuses("service.within_authority"):
            approving.ask(by=noa, case_id=other, kind="refund", amount=usd(500), once=uuid4())
        together.split(by=noa, case_id=other)
        give(noa, other, 2000)

    def test_more_for_a_customer_who_is_worth_it_and_where_it_was_our_fault(
        self, case: UUID
    ) -> None:
        noa = an_employee()
        an_employee("Dana", "lead")
        # 20.00 for everybody, 2 % of 2,500.00, half of that where it was partly our fault.
        for worth, fault, most in (
            (None, "ours", 2_000),
            (250_000, "ours", 5_000),
            (250_000, "partly", 2_500),
            (250_000, "nobodys", 2_000),
            (9_999_999, "ours", 10_000),
        ):
            said: dict[str, Any] = {"worth": worth, "fault": fault}
            case = commands.open_case(voice_id=uuid4(), customer_id=a_customer())
            with refuses("service.above_authority", limit=usd(most), who=["Dana"]):
                give(noa, case, most + 1, **said)
            given = give(noa, case, most, **said)
            assert Remedy.objects.get(pk=given).fault == fault
        with refuses("service.unknown_fault"):
            give(noa, case, 1, fault="theirs")

    def test_a_kind_without_a_limit_may_not_be_given_at_all(self, case: UUID) -> None:
        noa = an_employee()
        village.set_role(
            code="service",
            name={},
            acts=["service.remedy"],
            limits=dict.fromkeys(("voucher", "answer"), Authority.fixed(0)),
        )
        for kind in ("refund", "voucher"):
            with refuses("service.above_authority", limit=usd(0), who=[]):
                give(noa, case, 1, kind=kind)
        assert give(noa, case, 0, kind="answer", words="Sorry")

    def test_other_money_is_within_no_limit_and_uses_none_up(self, case: UUID) -> None:
        noa, dana = an_employee(), an_employee("Dana", "lead")
        coin = Money(1, "PLN")
        with refuses("service.other_money", amount=coin, who=["Dana"]):
            give(noa, case, amount=coin)
        given = give(dana, case, amount=Money(9_999_999, "PLN"))
        give(dana, case, 50_000)
        with refuses("service.above_authority", limit=usd(0), who=["Noa"]):
            give(dana, case, 1)
        with refuses("village.may_not", act="service.remedy"):
            commands.undo(by=noa, remedy_id=given, why="Too much")
        commands.undo(by=dana, remedy_id=given, why="Too much")
        # No money at all is none of another kind.
        assert give(noa, case, amount=Money(0, "PLN"), kind="answer", words="Sorry")

    def test_who_may_not_gives_nothing(self, case: UUID, voice: UUID) -> None:
        for nobody in (an_employee("Tomasz", "brand"), anna(), uuid4()):
            with refuses("village.may_not", act="service.remedy"):
                give(nobody, case)
        with refuses("service.amount_missing"):
            give(an_employee(), case, 0)
        with refuses("service.not_found"):
            give(an_employee(), uuid4())
        assert (Remedy.objects.count(), waiting(voice), noted(anna())) == (0, (True, ""), [])


class TestUndo:
    def test_it_is_taken_back_once_with_the_reason(
        self, case: UUID, voice: UUID, clock: Clock
    ) -> None:
        noa = an_employee()
        remedy = give(noa, case)
        at = clock.forward(hours=1)
        for _ in range(2):
            commands.undo(by=noa, remedy_id=remedy, why=" Wrong person\r\nSorry ")
            clock.forward(hours=1)
        found = queries.remedy(remedy)
        assert found is not None
        assert (found.undone_at, found.undone_why) == (at, "Wrong person\nSorry")
        assert waiting(voice) == (True, "")
        assert announced()[1:] == [
            RemedyUndone(remedy_id=remedy, voice_id=voice, customer_id=anna(), at=at)
        ]
        assert noted(anna())[1:] == [("service.undone", noa)]

    def test_what_else_was_given_stands(self, case: UUID, voice: UUID) -> None:
        noa = an_employee()
        one, other = give(noa, case), give(noa, case)
        commands.undo(by=noa, remedy_id=one, why="Twice")
        assert waiting(voice) == (False, "")
        commands.undo(by=noa, remedy_id=other, why="Wrong")
        assert waiting(voice) == (True, "")

    def test_who_gave_it_may_and_who_could_have(self, case: UUID) -> None:
        noa, dana, dov = an_employee(), an_employee("Dana", "lead"), an_employee("Dov")
        other = commands.open_case(voice_id=uuid4(), customer_id=anna())
        small, large, own = give(noa, case, 2000), give(dana, case, 2001), give(noa, other, 2000)
        with refuses("village.may_not", act="service.remedy"):
            commands.undo(by=dov, remedy_id=large, why="No")
        commands.undo(by=dov, remedy_id=small, why="No")
        village.set_limit(role="service", remedy="refund", limit=Authority.fixed(100))
        with refuses("village.may_not", act="service.remedy"):
            commands.undo(by=dov, remedy_id=own, why="No")
        commands.undo(by=noa, remedy_id=own, why="No")
        assert list(Remedy.objects.order_by("minor").values_list("undone_why", flat=True)) == [
            *("No", "No", ""),
        ]

    def test_without_a_reason_a_right_or_a_remedy_nothing_happens(self, case: UUID) -> None:
        noa, tomasz = an_employee(), an_employee("Tomasz", "brand")
        remedy = give(noa, case)
        with refuses("service.why_missing"):
            commands.undo(by=noa, remedy_id=remedy, why=" \x00")
        with refuses("service.words_too_long", most=2000, length=2001):
            commands.undo(by=noa, remedy_id=remedy, why="x" * 2001)
        with refuses("service.not_found"):
            commands.undo(by=noa, remedy_id=uuid4(), why="No")
        with refuses("village.may_not", act="service.remedy"):
            commands.undo(by=tomasz, remedy_id=remedy, why="No")
        assert (Remedy.objects.get().undone_at, len(noted(anna()))) == (None, 1)


class TestHandOn:
    def test_it_waits_for_them_by_name_until_decided(self, case: UUID, voice: UUID) -> None:
        noa, dana = an_employee(), an_employee("Dana", "lead")
        for _ in range(2):
            commands.hand_on(by=noa, case_id=case, to=dana)
        assert (waiting(voice), queries.handed_on()) == ((True, "Dana"), {voice: "Dana"})
        [given] = announced()
        assert isinstance(given, CaseGiven)
        assert (given.case_id, given.employee_id) == (case, dana)
        assert noted(anna()) == [("service.handed_on", noa)]
        give(dana, case, 50_000)
        assert (waiting(voice), queries.handed_on()) == ((False, ""), {})
        commands.hand_on(by=dana, case_id=case, to=noa)
        assert queries.handed_on() == {voice: "Noa"}

    def test_only_between_people_who_decide(self, case: UUID, voice: UUID) -> None:
        noa, tomasz = an_employee(), an_employee("Tomasz", "brand")
        for by, to in ((tomasz, noa), (noa, tomasz), (noa, uuid4()), (uuid4(), noa)):
            with refuses("village.may_not", act="service.remedy"):
                commands.hand_on(by=by, case_id=case, to=to)
        with refuses("service.not_found"):
            commands.hand_on(by=noa, case_id=uuid4(), to=noa)
        assert (waiting(voice), noted(anna())) == ((True, ""), [])


def test_a_word_that_comes_late_reopens_nothing_decided_since(
    case: UUID, voice: UUID, clock: Clock
) -> None:
    noa = an_employee()
    give(noa, case)
    commands.reopen(voice_id=voice, at=clock.now - timedelta(microseconds=1))
    assert waiting(voice) == (False, "")
    commands.reopen(voice_id=voice, at=clock.now)
    assert waiting(voice) == (True, "")
    commands.decide(voice_id=voice)
    assert waiting(voice) == (False, "")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_give_once() -> None:
    case_id = commands.open_case(voice_id=uuid4(), customer_id=a_customer())
    noa, once = an_employee(), uuid4()
    assert at_once(*[lambda: give(noa, case_id, once=once)] * 4) == [once] * 4
    assert at_once(*[lambda: commands.undo(by=noa, remedy_id=once, why="No")] * 4) == [None] * 4
    assert (Remedy.objects.count(), len(announced())) == (1, 2)


def test_how_quickly_cases_are_decided_and_by_whom(clock: Clock) -> None:
    noa, dana = an_employee(), an_employee("Dana", "lead")
    assert queries.figures() == queries.Figures(decided=0, alone=0, median=None)
    cases = [commands.open_case(voice_id=uuid4(), customer_id=a_customer()) for _ in range(4)]
    clock.forward(minutes=10)
    give(noa, cases[0])
    commands.hand_on(by=noa, case_id=cases[1], to=dana)
    clock.forward(minutes=20)
    give(dana, cases[1])
    commands.hand_on(by=noa, case_id=cases[0], to=dana)  # after it was decided: nobody was asked
    clock.forward(minutes=60)
    give(dana, cases[0])
    commands.decide(voice_id=Case.objects.get(pk=cases[2]).voice_id)
    found = queries.figures()
    assert found == queries.Figures(decided=3, alone=2, median=timedelta(minutes=30))
    assert found.share == 2 / 3
