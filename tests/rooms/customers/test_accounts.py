"""Business customers: their people, each with a part, from when and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from kfar.rooms.customers import accounts
from kfar.rooms.customers.accounts import Belonging, Business, Member
from kfar.rooms.customers.models import Account, AccountHandle, Membership
from tests.clock import Clock
from tests.people import a_customer, an_employee, noted, refuses

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def later(days: float) -> datetime:
    return DAY + timedelta(days=days)


def claim(customer_id: UUID, days: float = 0, **more: str) -> Belonging:
    given: dict[str, Any] = {"source": "shop", "group_id": "acme", "name": "Acme", **more}
    return Belonging(customer_id=customer_id, at=later(days), **given)


class TestByHand:
    def test_a_company_its_people_and_who_leaves(self, clock: Clock) -> None:
        anna, borys, noa = a_customer(), a_customer("Borys"), an_employee()
        acme = accounts.begin(by=noa, name="  Acme \n Ltd", once=uuid4())
        accounts.join(by=noa, account_id=acme, customer_id=anna, part="buyer")
        joined = clock.now
        clock.forward(hours=1)
        for _ in range(2):
            accounts.join(by=noa, account_id=acme, customer_id=borys, part="")
        clock.forward(hours=1)
        accounts.leave(by=noa, account_id=acme, customer_id=anna, part="buyer")

        assert accounts.people_of(acme) == [
            Member(borys, acme, "user", joined + timedelta(hours=1), None),
            Member(anna, acme, "buyer", joined, joined + timedelta(hours=2)),
        ]
        company = Business(acme, "Acme Ltd", joined, (), 1)
        assert accounts.account(acme) == company
        assert accounts.accounts() == [company]
        assert accounts.accounts_of(anna) == [(company, accounts.people_of(acme)[1])]
        assert noted(anna) == [("customers.joined", noa), ("customers.left", noa)]
        assert noted(borys) == [("customers.joined", noa)]

    def test_who_left_can_come_again_and_has_parts(self) -> None:
        anna, noa = a_customer(), an_employee()
        acme = accounts.begin(by=noa, name="Acme", once=uuid4())
        for part in ("buyer", "user"):
            accounts.join(by=noa, account_id=acme, customer_id=anna, part=part)
        accounts.leave(by=noa, account_id=acme, customer_id=anna, part="user")
        accounts.join(by=noa, account_id=acme, customer_id=anna, part="user")
        found = accounts.people_of(acme)
        assert sorted((m.part, m.until is None) for m in found) == [
            ("buyer", True),
            ("user", False),
            ("user", True),
        ]
        known = accounts.account(acme)
        assert known is not None
        assert known.people == 1

    def test_sent_twice_is_one_company(self) -> None:
        noa, once = an_employee(), uuid4()
        assert accounts.begin(by=noa, name="Acme", once=once) == once
        assert accounts.begin(by=noa, name="Acme", once=once) == once
        assert Account.objects.count() == 1

    def test_what_is_not_right_is_refused(self) -> None:
        anna, noa, tomasz = a_customer(), an_employee(), an_employee("Tomasz", "brand")
        acme = accounts.begin(by=noa, name="Acme", once=uuid4())
        given: dict[str, Any] = {"account_id": acme, "customer_id": anna, "part": "buyer"}
        for name in ("", " ", "x" * 201):
            with refuses("customers.no_account_name", most=200):
                accounts.begin(by=noa, name=name, once=uuid4())
        with refuses("customers.part_too_long", most=60):
            accounts.join(by=noa, **given | {"part": "x" * 61})
        with refuses("customers.account_not_found"):
            accounts.join(by=noa, **given | {"account_id": uuid4()})
        with refuses("customers.not_found"):
            accounts.join(by=noa, **given | {"customer_id": uuid4()})
        with refuses("customers.not_joined"):
            accounts.leave(by=noa, **given)
        acts: list[Any] = [accounts.join, accounts.leave]
        for act in acts:
            with refuses("village.may_not", act="customers.join"):
                act(by=tomasz, **given)
        with refuses("village.may_not", act="customers.join"):
            accounts.begin(by=tomasz, name="Acme", once=uuid4())
        assert (Membership.objects.count(), noted(anna)) == (0, [])
        assert accounts.account(uuid4()) is None


class TestByGroups:
    def test_a_group_is_an_account_with_a_name_and_its_people(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        found = accounts.join_many(
            claims=[
                claim(borys, 2, name=""),
                claim(anna, 1, part="buyer"),
                claim(anna, 3, part="buyer"),
                claim(anna, 1, source="crm", name=""),
            ]
        )
        acme, other = found["shop", "acme"], found["crm", "acme"]
        assert len({acme, other}) == 2
        assert accounts.account(acme) == Business(acme, "Acme", later(1), (("shop", "acme"),), 2)
        assert accounts.people_of(acme) == [
            Member(borys, acme, "user", later(2), None),
            Member(anna, acme, "buyer", later(1), None),
        ]
        assert [m.part for m in accounts.people_of(other)] == ["user"]
        assert noted(anna) == [("customers.joined", None)] * 2

    def test_the_same_again_changes_nothing_and_an_older_claim_dates_it_back(self) -> None:
        anna = a_customer()
        [acme] = accounts.join_many(claims=[claim(anna, 5)]).values()
        assert accounts.join_many(claims=[claim(anna, 5)]) == {("shop", "acme"): acme}
        assert accounts.join_many(claims=[claim(anna, 2, name="Acme Ltd"), claim(anna, 3, name="")])
        known = accounts.account(acme)
        assert known is not None
        assert (known.name, known.people) == ("Acme Ltd", 1)
        assert accounts.people_of(acme) == [Member(anna, acme, "user", later(2), None)]
        assert noted(anna) == [("customers.joined", None)]

    def test_who_has_left_stays_so_until_told_again_of_a_later_time(self, clock: Clock) -> None:
        anna, noa = a_customer(), an_employee()
        now = clock.now
        days = (now - DAY).total_seconds() / 86400
        [acme] = accounts.join_many(claims=[claim(anna, days - 5)]).values()
        accounts.leave(by=noa, account_id=acme, customer_id=anna, part="user")
        accounts.join_many(claims=[claim(anna, days - 1)])
        assert [m.until for m in accounts.people_of(acme)] == [now]
        accounts.join_many(claims=[claim(anna, days + 1)])
        assert [m.until for m in accounts.people_of(acme)] == [None, now]

    @pytest.mark.parametrize("size", [1, 40])
    def test_a_handful_of_queries_for_many(
        self, size: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        people = [a_customer(f"Anna{n}") for n in range(size)]
        claims = [claim(who, n, group_id=str(n % 7)) for n, who in enumerate(people)]
        with django_assert_num_queries(10):
            accounts.join_many(claims=claims)
        assert Membership.objects.count() == size


class TestInTheDatabase:
    @pytest.fixture
    def there(self) -> Membership:
        anna = a_customer()
        accounts.join_many(claims=[claim(anna)])
        return Membership.objects.get()

    def test_each_part_once_at_a_time(self, there: Membership) -> None:
        again = Membership(account=there.account, customer=there.customer, part=there.part)
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save()
        again.until = again.since
        again.save()

    def test_nobody_leaves_before_joining(self, there: Membership) -> None:
        there.until = there.since - timedelta(seconds=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            there.save()

    def test_a_group_is_one_account(self, there: Membership) -> None:
        other = Account.objects.create(name="Other")
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountHandle.objects.create(account=other, kind="shop", value="acme")
