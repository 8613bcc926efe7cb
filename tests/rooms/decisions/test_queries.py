"""What others read of all decisions at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kfar.rooms.decisions import changes, commands, queries
from tests.changes import a_manager, an_account, announce
from tests.clock import Clock
from tests.people import a_customer, ask
from tests.rooms.decisions.consultations.consulting import consult

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def test_what_waits_for_customers_are_questions_consultations_and_changes(clock: Clock) -> None:
    anna, tomasz = a_customer(), a_manager()
    question = ask(tomasz, closes_at=clock.now + timedelta(days=20))
    consult(tomasz)  # for a week
    change = announce(an_account("Acme", anna), by=tomasz)  # to be answered within ten days
    assert queries.open_count() == 3
    clock.forward(days=7)
    assert queries.open_count() == 2
    changes.withdraw(by=tomasz, change_id=change, reason={"en": "No steel"})
    assert queries.open_count() == 1
    commands.withdraw(by=tomasz, question_id=question, reason={"en": "A typo"})
    assert queries.open_count() == 0
