"""Figures of a person: computed for who agreed, from what they let stand, and never kept."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from kfar.ground.errors import Refused
from kfar.lake import table
from kfar.lake.touch import Touch
from kfar.rooms.customers import commands as customers
from kfar.rooms.insight import commands, keeping, profiles, queries, reading, refreshing
from kfar.rooms.insight.figures import Figure, Withheld
from kfar.rooms.insight.models import Correction, Kind, Refresh, Study
from kfar.rooms.insight.next_best.holding import holdout
from kfar.rooms.insight.studies import value, wants
from kfar.rooms.insight.studies.habits import Habit
from tests.lake.touches import settle
from tests.people import a_customer, an_employee, noted, refuses
from tests.rooms.insight import world
from tests.rooms.insight.world import LAST, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def learned(settings: Settings, data_dir: Path) -> World:
    """A world of which everything was learned, and nobody is left alone."""
    settings.KFAR_LEFT_ALONE = 0
    return world.learned(data_dir)


def habits(person: UUID) -> dict[str, Habit]:
    return {habit.category: habit for habit in queries.profile(person).habits}


def test_everything_is_learned_of_those_who_agreed(learned: World) -> None:
    found = profiles.learned()
    people = len(learned.people) + 1  # who agreed to be understood alone is learned from, too
    for study in (found.value, found.leaving, found.habits):
        assert study is not None
        assert (study.until, study.people) == (LAST, people)
    assert found.wants is not None
    assert found.wants.people == len(learned.people)


def test_what_is_said_of_one_is_what_is_said_of_all(learned: World) -> None:
    found = profiles.learned()
    assert found.value is not None
    with reading.everybody() as session:
        all_of_them = value.past(session, LAST, "USD")
        said = value.outlooks_of(found.value.content, all_of_them)
    for place in (0, 40, world.PEOPLE - 2):
        person = all_of_them.customer[place]
        alone = queries.profile(person).value
        assert alone is not None
        assert (alone.alive, alone.visits) == (said[place].alive, said[place].visits)
        for of, same in ((alone.worth, said[place].worth),):
            assert isinstance(of, Figure)
            assert isinstance(same, Figure)
            # What is integrated together is integrated to another last digit.
            assert (of.value, of.low, of.high) == pytest.approx((same.value, same.low, same.high))


def test_a_profile_has_figures_with_reasons(learned: World) -> None:
    person = max(learned.people, key=lambda one: len(learned.of(one)))
    profile = queries.profile(person)
    mine = Counter(touch.category for touch in learned.of(person))
    assert {h.category: h.times for h in profile.habits} == mine
    assert [h.times for h in profile.habits] == sorted(mine.values(), reverse=True)
    first = profile.habits[0].figure
    assert isinstance(first, Figure)
    assert first.low < first.value < first.high
    assert first.reasons[0].params["times"] == max(mine.values())
    assert not isinstance(profile.wants, Withheld)
    assert {want.category for want in profile.wants if not want.new} == set(mine)
    assert profile.value is not None
    assert isinstance(profile.value.visits, Figure)
    assert profile.value.visits.horizon == (LAST - world.day(0)).days // 2


def test_some_are_left_alone_by_lot_and_compared(learned: World, settings: Settings) -> None:
    settings.KFAR_LEFT_ALONE = 0.5
    said = {person: queries.profile(person).wants for person in learned.people[:40]}
    alone = {person for person in learned.people if holdout(person, wants.TRIAL, 0.5)}
    for person, of in said.items():
        assert (of == Withheld("wants.left_alone", {"share": 0.5})) == (person in alone)
    refreshing.refresh()
    found = profiles.learned()
    assert found.wants is not None
    assert not isinstance(found.wants.content.learned, Withheld)
    worth = found.wants.content.learned.trial.worth
    if isinstance(worth, Withheld):
        assert worth.params["held"] == len(alone)
        assert worth.params["treated"] == len(learned.people) - len(alone)
    else:
        assert worth.low < 0 < worth.high


def test_without_a_yes_nothing_is_computed(learned: World) -> None:
    assert queries.profile(learned.silent) == profiles.Profile(learned.silent, agreed=False)
    plain = queries.profile(learned.plain)
    assert plain.habits
    assert plain.wants == Withheld("wants.no_consent")
    person = learned.people[1]
    customers.consent(by=person, purpose="personalise", given=False, source="web")
    assert queries.profile(person).wants == Withheld("wants.no_consent")
    customers.consent(by=person, purpose="understand", given=False, source="web")
    assert queries.profile(person) == profiles.Profile(person, agreed=False)
    refreshing.refresh()
    after = profiles.learned()
    assert after.value is not None
    assert after.value.people == len(learned.people)


def test_a_correction_changes_the_figures_at_once(learned: World) -> None:
    person = max(learned.people, key=lambda one: len(learned.of(one)))
    before, mine = queries.profile(person), learned.of(person)
    category = before.habits[0].category
    touch = next(t for t in mine if t.category == category)
    alone = Counter(t.basket for t in mine)[touch.basket] == 1
    assert not alone
    commands.correct(by=person, touch_id=touch.id, kind=Kind.GIFT)
    after = queries.profile(person)
    assert habits(person)[category].times == before.habits[0].times - 1
    assert after.value == before.value  # a gift is bought all the same
    for one in [t for t in mine if t.basket == touch.basket]:
        commands.correct(by=person, touch_id=one.id, kind=Kind.NOT_ME)
    assert queries.profile(person).value != before.value
    for one in [t for t in mine if t.basket == touch.basket]:
        commands.correct(by=person, touch_id=one.id, kind="")
    assert queries.profile(person) == before
    commands.use(by=person, category=category, used=False)
    assert category not in habits(person)
    wants = queries.profile(person).wants
    assert not isinstance(wants, Withheld)
    assert {w.category: w.new for w in wants}.get(category, True)
    commands.use(by=person, category=category, used=True)
    assert queries.profile(person) == before


def test_the_next_refresh_learns_without_it(learned: World) -> None:
    every = [t for person in learned.people for t in learned.of(person) if t.category == "wine"]
    Correction.objects.bulk_create(
        Correction(customer_id=touch.customer, touch=touch.id, kind=Kind.UNUSED) for touch in every
    )
    commands.use(by=learned.plain, category="wine", used=False)
    refreshing.refresh()
    found = profiles.learned()
    assert found.habits is not None
    assert set(found.habits.content.categories) == {*world.CATEGORIES} - {"wine"}


def test_who_turns_out_to_be_one_person_is_one(learned: World) -> None:
    one, other = learned.people[:2]
    commands.use(by=other, category="milk", used=False)
    customers.merge(by=an_employee("Ewa", "lead"), one=one, other=other)
    together = habits(one)
    both = Counter(t.category for t in (*learned.of(one), *learned.of(other)))
    assert {c: h.times for c, h in together.items()} == {
        c: n for c, n in both.items() if c != "milk"
    }
    assert queries.profile(other) == queries.profile(one)


def test_what_hardly_anybody_does_is_not_kept(learned: World) -> None:
    found = profiles.learned()
    assert found.habits is not None
    assert set(found.habits.content.categories) == {*world.CATEGORIES}
    person = learned.people[0]
    rare = Touch(
        id=uuid4(), customer=person, at=world.FIRST, channel="store", kind="purchase",
        source="test", basket="rare", category="left-handed scissors", paid=100, currency="USD",
    )  # fmt: skip
    settle([rare], batch="rare")
    refreshing.refresh()
    assert habits(person)["left-handed scissors"].figure == Withheld("insight.hardly_anybody")
    for content in Study.objects.values_list("content", flat=True):
        assert b"scissors" not in bytes(content)


def test_only_what_is_theirs_can_be_corrected(learned: World) -> None:
    anna, borys = learned.people[:2]
    theirs = learned.of(borys)[0].id
    with refuses("insight.not_yours"):
        commands.correct(by=anna, touch_id=theirs, kind=Kind.GIFT)
    with refuses("insight.not_yours"):
        commands.correct(by=anna, touch_id=uuid4(), kind=Kind.GIFT)
    with refuses("insight.no_such_word"):
        commands.correct(by=borys, touch_id=theirs, kind="nonsense")
    for category in ("", "  ", "x" * 201):
        with refuses("insight.no_such_category"):
            commands.use(by=anna, category=category, used=False)
    assert not Correction.objects.exists()
    commands.correct(by=borys, touch_id=theirs, kind=Kind.GIFT)
    commands.correct(by=borys, touch_id=theirs, kind=Kind.UNUSED)  # the last word counts
    assert queries.corrected(borys).touches == {theirs: Kind.UNUSED}
    assert noted(borys)[-2:] == [("insight.corrected", None)] * 2


def test_nobody_is_looked_at_without_a_note(learned: World) -> None:
    person, noa = learned.people[0], an_employee()
    commands.look(by=noa, customer_id=person)
    assert noted(person)[-1] == ("insight.read", noa)
    with refuses("village.may_not", act="insight.read"):
        commands.look(by=uuid4(), customer_id=person)


def test_of_nobody_nothing_is_learned() -> None:
    assert refreshing.refresh() == 0
    anna = a_customer()
    customers.consent(by=anna, purpose="understand", given=True, source="web")
    profile = queries.profile(anna)
    assert (profile.agreed, profile.until, profile.habits) == (True, None, ())


def test_of_few_little_is_said_and_why() -> None:
    made = world.begin()
    for person in made.people[20:]:
        customers.consent(by=person, purpose="understand", given=False, source="web")
    refreshing.refresh()
    profile = queries.profile(made.people[0])
    assert profile.value is not None
    assert isinstance(profile.value.visits, Withheld)
    assert profile.value.visits.code == "too_few_repeat"
    assert {of.code for of in profile.leaving.values() if isinstance(of, Withheld)} == {
        "leaving.few_people"
    }
    assert isinstance(profile.wants, Withheld)
    assert profile.wants.code == "wants.few_people"


def test_a_refresh_says_how_far_it_is_and_how_it_failed(
    learned: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int, int]] = []
    refreshing.refresh(lambda *step: told.append(step))
    kinds = list(refreshing.STUDIES)
    assert told == [
        ("read", 0, len(kinds)),
        *[(kind, n, len(kinds)) for n, kind in enumerate(kinds)],
        ("", len(kinds), len(kinds)),
    ]
    ended = queries.progress()
    assert (ended.running, ended.failed, ended.done, ended.of) == (
        False,
        "",
        len(kinds),
        len(kinds),
    )

    def damaged(*_: object) -> None:
        assert queries.progress().running
        raise Refused("lake.damaged", file="x")

    monkeypatch.setattr(refreshing, "STUDIES", {**refreshing.STUDIES, kinds[1]: damaged})
    with pytest.raises(Refused):
        refreshing.refresh()
    assert (queries.progress().running, queries.progress().failed) == (False, "lake.damaged")
    # What was learned before stays; of promotions nothing is known here.
    assert set(Study.objects.values_list("kind", flat=True)) == {*kinds} - {"response"}


def test_it_is_learned_once_a_day_when_asked_and_when_the_last_one_died(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times: list[int] = []

    def refresh() -> int:
        now = timezone.now()
        Refresh.objects.update_or_create(pk=1, defaults={"began_at": now, "ended_at": now})
        times.append(1)
        return 1

    monkeypatch.setattr(refreshing, "refresh", refresh)
    row = Refresh.objects.filter(pk=1)
    assert [refreshing.refresh_due(), refreshing.refresh_due()] == [1, 0]
    commands.ask_refresh(by=an_employee())
    assert queries.progress().asked
    assert [refreshing.refresh_due(), refreshing.refresh_due()] == [1, 0]
    yesterday = timezone.now() - timedelta(days=1, seconds=1)
    row.update(began_at=yesterday, ended_at=yesterday)
    assert [refreshing.refresh_due(), refreshing.refresh_due()] == [1, 0]
    commands.ask_refresh(by=an_employee())
    row.update(began_at=timezone.now() - timedelta(minutes=1), ended_at=None)
    assert refreshing.refresh_due() == 0  # one is under way
    row.update(began_at=timezone.now() - timedelta(hours=2))
    assert refreshing.refresh_due() == 1
    row.update(failed="lake.damaged")
    assert refreshing.refresh_due() == 0
    row.update(began_at=timezone.now() - timedelta(minutes=11))
    assert refreshing.refresh_due() == 1
    with refuses("village.may_not", act="insight.read"):
        commands.ask_refresh(by=uuid4())


def test_intervals_are_as_wide_as_they_had_to_be(learned: World) -> None:
    found = profiles.learned()
    assert found.value is not None
    study = found.value.content
    assert study.trial is not None
    assert study.trial.wide >= 1
    then = LAST - timedelta(days=study.horizon)
    with reading.everybody() as session:
        before, now = (value.past(session, day, "USD") for day in (then, LAST))
    place = {customer: n for n, customer in enumerate(now.customer)}
    came = now.frequency[[place[c] for c in before.customer]] - before.frequency
    models = value._models(before)
    tried = value.Value("USD", study.horizon, *models, study.money, study.trial, None)
    said = [outlook.visits for outlook in value.outlooks_of(tried, before)]
    held = [
        of.low <= n <= of.high for of, n in zip(said, came, strict=True) if isinstance(of, Figure)
    ]
    assert np.mean(held) >= 0.8


def test_what_was_taken_from_the_lake_is_in_no_figure(learned: World) -> None:
    person = learned.people[0]
    table.erase([person])
    profile = queries.profile(person)
    assert (profile.value, profile.habits) == (None, [])
    assert keeping.kept(value.KIND, value.Value) is not None
