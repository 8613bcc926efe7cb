"""Several voices of one person in one case: one answer tells all, each once, and none is lost."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.core import mail

from kfar import loop
from kfar.ground.money import Money
from kfar.lake import outbox
from kfar.rooms.customers import commands as customers
from kfar.rooms.promises.models import Letter
from kfar.rooms.service import commands, queries, together
from kfar.rooms.service.models import Case, Reached
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.rules import Stands
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, noted, refuses

pytestmark = pytest.mark.django_db


def say(by: UUID, text: str) -> UUID:
    said = voice.say(by=by, text=text, language="en")
    outbox.deliver()
    return said


def case(voice_id: UUID) -> queries.OpenCase:
    found = queries.case(voice_id)
    assert found is not None
    return found


def merge(by: UUID, one: UUID, other: UUID) -> None:
    together.merge(by=by, case_id=case(one).id, other_id=case(other).id)


def answer(by: UUID, voice_id: UUID, words: str = "Sorry") -> UUID:
    return commands.remedy(
        by=by, case_id=case(voice_id).id, kind="answer", amount=Money(0, "USD"), words=words,
        once=uuid4(),
    )  # fmt: skip


def stands(*voice_ids: UUID) -> list[Stands]:
    found = voices.by_id(voice_ids)
    return [found[own].stands for own in voice_ids]


@pytest.fixture
def anna(db: None) -> UUID:
    return a_customer()


@pytest.fixture
def both(anna: UUID, clock: Clock) -> tuple[UUID, UUID]:
    """Two voices of Anna's, an hour apart, put together by Noa."""
    one = say(anna, "The milk was sour")
    clock.forward(hours=1)
    other = say(anna, "The milk again!")
    merge(an_employee(), other, one)
    return one, other


@pytest.mark.usefixtures("data_dir")
def test_one_answer_tells_each_voice_once(both: tuple[UUID, UUID], anna: UUID) -> None:
    noa, (one, other) = an_employee(), both
    assert case(one).voices == case(other).voices == (one, other)
    told = queries.beside([one, other, uuid4()])
    assert {voice: case.others for voice, case in told.items()} == {one: 1, other: 1}
    given = answer(noa, other)
    for _twice in range(2):
        loop.tick()
    assert stands(one, other) == [Stands.TOLD, Stands.TOLD]
    bodies = [str(letter.body) for letter in mail.outbox]
    assert sorted("again!" in body for body in bodies) == [False, True]
    assert all("Sorry" in body and "/good/" in body for body in bodies)
    for own in both:
        [shown] = queries.remedies_for([own])[own]
        assert (shown.id, shown.voice_id, shown.words) == (given, own, "Sorry")
    assert [case(own).waiting for own in both] == [False, False]
    assert queries.figures().decided == 2


def test_each_keeps_its_standing_and_who_was_told_is_not_told_again(
    both: tuple[UUID, UUID], anna: UUID, clock: Clock
) -> None:
    noa, (one, other) = an_employee(), both
    answer(noa, one)
    outbox.deliver()
    clock.forward(hours=1)
    voice.judge(by=anna, voice_id=one, good=True)
    voice.judge(by=anna, voice_id=other, good=False)
    outbox.deliver()
    assert stands(one, other) == [Stands.CLOSED, Stands.UNREAD]
    assert (case(one).waiting, case(other).waiting) == (True, True)  # one case, of which one waits
    clock.forward(hours=1)
    second = answer(noa, other, "Really sorry")
    outbox.deliver()
    assert stands(one, other) == [Stands.CLOSED, Stands.TOLD]
    assert [r.voice_id for r in queries.reach(second)] == [other]
    assert Letter.objects.filter(what="remedy-given").count() == 3


def test_taken_back_it_is_taken_back_from_each(both: tuple[UUID, UUID]) -> None:
    noa, (one, other) = an_employee(), both
    given = answer(noa, one)
    outbox.deliver()
    commands.undo(by=noa, remedy_id=given, why="Wrong")
    outbox.deliver()
    assert stands(one, other) == [Stands.UNREAD, Stands.UNREAD]
    assert Letter.objects.filter(what="remedy-undone").count() == 2


