"""Pages for who leads a brand: ranked before seen, said beside what is lived, who may leave."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from kfar.doors.web.moving import ordered
from kfar.rooms.customers import commands as customers
from kfar.rooms.insight import going, keeping, refreshing
from kfar.rooms.insight.brand import commands, queries
from kfar.rooms.insight.drivers.ranking import rank
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.models import Belief, Lead
from kfar.rooms.insight.studies import after, discipline, drivers, leaving
from kfar.rooms.insight.studies.discipline import Lived, Quarter
from kfar.rooms.insight.studies.drivers import Moving, Outcome
from tests.doors.web.doors import enter, text
from tests.people import a_customer, an_employee, noted, refuses
from tests.rooms.insight.brand import worlds
from tests.rooms.insight.brand.worlds import FIRST, Happened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]

UNTIL = FIRST + timedelta(days=89)
DRIVERS = reverse("web:drivers")
DISCIPLINE = reverse("web:discipline")
LEAVING = reverse("web:leaving")
NAMES = ("letters", "offers", "remedies")


def learned(names: tuple[str, ...] = NAMES) -> None:
    """Remedies move most, then offers; letters do nothing."""
    draw = np.random.default_rng(5)
    columns = draw.normal(size=(400, len(names)))
    moved = 2 * columns[:, 2] + columns[:, 1] + draw.normal(size=400)
    way = np.array([0, -1, 1, *[0] * (len(names) - 3)])
    found = Outcome(rank(moved, columns, names), 0.6, way, ("asked",))
    few = Outcome(Withheld("drivers.few", {"rows": 12, "needed": 30}))
    study = Moving(30, {"spend": found, "visits": few, "satisfaction": few})
    keeping.keep(drivers.KIND, study, until=UNTIL, people=400)


def lived(*prices: int) -> None:
    """Of a hundred customers a quarter, so many buy on price; the others on quality but ten."""
    quarters = tuple(
        Quarter(
            UNTIL + timedelta(days=91 * n),
            UNTIL + timedelta(days=91 * n + 90),
            {"price": price, "convenience": 10, "quality": 90 - price},
            7,
        )
        for n, price in enumerate(prices)
    )
    keeping.keep(discipline.KIND, Lived(quarters), until=UNTIL, people=107)


def tomasz(role: str = "brand") -> Client:
    an_employee("Tomasz", role)
    return enter("Tomasz")


def ranks(*order: str) -> dict[str, str]:
    return {name: str(place) for place, name in enumerate(order, 1)}


class TestDrivers:
    def test_who_has_not_ranked_sees_nothing_of_the_data(self) -> None:
        learned()
        client = tomasz()
        page = text(client.get(DRIVERS))
        assert page.count("<select") == 3
        assert [word in page for word in ("What the data say", "matters more", "explain")] == [
            *(False, False, False)
        ]
        found = client.post(reverse("web:drivers-of", args=["spend"]), ranks(*NAMES))
        assert (found.status_code, Belief.objects.get().order) == (302, list(NAMES))
        page = text(client.get(DRIVERS))
        assert "matters less than you believed, by 2 places" in page
        assert "matters more than you believed, by 2 places" in page
        assert "not told apart from what you believed" in page
        assert "60% of how customers differ goes with what they bought before" in page
        assert "Being asked, and answering" in page

    @pytest.mark.parametrize(
        "given",
        [
            {},
            ranks("letters", "offers"),
            ranks(*NAMES) | {"offers": "1"},
            ranks(*NAMES) | {"letters": "²"},
        ],
    )
    def test_each_needs_a_place_of_its_own(self, given: dict[str, str]) -> None:
        learned()
        found = tomasz().post(reverse("web:drivers-of", args=["spend"]), given)
        assert (found.status_code, Belief.objects.count()) == (422, 0)
        assert "Give each a place of its own, from 1 to 3." in text(found)

    def test_places_are_an_order(self) -> None:
        assert ordered({"a": "2", "b": "1", "c": ""}) == ["b", "a"]
        assert ordered({"a": "1", "b": "1"}) == []

    def test_all_who_ranked_stand_together_and_what_was_first_said_stays(self) -> None:
        learned()
        client = tomasz()
        dana = an_employee("Dana", "brand")
        Belief.objects.create(
            employee_id=dana, outcome="spend", order=["remedies", "letters", "offers"]
        )
        address = reverse("web:drivers-of", args=["spend"])
        client.post(address, ranks("letters", "offers", "remedies"))
        client.post(address, ranks("remedies", "offers", "letters"))
        page = text(client.get(DRIVERS))
        assert "(first you said 3.)" in page
        assert "2 people have ranked these so far" in page
        ranking = queries.ranking(dana, "spend")
        assert ranking is not None
        assert [(one.name, one.mean, one.first, one.last) for one in ranking.together] == [
            ("remedies", 1.0, 1, 1),
            ("letters", 2.5, 2, 3),
            ("offers", 2.5, 2, 3),
        ]
        assert [(gap.name, gap.believed, gap.found) for gap in ranking.gaps] == [
            ("remedies", 1, 1),
            ("letters", 2, 3),
            ("offers", 3, 2),
        ]

    def test_what_more_can_be_told_is_ranked_before_it_is_seen(self) -> None:
        learned()
        client = tomasz()
        client.post(reverse("web:drivers-of", args=["spend"]), ranks(*NAMES))
        learned((*NAMES, "coupons"))
        page = text(client.get(DRIVERS))
        assert "Since you ranked, more can be told from the data." in page
        assert "What the data say" not in page

    def test_a_refusal_stands_there_in_words(self) -> None:
        learned()
        page = text(tomasz().get(reverse("web:drivers-of", args=["visits"])))
        assert "Too few customers to say: 12, and 30 are needed." in page
        assert "<select" not in page

    def test_who_may_not_is_turned_away(self) -> None:
        client = tomasz("service")
        assert client.get(DRIVERS).status_code == 403
        assert client.post(DISCIPLINE, {"price": "100"}).status_code == 403
        assert client.get(DISCIPLINE).status_code == 200
        assert (Belief.objects.count(), Lead.objects.count()) == (0, 0)


class TestDiscipline:
    def test_words_and_life_that_agree_raise_no_alarm(self) -> None:
        lived(50, 52, 49)
        client = tomasz()
        said = {"price": "50", "convenience": "10", "quality": "40"}
        assert client.post(DISCIPLINE, said).status_code == 302
        page = text(client.get(DISCIPLINE))
        assert 'class="alarm"' not in page
        assert "Price 50 · Convenience 10 · Quality and own taste 40" in page
        assert 'class="alarm"' not in text(client.get(reverse("web:home")))

    def test_a_drift_raises_the_alarm_here_and_at_home_for_who_works_here(self) -> None:
        lived(50, 52, 10, 12)
        client = tomasz()
        client.post(DISCIPLINE, {"price": "50", "convenience": "10", "quality": "40"})
        page = text(client.get(DISCIPLINE))
        assert "Price leads for no more than 10% of customers; you say 50%." in page
        assert "has been so since Oct 3, 2026." in page
        a_customer()
        home = [text(one.get(reverse("web:home"))) for one in (client, enter("Anna"), Client())]
        assert ['class="alarm"' in page for page in home] == [True, False, False]

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (("50", "10", "30"), "The three come to 90. Let them share a hundred."),
            (("-1", "61", "40"), "The three come to 101."),
            (("", "x", "²"), "The three come to 0."),
            (("45", "10", "45"), "Lead with one"),
        ],
    )
    def test_what_is_no_lead_is_asked_for_again(
        self, given: tuple[str, str, str], said: str
    ) -> None:
        fields = dict(zip(("price", "convenience", "quality"), given, strict=True))
        found = tomasz().post(DISCIPLINE, fields)
        assert (found.status_code, Lead.objects.count()) == (422, 0)
        assert said in text(found)

    def test_few_customers_are_no_number(self) -> None:
        quarter = Quarter(UNTIL, UNTIL, {"price": 3, "convenience": 1, "quality": 20}, 0)
        keeping.keep(discipline.KIND, Lived((quarter,)), until=UNTIL, people=24)
        client = tomasz()
        client.post(DISCIPLINE, {"price": "50", "convenience": "10", "quality": "40"})
        page = text(client.get(DISCIPLINE))
        assert "Too few customers for whom one value leads for sure: 24 of 30." in page
        assert 'class="chart"' not in page


class TestLeaving:
    def test_the_plain_table_says_the_opposite_and_the_page_the_truth(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """From touches to the page: a bad experience makes customers leave, a remedy undoes it."""
        studies = {module.KIND: module.learn for module in (leaving, after)}
        monkeypatch.setattr(refreshing, "STUDIES", studies)
        people = worlds.told(worlds.leaving())
        refreshing.refresh()
        kept = queries.afterwards()
        assert kept is not None
        found = kept.content
        assert found.met.gone / found.met.people < found.others.gone / found.others.people
        assert isinstance(found.excess, tuple)
        assert isinstance(found.recovery, tuple)
        [_, _, last] = found.excess
        assert last.naive < 0 < last.low
        assert found.recovery[0].high < 0
        client = tomasz()
        page = text(client.get(LEAVING))
        assert "It says the opposite." in page
        assert f"Within 90 days {100 * last.risk:.1f}% left" in page

        listed = client.get(LEAVING, {"who": "1"})
        regulars = going.regulars()
        assert isinstance(regulars, going.Regulars)
        assert 0 < len(regulars.going) <= 50
        shown = [one.person.id for one in listed.context["leavers"]]
        assert shown == [one.person for one in regulars.going]
        chances = [one.figure.value for one in regulars.going]
        assert chances == sorted(chances, reverse=True)
        assert [act for act, _ in noted(shown[0])] == ["insight.read"]
        others = next(one for one in people if one not in shown)
        assert noted(others) == []

        customers.consent(by=shown[0], purpose="understand", given=False, source="test")
        again = client.get(LEAVING, {"who": "1"})
        assert shown[0] not in [one.person.id for one in again.context["leavers"]]

    def test_nothing_learned_and_too_little_are_said_in_words(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        studies = {module.KIND: module.learn for module in (leaving, after)}
        monkeypatch.setattr(refreshing, "STUDIES", studies)
        client = tomasz()
        assert "Nothing has been learned yet." in text(client.get(LEAVING))
        assert "Nobody, as far as is known." in text(client.get(LEAVING, {"who": "1"}))
        worlds.told([Happened(0, day) for day in range(0, 60, 5)])
        refreshing.refresh()
        page = text(client.get(LEAVING, {"who": "1"}))
        assert "Nothing of the kind is known yet that could be compared." in page
        assert "fewer than 5" in page
        assert "The past is too short" in page


def test_a_belief_about_nothing_is_refused() -> None:
    by = an_employee("Tomasz", "brand")
    with refuses("insight.nothing_to_rank"):
        commands.believe(by=by, outcome="spend", order=["letters"])
