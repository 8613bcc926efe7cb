"""How much may be decided alone hangs on what a customer is worth, where that may be known."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from kfar.loop import deciding
from kfar.rooms.insight import queries as insight
from kfar.rooms.insight.figures import Figure
from tests.rooms.insight import world
from tests.rooms.insight.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def learned(data_dir: Path) -> World:
    return world.learned(data_dir)


def test_a_customer_is_worth_what_their_profile_says(learned: World, settings: Settings) -> None:
    said = insight.profile(learned.people[0]).value
    assert said is not None
    assert isinstance(said.worth, Figure)
    assert deciding.worth(learned.people[0]) == round(said.worth.value) > 0
    assert deciding.worth(learned.silent) is None
    assert deciding.worth(uuid4()) is None
    settings.KFAR_CURRENCY = "EUR"
    assert deciding.worth(learned.people[0]) is None


def test_before_anything_is_learned_everybody_has_the_same() -> None:
    assert deciding.worth(world.begin().people[0]) is None
