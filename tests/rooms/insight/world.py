"""A small company: people who come at their own rates, of whom some stay away from one day on."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from kfar.ground.ids import derived_id
from kfar.lake.touch import Touch
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.insight import refreshing
from tests import made
from tests.lake.touches import settle

PEOPLE, DAYS = 240, 300
FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)
LAST = (FIRST + timedelta(days=DAYS - 1)).date()
CATEGORIES = ("bread", "milk", "tea", "soap", "wine", "paper")
YES = ("understand", "personalise")


@dataclass(frozen=True)
class World:
    """Who agreed to everything, who only to be understood, and who to nothing."""

    people: list[UUID]
    plain: UUID
    silent: UUID
    touches: list[Touch]

    def of(self, person: UUID) -> list[Touch]:
        """One person's touches."""
        return [touch for touch in self.touches if touch.customer == person]


@dataclass(frozen=True)
class Learned:
    """A world of which everything was learned: its rows, and the files of its data directory."""

    world: World
    rows: dict[type[Model], list[Model]]
    files: Path


#: By the share of people who are left alone; it is learned once in a process.
LEARNED: dict[float, Learned] = {}


def learned(data_dir: Path) -> World:
    """Let a world begin of which everything is learned, where nothing is yet.

    After the first time by copying what the first one was.
    """
    known = LEARNED.get(settings.KFAR_LEFT_ALONE)
    if known:
        shutil.copytree(known.files, data_dir, dirs_exist_ok=True)
        for model, rows in known.rows.items():
            model._base_manager.all()._raw_delete(using="default")  # those of an empty Kfar
            model._base_manager.bulk_create(rows)
        return known.world
    before, world = _rows(), begin()
    refreshing.refresh()
    new = {kind: rows for kind, rows in _rows().items() if _said(rows) != _said(before[kind])}
    files = Path(tempfile.mkdtemp(dir=os.environ[made.FOLDER]))
    shutil.copytree(data_dir, files, dirs_exist_ok=True)
    LEARNED[settings.KFAR_LEFT_ALONE] = Learned(world, new, files)
    return world


def _rows() -> dict[type[Model], list[Model]]:
    """Return every row there is, by its kind."""
    kinds = apps.get_models(include_auto_created=True)
    return {kind: list(kind._base_manager.all()) for kind in kinds if kind._meta.managed}


def _said(rows: list[Model]) -> list[dict[str, object]]:
    return [{name: vars(row)[name] for name in vars(row) if name != "_state"} for row in rows]


def begin(seed: int = 1) -> World:
    """Let the world begin; the last two people agree to less than all."""
    random = np.random.default_rng(seed)
    newcomers = [
        Newcomer(
            key=str(n),
            name=f"Person {n}",
            email=f"person-{n}@world.example",
            consents=YES if n < PEOPLE - 2 else YES[: PEOPLE - 1 - n],
        )
        for n in range(PEOPLE)
    ]
    people = list(customers.meet_many(source="test", newcomers=newcomers).values())
    touches = [touch for n, person in enumerate(people) for touch in _life(person, n, random)]
    settle(touches)
    return World(people[:-2], people[-2], people[-1], touches)


def _life(person: UUID, number: int, random: np.random.Generator) -> list[Touch]:
    """Return their purchases: each at a rate of their own, and after each some leave for good."""
    rate, leaves = min(random.gamma(2.0, 0.05), 0.5), random.beta(0.4, 6.0)
    days = [0, *np.flatnonzero(random.random(DAYS - 1) < rate) + 1]
    days = days[: int(random.geometric(leaves))]
    purse = float(random.gamma(3.0, 50.0))
    tastes = random.dirichlet(np.ones(len(CATEGORIES)))
    touches = []
    for day in days:
        bought = np.unique(random.choice(len(CATEGORIES), 2, p=tastes))
        touches += [
            _line(person, number, int(day), int(what), int(random.gamma(4.0, purse)))
            for what in bought
        ]
    return touches


def _line(person: UUID, number: int, day: int, what: int, paid: int) -> Touch:
    return Touch(
        id=derived_id("world", f"{number}/{day}/{what}"),
        customer=person,
        at=FIRST + timedelta(days=day),
        channel="store",
        kind="purchase",
        source="test",
        place=str(number % 3),
        basket=f"{number}/{day}",
        product=f"{CATEGORIES[what]}-1",
        product_name=CATEGORIES[what],
        category=CATEGORIES[what],
        units=1,
        paid=paid + 1,
        currency="USD",
    )


def day(number: int) -> date:
    """The day of that number."""
    return (FIRST + timedelta(days=number)).date()
