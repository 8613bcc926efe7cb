"""A change as a story: announced, reminded of, answered, replied to, closed and taken back."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from pytest_django import Settings

from kfar import loop
from kfar.doors import links
from kfar.lake import outbox
from kfar.lake.models import Announcement, Touchpoint
from kfar.rooms.customers import accounts
from kfar.rooms.decisions import changes
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from tests.changes import an_account, announce, known
from tests.clock import Clock
from tests.people import a_customer, an_employee

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(settings: Settings, data_dir: object, db: None) -> None:
    settings.KFAR_COMPANY = "Orchard"
    settings.KFAR_URL = "https://orchard.example"


def letters() -> list[tuple[str, str]]:
    """Who got which letter since the last time, by address and subject."""
    for _ in range(2):  # what a tick announces, the next one tells
        loop.tick()
    sent = [(message.to[0], str(message.subject)) for message in mail.outbox]
    mail.outbox.clear()
    return sorted(sent)


def test_each_who_speaks_for_an_account_is_told_and_conditions_are_a_promise(clock: Clock) -> None:
    anna, borys = a_customer(), a_customer("Borys", language="pl")
    celina, dov = a_customer("Celina", asked=False), a_customer("Dov")
    acme, bolt = an_account("Acme", anna, celina), an_account("Bolt", borys)
    an_account("Cog", dov)
    change = announce(acme, bolt, text={"en": "New steel", "pl": "Nowa stal"})
    loop.tick()
    [first] = [m for m in mail.outbox if m.to == ["anna@village.example"]]
    [token] = re.findall(r"https://orchard\.example/change/([^/\s]+)/", str(first.body))
    assert links.opened(token, "change") == [change, anna]
    for said in ("You speak for Acme.", "Silence is no yes.", "A veto holds", "H-12 Hinge"):
        assert said in str(first.body)
    assert letters() == [
        ("anna@village.example", "Before it changes: New steel"),
        ("borys@village.example", "Zanim się zmieni: Nowa stal"),
        ("celina@village.example", "Before it changes: New steel"),
    ]

    changes.answer(
        by=anna, change_id=change, account_id=acme, answer="conditions", words="Same price"
    )
    assert letters() == []
    kinds = Touchpoint.objects.filter(customer=anna).values_list("kind", "ref")
    assert list(kinds) == [("change", str(change))]

    clock.forward(days=7)
    assert letters() == [("borys@village.example", "Jeszcze bez odpowiedzi: Nowa stal")]

    [asked] = [one for one in known(change).asked if one.account_id == acme]
    assert asked.last is not None
    tomasz, due = an_employee("Tomasz", "brand"), clock.today + timedelta(days=9)
    changes.reply(
        by=tomasz, change_id=change, answer_id=asked.last.id, text={"en": "It stays"},
        due=due, once=uuid4(),
    )  # fmt: skip
    assert letters() == [
        ("anna@village.example", "An answer to you: New steel"),
        ("celina@village.example", "An answer to you: New steel"),
    ]
    for _ in range(2):  # news may come twice
        Announcement.objects.update(delivered_at=None)
        outbox.deliver()
    [promised] = record.to_customer(anna)
    assert (promised.text, promised.due, promised.owner_id, promised.to) == (
        *({"en": "It stays"}, due, tomasz, 2),
    )
    assert promised.personal
    assert letters() == []

    clock.forward(days=3)
    changes.close_due()
    loop.tick()
    bodies = {m.to[0]: str(m.body) for m in mail.outbox}
    assert "Acme: approved with conditions" in bodies["anna@village.example"]
    assert (
        "Does it ship to you? Yes: the conditions were taken on."
        in (bodies["anna@village.example"])
    )
    assert "Nie: nie było odpowiedzi" in bodies["borys@village.example"]
    assert [subject for _to, subject in letters()] == [
        *("The outcome: New steel", "Wynik: Nowa stal", "The outcome: New steel"),
    ]
    promises.keep(by=tomasz, promise_id=promised.id, how="The price stayed")
    assert [subject for _to, subject in letters()] == ["We kept our promise"] * 2

    changes.withdraw(by=tomasz, change_id=change, reason={"en": "No steel is left"})
    loop.tick()
    [mine] = [m for m in mail.outbox if m.to == ["anna@village.example"]]
    assert "Why: No steel is left" in str(mine.body)
    assert [subject for _to, subject in letters()] == [
        *("Taken back: New steel", "Wycofano: Nowa stal", "Taken back: New steel"),
    ]


def test_who_has_left_the_account_is_told_nothing_more(clock: Clock) -> None:
    anna = a_customer()
    acme = an_account("Acme", anna)
    announce(acme)
    assert len(letters()) == 1
    accounts.leave(by=an_employee("Dana", "lead"), account_id=acme, customer_id=anna, part="buyer")
    clock.forward(days=10)
    assert letters() == []
