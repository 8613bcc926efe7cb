"""What moves, what leads and what follows, learned of worlds in which the truth is planted."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from kfar.lake.engines import Engine
from kfar.rooms.insight import reading
from kfar.rooms.insight.drivers.ranking import Drivers
from kfar.rooms.insight.drivers.tables import AFTER, BEFORE, DRIVERS, Times, told
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.leaving.visits import Visits
from kfar.rooms.insight.studies import after, discipline, drivers
from kfar.rooms.insight.studies.after import After
from tests.lake.engines.conftest import spoken
from tests.rooms.insight.brand import worlds
from tests.rooms.insight.brand.worlds import FIRST, Happened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]
__all__ = ["spoken"]

LAST = FIRST + timedelta(days=89)


class TestDrivers:
    def test_what_brings_people_back_is_found_and_not_what_who_buys_much_gets(self) -> None:
        happened = worlds.moving()
        worlds.told(happened)
        with reading.everybody() as session:
            learned = drivers.learn(session, LAST)
            columns = np.array(
                [r[1:] for r in session.ask(told(reading.known(), Times(LAST, 30), ["voice"]))],
                np.float64,
            )
        assert learned is not None
        study, people = learned
        assert (study.days, people) == (30, 400)
        moved = study.outcomes["visits"]
        assert isinstance(moved.found, Drivers)
        names = moved.found.names
        best = names.index("coupons")
        assert (moved.found.ranks[best], moved.found.rank_high[best]) == (1, 1)
        assert moved.way[best] == 1
        assert moved.found.weights.argmax() == best
        assert moved.found.low[best] > moved.found.high[names.index("letters")]
        assert moved.unmeasured == ("own_label", "packs", "asked", "bad", "remedies")
        # Without holding what they bought before, letters would come first.
        all_of_them = [*BEFORE, *AFTER, *DRIVERS]
        came, letters, coupons = (
            columns[:, all_of_them.index(name)] for name in ("visits_after", "letters", "coupons")
        )
        plain = [float(np.corrcoef(came, of)[0, 1]) for of in (letters, coupons)]
        assert plain[0] > plain[1] > 0

    def test_where_chance_explains_as_much_nothing_is_said(self) -> None:
        worlds.told(worlds.chance())
        with reading.everybody() as session:
            learned = drivers.learn(session, LAST)
        assert learned is not None
        moved = learned[0].outcomes["visits"]
        assert isinstance(moved.found, Withheld)
        assert moved.found.code == "drivers.nothing"
        silent = learned[0].outcomes["satisfaction"].found
        assert silent == Withheld("drivers.none", {"people": 0, "fewest": 30})

    def test_a_short_past_and_nobody_say_nothing(self) -> None:
        with reading.everybody() as session:
            assert drivers.learn(session, LAST) is None
        worlds.told([Happened(0, 0), Happened(0, 40)])
        with reading.everybody() as session:
            learned = drivers.learn(session, FIRST + timedelta(days=40))
        assert learned is not None
        short = Withheld("drivers.short", {"days": 41, "needed": 84})
        assert [one.found for one in learned[0].outcomes.values()] == [short] * 3

    def test_times_follow_one_another_on_every_engine(self, spoken: Engine) -> None:
        worlds.told(
            [
                *(Happened(0, day) for day in (0, 9, 10, 19, 20, 29)),
                Happened(0, 12, category="milk", discount=1000),
                *(Happened(0, day, "campaign") for day in (9, 10, 19, 20)),
                *(Happened(0, day, "good") for day in (19, 20, 25)),
                Happened(0, 21, "not-good"),
                Happened(0, 11, "return"),
                Happened(1, 0),
                Happened(1, 29),
            ]
        )
        until = FIRST + timedelta(days=29)
        table = told(reading.known(), Times(until, 10), ["return"])
        with reading.everybody() as session:
            [row] = session.ask(table)
        names = ["customer", *BEFORE, *AFTER, *DRIVERS]
        found = dict(zip(names, row, strict=True))
        del found["customer"], found["prices"], found["packs"]
        assert found.pop("offers") == pytest.approx(1 / 3)
        assert found == {
            "spend_before": 2000,
            "visits_before": 2,
            "spend": 3000,
            "visits": 3,
            "spend_after": 2000,
            "visits_after": 2,
            "good_after": 2,
            "not_good_after": 1,
            "own_label": None,
            "breadth": 2,
            "new": 0.5,
            "one_store": 1.0,
            "letters": 2,
            "coupons": 0,
            "asked": 0,
            "bad": 1,
            "remedies": 0,
        }


class TestDiscipline:
    def test_a_shift_that_all_make_together_is_seen(self) -> None:
        worlds.told(worlds.cheaper())
        with reading.everybody() as session:
            learned = discipline.learn(session, date(2026, 12, 31))
        assert learned is not None
        study, people = learned
        assert people == 120
        assert isinstance(study.quarters, tuple)
        second, third, fourth = study.quarters
        assert (second.first, second.last) == (date(2026, 4, 1), date(2026, 6, 30))
        both = {"price": 60, "convenience": 0, "quality": 60}
        assert [second.counts, third.counts] == [both, both]
        assert fourth.counts == {"price": 120, "convenience": 0, "quality": 0}
        assert [quarter.undecided for quarter in study.quarters] == [0, 0, 0]

    def test_whole_quarters_alone(self) -> None:
        assert discipline.quarters(date(2026, 1, 8), date(2026, 6, 23)) == []
        assert discipline.quarters(date(2026, 1, 7), date(2026, 6, 23)) == [
            (date(2026, 1, 1), date(2026, 3, 31))
        ]
        assert discipline.quarters(date(2025, 8, 1), date(2026, 3, 25)) == [
            (date(2025, 10, 1), date(2025, 12, 31)),
            (date(2026, 1, 1), date(2026, 3, 31)),
        ]

    def test_one_quarter_says_nothing(self) -> None:
        worlds.told([Happened(0, 0), Happened(0, 80)])
        with reading.everybody() as session:
            learned = discipline.learn(session, date(2026, 3, 31))
        assert learned is not None
        assert learned[0].quarters == Withheld("discipline.short")


def followed(happened: list[Happened]) -> After:
    """What is found of a world, without its lake."""

    def of(kind: str) -> tuple[np.ndarray, np.ndarray]:
        told = [(one.person, one.day) for one in happened if one.kind == kind]
        both = np.array(told, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    who, when = of("purchase")
    visits = Visits.of(who, when, np.ones(len(who)), np.ones(len(who)))
    return after.found(visits, of("complaint"), of("remedy"), int(when.max()) + 1)


class TestAfter:
    def test_few_bad_experiences_say_nothing(self) -> None:
        found = followed(worlds.leaving(people=300, bad=0.001))
        assert isinstance(found.excess, Withheld)
        assert found.excess.code == "leaving.few_trials"
        assert found.times < 30

    def test_who_is_always_helped_has_no_like(self) -> None:
        happened = worlds.leaving(people=400)
        helped = [one for one in happened if one.kind != "remedy"]
        helped += [
            Happened(one.person, one.day, "remedy") for one in happened if one.kind == "complaint"
        ]
        found = followed(helped)
        assert isinstance(found.excess, tuple)
        assert isinstance(found.recovery, Withheld)
        assert found.recovery.code == "leaving.no_overlap"

    def test_weeks_that_could_not_be_seen_whole_are_not_told(self) -> None:
        found = followed(worlds.leaving(people=300))
        assert len(found.asked.days) == len(found.asked.people) == len(found.asked.left) <= 52
        assert np.all(np.diff(found.asked.days) == 7)
        assert 0 < found.asked.hazard < 0.2

    def test_a_remedy_taken_back_is_none_and_kinds_are_the_companys(
        self, settings: Settings, data_dir: Path
    ) -> None:
        settings.KFAR_BAD_EXPERIENCES = ["broken"]
        happened = [Happened(0, day) for day in range(0, 60, 3)]
        happened += [Happened(0, 9, "broken"), Happened(0, 12, "complaint")]
        worlds.told(happened)
        with reading.everybody() as session:
            learned = after.learn(session, FIRST + timedelta(days=57))
        assert learned is not None
        assert (learned[0].kinds, learned[0].times) == (("broken",), 1)
        assert (learned[0].met.people, learned[0].others.people) == (1, 0)
