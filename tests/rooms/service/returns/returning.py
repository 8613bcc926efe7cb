"""Returns for tests: something bought, and sent back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from kfar.ground.ids import derived_id
from kfar.rooms.customers import queries as people
from kfar.rooms.service.by_mail import commands as by_mail
from kfar.rooms.service.returns import commands, queries
from kfar.rooms.service.returns.queries import Returned
from kfar.rooms.service.returns.rules import Bought


def a_line(key: str = "milk", units: int = 2, paid: int = 1000, **given: Any) -> Bought:
    """Two of milk for 10.00, unless said otherwise."""
    said = {"product": key, "name": key.upper(), "category": "Dairy", "currency": "USD"}
    return Bought(touch_id=derived_id("line", key), units=units, paid=paid, **(said | given))


def send_back(
    by: UUID,
    *lines: Bought,
    units: int | None = None,
    bought_at: datetime | None = None,
    once: UUID | None = None,
) -> UUID:
    """Send these lines back, whole unless said otherwise, bought yesterday."""
    bought = lines or (a_line(),)
    return commands.start(
        by=by,
        bought_at=bought_at or timezone.now() - timedelta(days=1),
        lines=bought,
        chosen={line.touch_id: units or line.units for line in bought},
        once=once or uuid4(),
    )


def found(return_id: UUID) -> Returned:
    """The return as it stands."""
    one = queries.one(return_id)
    assert one is not None
    return one


def live_through_a_return(customer: UUID, employee: UUID) -> None:
    """Let a customer send things back, by every way there is."""
    came = send_back(customer, a_line("came"))
    commands.arrive(by=employee, code=found(came).code)
    commands.take_back(by=customer, return_id=send_back(customer, a_line("kept")))
    long_ago = timezone.now() - timedelta(days=99)
    late = send_back(customer, a_line("late"), bought_at=long_ago)
    commands.decide(by=employee, return_id=late, yes=False, words="Three months")
    person = people.person(customer)
    assert person is not None
    by_mail.ask(address=person.email, number="77")
    by_mail.look_up_due(find=lambda _customer, _number: uuid4())
