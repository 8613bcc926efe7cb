"""Whose touch is it, on rows: as the rules say, in few queries, also for several at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis.extra.django import TestCase

from kfar.rooms.customers import commands, queries
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.customers.facts import Merged
from kfar.rooms.customers.models import Consent, Customer, Handle, Merge, Proposal
from kfar.rooms.customers.rules import Book, Claim
from kfar.rooms.village import commands as village
from tests.at_once import at_once
from tests.people import a_customer, announced, noted
from tests.rooms.customers.test_rules import CLAIMS, NOON, claim, sure

pytestmark = pytest.mark.django_db

ANNA = "anna@village.example"


def resolve(*claims: Claim) -> list[UUID | None]:
    return commands.resolve(claims=claims)


def one(said: Claim) -> UUID:
    [found] = resolve(said)
    assert found is not None
    return found


def alike(ids: Sequence[UUID | None]) -> list[int]:
    """Number ids in the order they are first seen, so that two runs can be compared."""
    seen: dict[UUID | None, int] = {None: -1}
    return [seen.setdefault(own, len(seen)) for own in ids]


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Customer, Handle, Merge, Proposal, Consent))


class TestAsTheRulesSay(TestCase):
    @settings(max_examples=40)
    @given(CLAIMS)
    def test_rows_answer_as_the_rules_do_in_any_batches(self, claims: list[Claim]) -> None:
        claims = sorted(claims, key=lambda said: said.at)
        book = Book()
        expected = book.take(claims)
        found = [own for said in claims for own in resolve(said)]
        assert alike(found) == alike(expected)
        people = queries.person_of([own for own in found if own])
        assert alike([own and people[own] for own in found]) == alike(
            [own and book.person(own) for own in expected]
        )
        assert rows()[2] == len(book.merges)
        before = rows()
        assert resolve(*claims) == found
        assert rows() == before or any(said.previous_id for said in claims)


def test_new_people_are_known_with_what_is_said_of_them() -> None:
    at = NOON - timedelta(days=9)
    said = Claim(source="web", at=at, user_id="u", name="Anna", language="pl-PL", email=ANNA)
    person = queries.person(one(said))
    assert person is not None
    assert (person.name, person.language, person.met_at, person.email) == ("Anna", "pl", at, "")
    assert person.names == (("told-email", ANNA), ("web", "u"))
    resolve(sure(user_id="u", name="Hania", language="he", email=ANNA))
    person = queries.person(person.id)
    assert person is not None
    assert (person.name, person.language, person.email) == ("Anna", "pl", ANNA)


def test_a_name_fills_a_gap_alone() -> None:
    anna = one(claim(user_id="u", language="xx"))
    resolve(claim(1, user_id="u", name="Anna"), claim(2, user_id="u", language="he"))
    assert Customer.objects.values_list("name", "language").get(pk=anna) == ("Anna", "he")


def test_a_thousand_more_claims_cost_no_more_queries() -> None:
    few = [claim(n, user_id=f"{n}", anonymous_id=f"a{n}") for n in range(500)]
    resolve(*few)
    many = [claim(1000 + n, user_id=f"{n % 500}", anonymous_id=f"a{n % 500}") for n in range(5000)]
    with CaptureQueriesContext(connection) as asked:
        resolve(*many)
    # For users, visitors and shared devices, in a savepoint.
    assert len([q for q in asked.captured_queries if q["sql"].startswith("SELECT")]) == 3
    assert Customer.objects.count() == 1000


def test_nothing_stays_of_what_is_rolled_back() -> None:
    with transaction.atomic():
        resolve(claim(user_id="u", anonymous_id="a", consents={"ask": True}))
        assert rows() == (2, 2, 1, 0, 1)
        transaction.set_rollback(True)
    assert rows() == (0, 0, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_several_processes_that_meet_the_same_people_meet_them_once() -> None:
    def batch(start: int) -> list[Claim]:
        numbers = [*range(start, 40), *range(start)]
        return [
            sure(
                n, user_id=f"{n}", anonymous_id=f"a{n}", email=f"{n % 20}@x.example", source=source
            )
            for n in numbers
            for source in ("web", "shop")
        ]

    def do(start: int) -> dict[tuple[str, str], UUID | None]:
        claims = batch(start)
        found = resolve(*claims)
        return {(c.source, c.user_id): own for c, own in zip(claims, found, strict=True)}

    answers = at_once(*[lambda start=start: do(start) for start in (0, 10, 20, 30)])
    assert answers == [answers[0]] * 4
    # 40 web users, shop users and visitors. An address joins the first two who have it; the
    # other two are two people on one device, which is shared from then on.
    assert (Customer.objects.count(), Handle.objects.count()) == (140, 160)
    assert not Customer.objects.filter(person__person__isnull=False).exists()
    ends = dict(Customer.objects.values_list("pk", "person_id"))
    for loser, winner in Merge.objects.values_list("loser_id", "winner_id"):
        assert ends[loser] == (ends[winner] or winner)
    assert Merge.objects.count() == len([end for end in ends.values() if end])


def test_known_people_who_become_one_are_news_and_visits_are_not() -> None:
    [shop, web] = resolve(sure(source="shop", user_id="7", email=ANNA), sure(1, user_id="u"))
    resolve(claim(2, user_id="u", anonymous_id="a"))
    assert announced() == []
    resolve(sure(3, user_id="u", email=ANNA))
    [fact] = announced()
    made = Merge.objects.get(ground="email")
    assert fact == Merged(merge_id=made.pk, loser=web, winner=shop, at=made.at)  # type: ignore[arg-type]
    assert noted(made.winner_id) == [("customers.merged", None)] * 2


class TestImports:
    def meet(self, source: str, **new: Any) -> UUID:
        return commands.meet_many(source=source, newcomers=[Newcomer(**new)])[new["key"]]

    def test_a_file_joins_what_a_page_told(self) -> None:
        visitor = one(claim(anonymous_id="a", email=ANNA))
        anna = self.meet("shop", key="7", email=ANNA)
        assert queries.selves(anna) == [anna, visitor]

    def test_a_file_gives_an_address_to_who_has_none(self) -> None:
        anna = self.meet("shop", key="7")
        assert self.meet("shop", key="7", email=ANNA) == anna
        assert queries.by_handle("email", ANNA) == anna
        self.meet("shop", key="7", email="other@village.example")
        assert queries.by_handle("email", "other@village.example") is None

    def test_a_file_that_names_two_known_people_joins_them(self) -> None:
        anna, club = self.meet("shop", key="7"), self.meet("club", key="x", email=ANNA)
        self.meet("shop", key="7", email=ANNA)
        assert queries.person_of([anna, club]) == {anna: anna, club: anna}

    def test_only_who_is_named_is_looked_up(self) -> None:
        for n in range(30):
            self.meet("shop", key=f"{n}", email=f"{n}@x.example")
        assert self.meet("shop", key="7") == queries.by_handle("shop", "7")
        found = commands.meet_many(source="shop", newcomers=[Newcomer("7"), Newcomer("8")])
        assert set(found) == {"7", "8"}


class TestSignIn:
    def sign_in(self, email: str = ANNA) -> UUID:
        return commands.recognise(login_id=village.admit(email=email), language="en")

    def test_who_typed_an_address_before_proving_it_is_one_person(self) -> None:
        visitor = one(claim(anonymous_id="a", email=ANNA))
        anna = self.sign_in()
        assert queries.selves(anna) == [anna, visitor]

    def test_an_address_a_page_told_of_somebody_known_opens_nothing(self) -> None:
        victim = one(sure(user_id="7"))
        resolve(claim(1, user_id="7", email="thief@x.example"))
        thief = self.sign_in("thief@x.example")
        assert queries.selves(thief) == [thief]
        assert queries.selves(victim) == [victim]
        assert [(p.one.id, p.other.id) for p in queries.proposals()] == [
            tuple(sorted((victim, thief)))
        ]

    def test_who_signs_in_with_two_addresses_of_theirs_is_one_person(self) -> None:
        anna = one(sure(user_id="u", email=ANNA))
        resolve(sure(1, user_id="u", email="other@village.example"))
        assert [self.sign_in(), self.sign_in("other@village.example"), self.sign_in()] == [anna] * 3
        assert len(queries.selves(anna)) == 2
        assert Customer.objects.exclude(login=None).count() == 2

    def test_who_was_merged_acts_as_the_person(self) -> None:
        anna = self.sign_in()
        club = one(sure(source="club", user_id="x", email="old@x.example"))
        assert self.sign_in("old@x.example") == club
        Merge.objects.create(loser_id=club, winner_id=anna, ground="staff", source="kfar")
        Customer.objects.filter(pk=club).update(person=anna)
        assert self.sign_in("old@x.example") == anna


class TestConsents:
    def words(self) -> list[tuple[str, bool, str, float]]:
        rows = Consent.objects.order_by("at", "pk").values_list("purpose", "given", "source", "at")
        return [(p, given, s, (at - NOON).total_seconds() / 60) for p, given, s, at in rows]

    def test_they_are_kept_when_they_change(self) -> None:
        said = [{"ask": True}, {"ask": True}, {"ask": False, "sell": True}, {"understand": False}]
        claims = [claim(n, user_id="u", consents=given) for n, given in enumerate(said)]
        for _ in range(2):
            resolve(*claims)
            assert self.words() == [
                ("ask", True, "web", 0),
                ("ask", False, "web", 2),
                ("understand", False, "web", 3),
            ]

    def test_what_a_visitor_agreed_to_is_the_persons(self) -> None:
        visitor = one(claim(anonymous_id="a", consents={"understand": True}))
        anna = one(claim(1, anonymous_id="a", user_id="u", consents={"understand": True}))
        assert len(self.words()) == 1
        assert queries.allowed("understand", [visitor, anna]) == {visitor, anna}
        resolve(claim(2, user_id="u", consents={"understand": False}))
        assert queries.allowed("understand", [visitor, anna]) == set()

    def test_a_page_cannot_agree_for_who_has_signed_in(self) -> None:
        anna = a_customer("Anna")
        commands.recognise(login_id=village.admit(email=ANNA), language="en")
        yes = claim(source="test", user_id="Anna", consents={"advertise": True})
        resolve(yes)
        assert queries.allowed("advertise", [anna]) == set()
        resolve(claim(1e9, source="test", user_id="Anna", consents={"ask": False}))
        assert queries.allowed("ask", [anna]) == set()
