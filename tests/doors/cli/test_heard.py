"""What the demo's households say: once, and answered as any other voice is."""

from __future__ import annotations

import pytest

from kfar.doors.cli import demo, heard
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.promises import queries as promises
from kfar.rooms.promises.plans import queries as plans
from kfar.rooms.promises.telling import queries as telling
from kfar.rooms.touchpoints import completejourney
from kfar.rooms.village import defaults
from kfar.rooms.village.departments import queries as departments
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.reviews import queries as reviews
from kfar.rooms.voice.surveys import queries as surveys

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


@pytest.fixture(autouse=True)
def households() -> None:
    defaults.begin()
    demo.employ()
    customers.meet_many(
        source=completejourney.SOURCE,
        newcomers=[
            Newcomer(
                key=str(n),
                email=f"household-{n}@demo.kfar.example",
                language=completejourney.language(n),
                consents=completejourney.consents(n),
            )
            for n in range(203, 900, 11)
        ],
    )


def test_the_loop_turns_once() -> None:
    assert (demo.hear(), demo.hear()) == (26, 0)
    told = voices.telling()
    assert (told.heard, told.waiting, told.judged) == (26, 16, 3)
    record = promises.record()
    assert (record.open, record.kept, record.broken) == (3, 1, 0)
    [bread] = telling.public()
    assert (bread.people, bread.did) == (4, heard.BREAD)
    [plan] = plans.open_plans()
    assert (plan.voices, plan.people) == (2, 2)
    found = surveys.outcome(heard.SURVEY)
    assert found is not None
    assert found.others == sum(heard.SCORED.values()) == 47
    assert reviews.count(None) == 9
    assert len(departments.departments()) == 5
