"""Business customers and changes, for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from kfar.rooms.customers import accounts
from kfar.rooms.decisions import agreements, changes, ledger, notices
from kfar.rooms.decisions.change_rules import ChangeDraft
from kfar.rooms.decisions.notices import Notice
from tests.clock import Clock
from tests.people import an_employee


def an_account(name: str, *people: UUID, part: str = "buyer") -> UUID:
    """A business customer in which these people have that part."""
    lead = an_employee("Dana", "lead")
    account = accounts.begin(by=lead, name=name, once=uuid4())
    for person in people:
        accounts.join(by=lead, account_id=account, customer_id=person, part=part)
    return account


def a_manager() -> UUID:
    """Somebody who may announce changes."""
    return an_employee("Tomasz", "brand")


def announce(*asked: UUID, **given: Any) -> UUID:
    """Announce new steel from tomorrow on, to the buyers; answers within ten days."""
    once = given.pop("once", None) or uuid4()
    by = given.pop("by", None) or a_manager()
    now = timezone.now()
    change: dict[str, Any] = {
        "text": {"en": "The hinge is made of new steel"},
        "details": {"en": "Stainless, 2 mm."},
        "products": ["H-12 Hinge"],
        "starts": timezone.localdate(now) + timedelta(days=1),
        "answers_by": now + timedelta(days=10),
        "silence": "waits",
        "veto": "account",
        "asked": {account: ["buyer"] for account in asked},
    }
    return changes.announce(by=by, draft=ChangeDraft(**(change | given)), once=once)


def agree(account: UUID, **given: Any) -> UUID:
    """Put on record that an account's silence means yes."""
    said: dict[str, Any] = {
        "by": a_manager(),
        "title": "Supply terms 2026",
        "signed_on": timezone.localdate(),
        "signed_by": "J. Kowalska, board",
        "sum_": "a" * 64,
        "once": uuid4(),
    }
    return agreements.record(account_id=account, **(said | given))


def known(change: UUID) -> Notice:
    """The change as it stands now."""
    found = notices.notice(change)
    assert found is not None
    return found


def log(change: UUID) -> list[str]:
    """The lines of its log."""
    return list(ledger.lines(change))


def live_through_a_change(customer: UUID, clock: Clock) -> None:
    """Let a customer's company be asked, reminded, answered and told in every way there is."""
    by, account = a_manager(), an_account("Acme", customer)
    change = announce(account)
    changes.answer(by=customer, change_id=change, account_id=account, answer="object", words="Why?")
    said = known(change).asked[0].last
    assert said is not None
    changes.reply(by=by, change_id=change, answer_id=said.id, text={"en": "So"}, once=uuid4())
    clock.forward(days=9)
    changes.remind_due()
    clock.forward(days=1)
    changes.close_due()
    changes.withdraw(by=by, change_id=change, reason={"en": "No steel"})
