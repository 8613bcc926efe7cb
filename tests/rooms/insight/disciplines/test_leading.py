"""What a person buys on, and the evidence for it."""

from __future__ import annotations

import numpy as np
import pytest

from kfar.rooms.insight.disciplines.judging import judge
from kfar.rooms.insight.disciplines.leading import DISCIPLINES, Measured, figure, leads
from kfar.rooms.insight.disciplines.shrinking import Cells, shrink
from kfar.rooms.insight.figures import Figure, Reason, Withheld
from tests.rooms.insight.disciplines.planted import CATEGORIES, PEOPLE, Planted

HALF = CATEGORIES // 2


def measured(seed: int) -> Measured:
    planted = Planted(seed)
    first = planted.time()
    second = planted.time()
    return Measured(shrink(second), judge(first, second))


DEAL = measured(11)


def test_the_evidence_is_what_the_person_did_and_what_was_to_be_expected() -> None:
    cells = DEAL.now.cells
    found = figure(DEAL, "deal", 7, 2, horizon=182)
    assert isinstance(found, Figure)
    [at] = np.nonzero((cells.person == 7) & (cells.category == 2))[0]
    assert found.reasons == (
        Reason(
            "disciplines.deal",
            {
                "came": float(cells.total[at]),
                "of": int(cells.lines[at]),
                "expected": float(DEAL.now.learned.plain[2] * cells.lines[at]),
            },
        ),
    )
    assert found.baseline == DEAL.now.learned.plain[2]
    assert found.low < found.value < found.high
    assert (found.horizon, found.level) == (182, 0.8)
    # Between what the person did and what all do, or beyond where other categories say so.
    assert found.value == pytest.approx(Planted(11).truth[7, 2], abs=0.2)


def test_too_few_lines_and_a_category_where_the_mean_is_as_good_are_withheld() -> None:
    assert figure(DEAL, "deal", 7, CATEGORIES - 1, 182) == Withheld(
        "disciplines.no_better", {"people": int(DEAL.judged.people[CATEGORIES - 1])}
    )
    cells = DEAL.now.cells
    few = np.flatnonzero((cells.lines < 5) & (cells.category < HALF))[0]
    person, category = int(cells.person[few]), int(cells.category[few])
    assert figure(DEAL, "deal", person, category, 182) == Withheld(
        "disciplines.few", {"lines": int(cells.lines[few]), "needed": 5}
    )


def test_who_buys_on_price_here_and_on_quality_there() -> None:
    """The same people: in category 0 even ones buy on offer, in 1 they buy dear; others vice versa.

    In category 2 nobody differs.
    """
    draw = np.random.default_rng(1)
    person, category = (of.ravel() for of in np.indices((PEOPLE, 3)))
    keen = (person + category) % 2 == 0

    def one(share: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Measured:
        share = np.where(category == 2, 0.5, share)
        yes = [draw.binomial(40, share).astype(np.float64) for _ in range(2)]
        lines = np.full(len(person), 40.0)
        first, second = (Cells(person, category, lines, of, of, PEOPLE, 3) for of in yes)
        return Measured(shrink(second), judge(first, second))

    found = leads(
        {"deal": one(np.where(keen, 0.8, 0.2)), "tier": one(np.where(keen, 0.2, 0.8))},
    )
    assert found.person.tolist() == person.tolist()
    assert found.category.tolist() == category.tolist()
    price, quality = DISCIPLINES.index("price"), DISCIPLINES.index("quality")
    differ = category < 2
    assert found.leads[differ].tolist() == np.where(keen, price, quality)[differ].tolist()
    assert set(found.leads[~differ]) == {-1}
    assert found.counts() == {"price": PEOPLE, "convenience": 0, "quality": PEOPLE}
    assert np.isnan(found.score[:, DISCIPLINES.index("convenience")]).all()


def test_a_measure_of_no_discipline_is_an_error() -> None:
    for wrong in ({}, {"colour": DEAL}):
        with pytest.raises(ValueError, match="speak for a discipline"):
            leads(wrong)
