"""What goes with what: by hand, as a law, and as it was planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import fisher_exact, hypergeom

from kfar.rooms.insight.affinity.pairs import affinity, by_chance, false_finds, together

BASKETS = arrays(bool, st.tuples(st.integers(2, 20), st.integers(2, 6)))


def test_by_hand() -> None:
    """Of ten baskets four hold a and five b, three of them both: two would by chance."""
    found = affinity([0], [1], [3], [4, 5], 10)
    assert found.support.tolist() == [0.3]
    assert found.lift.tolist() == [1.5]
    # C(4,3) C(6,2) / C(10,5) and C(4,4) C(6,1) / C(10,5)
    assert found.p == pytest.approx([(60 + 6) / 252])
    assert found.p == pytest.approx([fisher_exact([[3, 1], [2, 4]], "greater").pvalue])
    assert found.shrunken == pytest.approx([(3 + found.k) / (2 + found.k)])


@given(st.integers(1, 400), st.data())
def test_the_test_is_exact(holders: int, data: st.DataObject) -> None:
    a, b = (data.draw(st.integers(1, holders)) for _ in range(2))
    both = data.draw(st.integers(max(a + b - holders, 1), max(min(a, b), 1)))
    exact = hypergeom.sf(both - 1, holders, a, b)
    assert by_chance([both], [a], [b], holders) == pytest.approx([exact], rel=1e-9, abs=1e-12)


def test_the_surest_of_all_items_are_those_of_each() -> None:
    chance = np.random.default_rng(3)
    found = together(csr_array(chance.random((300, 12)) < chance.random(300)[:, None]))
    item, pair = found.each(3)
    for n in range(12):
        assert pair[item == n].tolist() == found.goes_with(n, 3).tolist()
    assert len(item) > 12


def test_false_finds_of_benjamini_and_hochberg() -> None:
    """The fifteen p-values of their example (1995, section 3.2): four are believed at 5 %."""
    p = [
        *[0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344],
        *[0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000],
    ]
    q = false_finds(p)
    assert (q <= 0.05).sum() == 4
    assert q[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert (false_finds(p, tests=30) <= 0.05).sum() == 3
    assert false_finds([]).tolist() == []


@given(BASKETS)
def test_pairs_are_counted_once_and_alike_both_ways(baskets: NDArray[np.bool_]) -> None:
    found = together(csr_array(baskets))
    assert (found.a < found.b).all()
    pairs = list(zip(found.a.tolist(), found.b.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    sizes = baskets.sum(1)
    assert found.both.sum() == (sizes * (sizes - 1) // 2).sum()
    assert [(baskets[:, a] & baskets[:, b]).sum() for a, b in pairs] == found.both.tolist()
    turned = affinity(found.b, found.a, found.both, baskets.sum(0), len(baskets))
    for name in ("a", "b", "lift", "shrunken", "low", "p", "q"):
        assert getattr(turned, name).tolist() == getattr(found, name).tolist()


@given(BASKETS)
def test_a_lift_is_shrunk_towards_one_and_never_past(baskets: NDArray[np.bool_]) -> None:
    found = together(csr_array(baskets))
    assert (np.abs(found.shrunken - 1) <= np.abs(found.lift - 1) + 1e-12).all()
    assert ((found.shrunken - 1) * (found.lift - 1) >= -1e-12).all()
    assert (found.low < found.shrunken).all()
    assert ((found.q >= found.p - 1e-12) & (found.q <= 1)).all()


@settings(max_examples=20)
@given(st.integers(0, 1_000))
def test_names_do_not_matter(seed: int) -> None:
    chance = np.random.default_rng(seed)
    baskets, order = chance.random((80, 5)) < 0.4, chance.permutation(5)
    lift = np.zeros((5, 5))
    for named, held in ((np.arange(5), baskets), (order, baskets[:, order])):
        found = together(csr_array(held))
        sign = 1 if held is baskets else -1
        lift[named[found.a], named[found.b]] += sign * found.shrunken
        lift[named[found.b], named[found.a]] += sign * found.shrunken
    assert lift == pytest.approx(np.zeros((5, 5)), abs=1e-4)


def world(seed: int) -> NDArray[np.bool_]:
    """20,000 baskets of 40 things, the first two of which call for one another."""
    chance = np.random.default_rng(seed)
    baskets = chance.random((20_000, 40)) < np.geomspace(0.2, 0.002, 40)
    baskets[:, 1] = np.where(baskets[:, 0], chance.random(20_000) < 0.5, baskets[:, 1])
    return baskets


def test_the_planted_pair_leads_and_rare_ones_do_not() -> None:
    baskets = world(3)
    baskets[:, 38:] = False
    baskets[0, 38:] = True  # two things that were seen once: together, a lift of 20,000
    found = together(csr_array(baskets))
    assert found.lift.max() == 20_000
    best = int(np.argmax(found.low))
    assert (found.a[best], found.b[best]) == (0, 1)
    assert found.shrunken[best] == pytest.approx(found.lift[best], rel=0.1)
    [first, *others] = found.goes_with(0)
    assert (found.b[first], others) == (1, [])


def test_where_nothing_goes_together_little_is_found() -> None:
    """Of 780 pairs in each of ten such worlds, five in a hundred worlds would tell of one."""
    told = 0
    for seed in range(10):
        baskets = np.random.default_rng(seed).random((5_000, 40)) < np.geomspace(0.3, 0.01, 40)
        found = together(csr_array(baskets))
        told += int((found.q <= 0.05).sum())
        assert found.k > 50
    assert told <= 2


def test_what_does_not_fit_is_refused() -> None:
    for a, b, both, n, holders in (
        ([0], [0], [1], [1, 1], 5),
        ([0], [1], [0], [1, 1], 5),
        ([0], [1], [2], [1, 3], 5),
        ([0], [1], [1], [1, 9], 5),
        ([0, 1], [1], [1], [1, 1], 5),
    ):
        with pytest.raises(ValueError, match=r"pairs|together"):
            affinity(a, b, both, n, holders)