def test_taken_apart_each_is_decided_alone_and_keeps_what_was_given(
    both: tuple[UUID, UUID], anna: UUID
) -> None:
    noa, (one, other) = an_employee(), both
    answer(noa, one)
    for _twice in range(2):
        together.split(by=noa, case_id=case(one).id)
    assert (case(one).voices, case(other).voices) == ((one,), (other,))
    assert list(Case.objects.values_list("together", flat=True)) == [None, None]
    assert [len(case(own).remedies) for own in both] == [1, 1]
    commands.reopen(voice_id=other, at=Case.objects.get(voice_id=other).decided_at)  # type: ignore[arg-type]
    answer(noa, other)
    assert [len(case(own).remedies) for own in both] == [1, 2]
    assert noted(anna) == [
        *(("service.merged", noa), ("service.remedied", noa)),
        *(("service.split", noa), ("service.remedied", noa)),
    ]


def test_groups_become_one_and_one_of_three_is_taken_out(anna: UUID) -> None:
    noa = an_employee()
    said = [say(anna, text) for text in "abcd"]
    merge(noa, said[0], said[1])
    merge(noa, said[2], said[3])
    for _twice in range(2):
        merge(noa, said[1], said[2])
    assert set(case(said[3]).voices) == set(said)
    together.split(by=noa, case_id=case(said[1]).id)
    assert set(case(said[0]).voices) == {said[0], said[2], said[3]}
    assert case(said[1]).voices == (said[1],)
    assert len(noted(anna)) == 4


def test_what_waits_for_somebody_waits_for_them_as_one(anna: UUID) -> None:
    noa, dana = an_employee(), an_employee("Dana", "lead")
    one, other = say(anna, "a"), say(anna, "b")
    commands.hand_on(by=noa, case_id=case(other).id, to=dana)
    merge(noa, one, other)
    assert queries.handed_on() == {one: "Dana", other: "Dana"}


def test_two_people_are_never_one_case(anna: UUID) -> None:
    noa, tomasz = an_employee(), an_employee("Tomasz", "brand")
    one, other, third = say(anna, "a"), say(a_customer("Borys"), "b"), say(anna, "c")
    with refuses("service.two_people"):
        merge(noa, one, other)
    with refuses("village.may_not", act="service.remedy"):
        merge(tomasz, one, third)
    with refuses("service.same_case"):
        merge(noa, one, one)
    with refuses("service.not_found"):
        together.merge(by=noa, case_id=case(one).id, other_id=uuid4())
    for wrong in (uuid4(), case(one).id):
        with refuses("village.may_not", act="service.remedy"):
            together.split(by=tomasz, case_id=wrong)
    assert not Case.objects.exclude(together=None).exists()


def test_so_many_and_no_more(anna: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MANY", 2)
    noa = an_employee()
    said = [say(anna, text) for text in "abc"]
    merge(noa, said[0], said[1])
    with refuses("service.too_many_together", most=2):
        merge(noa, said[1], said[2])


def test_who_turns_out_to_be_two_has_two_cases(anna: UUID) -> None:
    noa, ewa, borys = an_employee(), an_employee("Ewa", "lead"), a_customer("Borys")
    made = customers.merge(by=ewa, one=anna, other=borys)
    assert made is not None
    hers, his, too = say(anna, "a"), say(borys, "b"), say(borys, "c")
    merge(noa, hers, his)
    merge(noa, his, too)
    assert len(case(hers).voices) == 3
    customers.unmerge(by=ewa, merge_id=made)
    # At once, before anybody heard of it: nothing of one is shown or said to the other.
    assert case(hers).voices == (hers,)
    assert [r.voice_id for r in queries.reach(answer(noa, hers))] == [hers]
    for _twice in range(2):
        outbox.deliver()
    assert (set(case(his).voices), case(hers).voices) == ({his, too}, (hers,))
    assert Case.objects.get(voice_id=hers).together is None


def test_who_is_erased_takes_it_all_along(both: tuple[UUID, UUID], anna: UUID) -> None:
    answer(an_employee(), both[0])
    [reached] = Reached.objects.all()
    gone = commands.forget(customers=[anna])
    assert gone.rows == {"service.Case": 2, "service.Remedy": 1, "service.Reached": 1}
    assert reached.pk in gone.ids


@pytest.mark.django_db(transaction=True)
def test_two_who_do_it_at_once_do_it_once() -> None:
    noa, anna = an_employee(), a_customer()
    one, other = (commands.open_case(voice_id=uuid4(), customer_id=anna) for _ in range(2))

    def put(a: UUID, b: UUID) -> None:
        together.merge(by=noa, case_id=a, other_id=b)

    done = at_once(lambda: put(one, other), lambda: put(other, one), lambda: put(one, other))
    assert done == [None, None, None]
    assert len(set(Case.objects.values_list("together", flat=True))) == 1
