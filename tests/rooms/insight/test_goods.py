"""Who buys what, what goes with it, and where: counted by hand, on each engine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from kfar.ground.errors import Refused
from kfar.lake.engines import Engine
from kfar.rooms.insight import commands, keeping, queries, shelves, tallies
from kfar.rooms.insight.hiding import HIDDEN
from kfar.rooms.insight.shelves import Named
from kfar.rooms.insight.studies import goods, places
from kfar.rooms.insight.tallies import Month, Share
from tests.lake.engines.conftest import spoken
from tests.rooms.insight import market

pytestmark = pytest.mark.django_db
__all__ = ["spoken"]

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.fixture(autouse=True)
def _utc(settings: Settings, data_dir: Path) -> None:
    settings.TIME_ZONE = "UTC"


def test_everything_is_counted_alike_on_every_engine(spoken: Engine) -> None:
    with market.everybody() as session:
        learned = goods.learn(session, market.UNTIL)
    assert learned is not None
    study, people = learned
    assert (people, study.people, study.currency) == (23, 23, "USD")
    shelf = study.categories
    # The tea of four people is not spoken of, nor what was bought by who did not agree.
    assert shelf.tally.codes == ("bread", "milk", "blades", "foam", "razors/men")
    assert shelf.tally.buyers.tolist() == [23, 10, 9, 9, 9]
    assert shelf.tally.visits.tolist() == [23, 16, 9, 9, 9]
    assert shelf.tally.units.tolist() == [23, 32, HIDDEN, 9, 9]
    assert shelf.tally.paid.tolist() == [2300, 3200, 4500, 2700, 9000]
    assert shelf.tally.months == (MARCH, APRIL)
    assert shelf.tally.by_month[:, 1].tolist() == [[10, 6], [10, 6], [20, 12], [2000, 1200]]
    assert [q.values for q in study.questions] == [("Under 30", "30-40")]
    assert shelf.tally.known.tolist() == [[22], [10], [8], [8], [8]]
    assert shelf.tally.about.tolist() == [[10, 12], [10, HIDDEN], *[[HIDDEN, 8]] * 3]
    # Only bread has twenty buyers of one product.
    assert study.products.tally.codes == ("b",)
    assert study.products.names == ("FINE BREAD",)
    assert study.products.categories == ("bread",)


def test_razors_and_blades_go_together_in_a_life_and_in_no_basket() -> None:
    market.learn()
    razors = shelves.good("category", "razors/men")
    assert razors is not None
    assert sorted((one.code, one.both) for one in razors.life) == [("blades", 9), ("foam", 9)]
    assert razors.life[0].lift == pytest.approx(23 / 9)
    assert razors.life[0].support == pytest.approx(9 / 23)
    assert razors.life[0].q < 0.001
    # Of 38 baskets nine hold a razor, all of them with foam, and none with blades.
    assert [(one.code, one.both) for one in razors.basket] == [("foam", 9)]
    assert razors.basket[0].lift == pytest.approx(38 / 9)


def test_a_good_is_told_whole() -> None:
    market.learn()
    milk = shelves.good("category", "milk")
    assert milk is not None
    thing = milk.ware.thing
    assert (thing.buyers, thing.visits, thing.units, thing.paid) == (10, 16, 32, 3200)
    assert (thing.share, thing.often) == (10 / 23, 1.6)
    assert thing.months == [Month(MARCH, 10, 10, 20, 2000), Month(APRIL, 6, 6, 12, 1200)]
    assert thing.about == {"age": [Share("Under 30", 1.0, 10 / 22), Share("30-40", None, 12 / 22)]}
    assert thing.stores == [("1", 10), ("2", 6)]
    assert (milk.first, milk.last) == (MARCH, APRIL)
    bread = shelves.good("category", "bread")
    assert bread is not None
    assert [ware.name for ware in bread.products] == ["FINE BREAD"]
    assert shelves.good("category", "tea") is None
    assert shelves.good("product", "m") is None


def test_a_given_time_is_asked_of_the_lake() -> None:
    market.learn()
    april = shelves.good_within("category", "milk", APRIL, date(2026, 4, 30))
    assert april is not None
    thing = april.ware.thing
    # Fifteen people bought anything then: six milk, nine blades.
    assert (april.people, thing.buyers, thing.share) == (15, 6, 6 / 15)
    assert (thing.visits, thing.units, thing.paid) == (6, 12, 1200)
    assert thing.stores == [("2", 6)]
    none = shelves.good_within("category", "razors/men", APRIL, date(2026, 4, 30))
    assert none is not None
    assert none.ware.thing.buyers == 0


def test_few_of_a_given_time_are_not_counted() -> None:
    """In March four customers of store 1 bought tea; who asks for tea alone learns nothing."""
    market.learn()
    assert shelves.good_within("category", "tea", MARCH, APRIL) is None


def test_stores_are_told_with_what_is_bought_elsewhere(
    spoken: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "LEAST", 5)
    commands.name_places(places=[("1", "Market", "North"), ("2", "", "South")])
    market.learn()
    spots = shelves.spots("place")
    assert spots is not None
    found = [(s.named, s.thing.buyers, s.thing.visits, s.thing.paid) for s in spots.rows]
    assert found == [
        (Named("2", "", "South"), 15, 24, 900 + 1200 + 9000 + 4500 + 2700),
        (Named("1", "Market", "North"), 14, 14, 1400 + 2000 + 3600),
    ]
    one = shelves.spot("place", "1")
    assert one is not None
    # Six of its fourteen came once here and once to store 2: 6 of 20 visits were elsewhere.
    assert one.regulars == 14
    assert one.usual == pytest.approx(0.3)
    assert [(e.category, e.people, e.share) for e in one.elsewhere] == [("milk", 10, 6 / 16)]
    assert one.differences == []  # too few customers to tell
    regions = shelves.spots("region")
    assert regions is not None
    assert [(s.thing.code, s.thing.buyers) for s in regions.rows] == [("South", 15), ("North", 14)]
    south = shelves.spot("region", "South")
    assert south is not None
    assert south.spot.thing.stores == [("2", 15)]


def test_without_named_places_there_are_no_regions() -> None:
    market.learn()
    assert shelves.spots("region") is None
    assert shelves.spot("region", "North") is None


def test_places_are_named_again_and_learning_is_asked_for() -> None:
    assert commands.name_places(places=[("1", "A", "North"), ("1", "B", "South")]) == 1
    assert commands.name_places(places=[("2", " C ", "")]) == 1
    assert shelves.names() == {"1": Named("1", "B", "South"), "2": Named("2", "C", "")}
    assert queries.progress().asked
    with pytest.raises(Refused, match=r"insight\.no_place") as refused:
        commands.name_places(places=[("1", "", ""), ("", "Nowhere", "")])
    assert refused.value.params == {"line": 2}


def test_what_is_kept_comes_back_and_names_nobody() -> None:
    market.learn()
    for module, kind in ((goods, goods.Goods), (places, places.Places)):
        kept = keeping.kept(module.KIND, kind)
        assert kept is not None
        assert keeping.pack(kept.content).count(b"Customer") == 0


def test_where_nobody_bought_there_is_nothing() -> None:
    assert shelves.wares("category") is None
    assert shelves.spots("place") is None
    assert shelves.good("product", "b") is None


def test_of_very_many_those_most_people_buy_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goods, "MOST", 2)
    monkeypatch.setattr(places, "MOST", 1)
    market.learn()
    kept = shelves.wares("category")
    assert kept is not None
    assert [(ware.thing.code, ware.thing.buyers) for ware in kept.rows] == [
        *[("bread", 23), ("milk", 10)]
    ]
    assert kept.others == 3
    stores = shelves.spots("place")
    assert stores is not None
    assert ([spot.thing.code for spot in stores.rows], stores.others) == (["2"], 1)


def test_what_may_be_anything_groups_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A postcode, say, of which there are too many to compare."""
    monkeypatch.setattr(tallies, "VALUES", 1)
    market.learn()
    milk = shelves.good("category", "milk")
    assert milk is not None
    assert milk.ware.thing.about == {}
