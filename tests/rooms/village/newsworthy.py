"""What employees hear of by mail, lived through."""

from __future__ import annotations

from uuid import UUID, uuid4

from kfar.ground.money import Money
from kfar.rooms.service import commands as service
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.village.notes import commands as notes
from tests.people import a_customer, an_employee


def live_through_news(employee: UUID) -> None:
    """Let Dana be named in a note, be given one case, and be asked for an approval in another."""
    dana, gil = an_employee("Dana", "lead"), a_customer("Gil")
    notes.write(by=employee, customer_id=gil, text="@Dana see this", once=uuid4())
    given, above = (service.open_case(voice_id=uuid4(), customer_id=gil) for _twice in range(2))
    service.hand_on(by=employee, case_id=given, to=dana)
    approving.ask(
        by=employee, case_id=above, kind="refund", amount=Money(5_000, "USD"), once=uuid4()
    )
