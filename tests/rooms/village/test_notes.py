"""Notes: who is named finds it, once; and they are the customer's."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.errors import Refused
from kfar.rooms.village import queries as village
from kfar.rooms.village.notes import commands, queries
from kfar.rooms.village.notes.rules import mentioned
from tests.people import an_employee, noted, refuses

ANNA = UUID(int=1)
NOA, DANA, DAN, OTHER = (UUID(int=n) for n in range(10, 14))
PEOPLE = {
    NOA: ("Noa Levi", "noa@village.example"),
    DANA: ("Dana", "dana.k@village.example"),
    DAN: ("Dan", "dan@village.example"),
    OTHER: ("Noa Katz", "katz@village.example"),
}


class TestMentioned:
    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("@dana please", [DANA]),
            ("@Dan, and @DANA.", [DAN, DANA]),
            ("@noa levi: see", [NOA]),
            ("@Noa  Katz", [OTHER]),
            ("@katz @katz@village.example", [OTHER]),
            ("mail dana.k@village.example", []),  # an address is no "@"
            ("@nobody, @danach", []),
            ("@@dan", [DAN]),
            ("@dana.k!", [DANA]),
        ],
    )
    def test_by_name_or_address(self, text: str, named: list[UUID]) -> None:
        assert mentioned(text, PEOPLE) == named

    def test_two_of_one_name_are_asked_about(self) -> None:
        with pytest.raises(Refused, match=r"^village\.two_meant$"):
            mentioned("@noa?", PEOPLE)

    @given(st.text())
    def test_whatever_is_written_names_people_or_nobody(self, text: str) -> None:
        one = {DANA: ("Dana", "dana@v.example")}
        assert mentioned(text, one) in ([], [DANA])
        assert mentioned(f"{text} @dana", one) == [DANA]


@pytest.mark.django_db
class TestNotes:
    def test_who_is_named_has_it_until_done(self) -> None:
        noa, dana, once = an_employee(), an_employee("Dana", "lead"), uuid4()
        for _twice in range(2):
            commands.write(by=noa, customer_id=ANNA, text=" @Dana, call her? ", once=once)
        [one] = queries.of_customer([ANNA])
        assert (one.text, one.by, one.voice_id) == ("@Dana, call her?", "Noa", None)
        assert noted(ANNA) == [("village.noted", noa)]
        waiting = village.staff(dana)
        assert waiting is not None
        assert waiting.mentioned == 1
        [named] = queries.mentions(dana)
        assert (named.note, named.done_at) == (one, None)
        with refuses("village.no_such_mention"):
            commands.done(by=noa, mention_id=named.id)
        for _twice in range(2):
            commands.done(by=dana, mention_id=named.id)
        [named] = queries.mentions(dana)
        assert named.done_at is not None
        done = village.staff(dana)
        assert done is not None
        assert (done.mentioned, queries.mentions(noa)) == (0, [])

    def test_on_a_voice_and_on_the_person(self) -> None:
        noa, voice = an_employee(), uuid4()
        commands.write(by=noa, customer_id=ANNA, text="On both", once=uuid4(), voice_id=voice)
        commands.write(by=noa, customer_id=ANNA, text="On her", once=uuid4())
        assert [one.text for one in queries.of_customer([ANNA])] == ["On both", "On her"]
        assert [one.text for one in queries.of_customer([ANNA], voice)] == ["On both"]

    def test_they_go_with_the_customer(self) -> None:
        noa = an_employee()
        note = commands.write(by=noa, customer_id=ANNA, text="@noa", once=uuid4())
        commands.write(by=noa, customer_id=UUID(int=2), text="stays", once=uuid4())
        gone = commands.forget(customers=[ANNA])
        assert gone.rows == {"village.Note": 1, "village.Mention": 1}
        assert gone.ids == {note}
        assert [one.text for one in queries.of_customer([ANNA, UUID(int=2)])] == ["stays"]

    def test_what_is_no_note_is_refused(self) -> None:
        noa = an_employee()
        for text, code in ((" ", "village.no_note"), ("x" * 5001, "village.words_too_long")):
            with pytest.raises(Refused, match=f"^{code}$"):
                commands.write(by=noa, customer_id=ANNA, text=text, once=uuid4())
        assert queries.of_customer([ANNA]) == []
