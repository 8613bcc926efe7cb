"""Who a customer is, by every name, and what they agreed to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kfar.rooms.customers import commands, queries
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.customers.models import Consent, Customer, Handle
from kfar.rooms.customers.queries import Person
from kfar.rooms.village import commands as village
from kfar.rooms.village.models import Login
from tests.at_once import at_once
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, noted, refuses

pytestmark = pytest.mark.django_db

ANNA = "anna@village.example"


def meet(*newcomers: Newcomer, source: str = "shop") -> dict[str, UUID]:
    return commands.meet_many(source=source, newcomers=newcomers)


class TestMeetMany:
    def test_they_are_known_by_what_the_source_says(self) -> None:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        new = Newcomer(
            key="7", name="Anna", email=" Anna@Village.example ", language="pl", met_at=at,
            about={"age": "34"}, consents=("ask",),
        )  # fmt: skip
        known = meet(new)
        assert queries.person(known["7"]) == Person(
            id=known["7"], name="Anna", email=ANNA, language="pl", met_at=at,
            about={"age": "34"}, consents=frozenset({"ask"}),
        )  # fmt: skip
        assert queries.by_handle("shop", "7") == queries.by_handle("email", "ANNA@village.example ")
        assert queries.found_by("shop", ["7", "8"]) == known
        assert announced() == []

    def test_the_same_file_twice_makes_nobody_twice_and_changes_nobody(self) -> None:
        new = Newcomer(key="7", name="Anna", email=ANNA, consents=("ask",))
        first = meet(new, new)
        again = meet(Newcomer(key="7", name="Hania", email="other@village.example"))
        assert first == again
        assert (Customer.objects.get().name, Handle.objects.count()) == ("Anna", 2)
        assert Consent.objects.count() == 1

    def test_one_address_is_one_person_whoever_tells(self) -> None:
        shop = meet(Newcomer(key="7", email=ANNA), Newcomer(key="8", email=ANNA.upper()))
        club = meet(Newcomer(key="x", email=f" {ANNA}", consents=("ask",)), source="club")
        assert {*shop.values(), *club.values()} == {Customer.objects.get().pk}
        names = Handle.objects.order_by("pk").values_list("kind", "value")
        assert list(names) == [("email", ANNA), ("shop", "7"), ("shop", "8"), ("club", "x")]

    def test_who_has_no_address_is_known_by_the_source_alone(self) -> None:
        known = meet(Newcomer(key="7"), Newcomer(key="8"))
        assert (len(set(known.values())), Handle.objects.count()) == (2, 2)
        person = queries.person(known["7"])
        assert person is not None
        assert person.email == ""


class TestRecognise:
    def login(self, email: str = ANNA) -> UUID:
        return village.admit(email=email)

    def test_who_proves_an_address_we_know_is_that_person(self) -> None:
        anna = a_customer()
        login = self.login(ANNA.upper())
        for _ in range(2):
            assert commands.recognise(login_id=login, language="he") == anna
        assert Customer.objects.get().language == "en"
        assert noted(anna) == [("customers.recognised", None)]

    def test_who_is_new_is_met_now_in_their_language(self, clock: Clock) -> None:
        login = self.login()
        anna = commands.recognise(login_id=login, language="he")
        assert commands.recognise(login_id=login, language="pl") == anna
        assert queries.person(anna) == Person(
            id=anna, name="", email=ANNA, language="he", met_at=clock.now
        )
        assert noted(anna) == [("customers.recognised", None)]

    @pytest.mark.django_db(transaction=True)
    def test_two_pages_opened_at_once_are_one_first_visit(self) -> None:
        login = self.login()
        found = at_once(*[lambda: commands.recognise(login_id=login, language="en")] * 4)
        assert found == [Customer.objects.get().pk] * 4
        assert len(noted(Customer.objects.get().pk)) == 1


class TestOpenDoor:
    def test_a_door_opens_for_anybody_but_staff(self) -> None:
        an_employee("Noa")
        assert commands.open_door(email=" Noa@Village.example") is None
        login = commands.open_door(email=" Anna@Village.example")
        assert login == commands.open_door(email=ANNA) == Login.objects.get(email=ANNA).pk

    def test_a_door_nobody_came_through_in_a_day_goes(self, clock: Clock) -> None:
        used, known = (
            commands.open_door(email="u@x.example"),
            commands.open_door(email="k@x.example"),
        )
        assert used is not None
        assert known is not None
        Login.objects.filter(pk=used).update(last_login=clock.now)
        commands.recognise(login_id=known, language="en")
        an_employee("Noa")
        for address in ("typed@x.example", "again@x.example"):
            commands.open_door(email=address)
        clock.forward(days=1)
        commands.open_door(email=ANNA)
        assert Login.objects.count() == 6
        clock.forward(microseconds=1)
        commands.open_door(email="Again@x.example")
        assert sorted(Login.objects.values_list("email", flat=True)) == [
            *("again@x.example", ANNA, "k@x.example", "noa@village.example", "u@x.example"),
        ]


class TestConsent(TestCase):
    @settings(max_examples=25)
    @given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=8))
    def test_the_latest_word_counts_and_none_means_no(self, words: list[tuple[int, bool]]) -> None:
        people = [a_customer(name, asked=False) for name in ("Anna", "Borys", "Celina")]
        latest: dict[int, bool] = {}
        for who, given_ in words:
            commands.consent(by=people[who], purpose="ask", given=given_, source="web")
            latest[who] = given_
        assert set(queries.agreed("ask")) == {people[who] for who, yes in latest.items() if yes}
        for customer_id, person in queries.people(people).items():
            agreed = {"ask"} if latest.get(people.index(customer_id)) else set()
            assert person.consents == agreed
        acts = {True: "customers.consented", False: "customers.declined"}
        for number, customer in enumerate(people):
            mine = [(acts[given_], None) for who, given_ in words if who == number]
            assert noted(customer) == mine


def test_another_purpose_or_language_is_refused() -> None:
    anna = a_customer()
    with refuses("customers.unknown_purpose", purpose="sell"):
        commands.consent(by=anna, purpose="sell", given=True, source="web")
    with refuses("customers.unknown_language", language="fr"):
        commands.speak(by=anna, language="fr")
    commands.speak(by=anna, language="he")
    person = queries.person(anna)
    assert person is not None
    assert (person.language, Consent.objects.count(), noted(anna)) == ("he", 1, [])


def test_who_agreed_without_an_address_cannot_be_asked(clock: Clock) -> None:
    meet(Newcomer(key="7", consents=("ask",)))
    clock.forward(hours=1)
    borys = a_customer("Borys")
    anna = meet(Newcomer(key="8", email=ANNA, consents=("ask",), met_at=clock.now - timedelta(1)))
    assert queries.agreed("ask") == [anna["8"], borys]
    assert (queries.count(), queries.person(uuid4())) == (3, None)


def test_what_is_known_of_people_is_told_by_person() -> None:
    """What the person's own row says goes before what one merged into it says."""
    known = meet(
        Newcomer(key="a", about={"age": "34"}),
        Newcomer(key="b", about={"age": "50", "home": "Renter"}),
        Newcomer(key="c"),
    )
    Customer.objects.filter(pk=known["b"]).update(person=known["a"])
    assert queries.abouts() == {known["a"]: {"age": "34", "home": "Renter"}}
