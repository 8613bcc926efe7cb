"""From a file of promotions to what is learned: the truth is found, what cannot be told is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kfar.rooms.insight import keeping, promotions
from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.refreshing import STUDIES
from kfar.rooms.insight.response.respond import Dealt, Effect, Response
from kfar.rooms.insight.studies import response
from kfar.rooms.insight.studies.response import Category, Responses
from tests.rooms.insight.response.shop import ELASTICITY, LIFT, MAILED, learned, open_shop

pytestmark = pytest.mark.django_db


def tea(study: Responses | None) -> tuple[Category, Response, Response]:
    assert study is not None
    [category] = study.categories
    assert category.name == "TEA/HERBS"
    assert isinstance(category.stores, Response)
    assert isinstance(category.products, Response)
    return category, category.stores, category.products


def holds(effect: Effect | Withheld, truth: float) -> bool:
    return isinstance(effect, Effect) and effect.low <= truth <= effect.high


def test_the_truth_is_found_from_files(data_dir: Path) -> None:
    open_shop(data_dir)
    category, stores, products = tea(learned())
    assert holds(stores.display, LIFT)
    assert isinstance(stores.display, Effect)
    assert isinstance(stores.displays["7"], Effect)  # the only kind, so it is what any is
    assert stores.displays["7"].value == pytest.approx(stores.display.value)
    assert stores.naive > LIFT * 1.2
    assert holds(products.mailer, MAILED)
    assert holds(products.elasticity, ELASTICITY)
    assert holds(stores.beside["display"].before, 1.0)
    assert isinstance(stores.beside["display"].dealt, Dealt)
    assert stores.mailer == Withheld("insight.nothing_within", stores_share(stores))
    assert category.curve is not None
    assert (category.curve.price[0], category.curve.units[-1]) == (0.75, 1.0)
    assert category.curve.low[0] < 0.75**ELASTICITY < category.curve.high[0]


def stores_share(stores: Response) -> dict[str, object]:
    assert isinstance(stores.mailer, Withheld)
    return dict(stores.mailer.params)


def test_shown_everywhere_at_once_is_not_told(data_dir: Path) -> None:
    open_shop(data_dir, everywhere=True)
    _, stores, products = tea(learned())
    assert isinstance(stores.display, Withheld)
    assert stores.display.code == "insight.nothing_within"
    assert stores.beside["display"].dealt is None
    assert holds(products.mailer, MAILED)


def test_who_did_not_agree_is_in_nothing(data_dir: Path) -> None:
    open_shop(data_dir, agreed=False)
    assert learned() is None


def test_it_is_learned_last_and_again_only_where_something_changed(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(STUDIES)[-1] == "response"
    assert learned() is None
    file = open_shop(data_dir)
    before = learned()
    monkeypatch.setattr(response, "_panels", lambda session: ([], {}))
    again = learned()
    assert before is not None
    assert again is not None
    assert (again.seen, len(again.categories)) == (before.seen, 1)
    kept = keeping.kept(response.KIND, Responses)
    assert (kept and kept.people) == 1
    promotions.take(file=file, source="shop")  # the same again
    assert tea(learned())
    rows = file.read_text().splitlines()
    file.write_text("\n".join(rows[:-1]))
    promotions.take(file=file, source="shop")
    after = learned()
    assert after is not None
    assert after.categories == ()
