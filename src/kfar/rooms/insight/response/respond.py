"""How sales of a category answer to price, display and mailer, beside what may not answer.

SCAN*PRO (Wittink, Addona, Hawkes and Porter 1988; van Heerde, Leeflang and Wittink, "The
Estimation of Pre- and Postpromotion Dips with Store-Level Scanner Data", Journal of Marketing
Research 37, 2000, and "Decomposing the Sales Promotion Bump with Store Data", Marketing Science
23, 2004): units multiply with the price index, to the power of its elasticity, and with a lift
for each kind of display and mailer. By `poisson.fit`, since most weeks of a store sell nothing
of a product. Every product in every store has an effect of its own, since what sells is shown
more; and so has either every product in every week, or every store in every week.

What stands beside it is told to fail: next week's promotion, which nobody knows of yet, and
displays dealt out again by lot, many times. Where one of them "works", the figure is withheld.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from kfar.rooms.insight.figures import Withheld
from kfar.rooms.insight.response.adding import added
from kfar.rooms.insight.response.panel import Panel
from kfar.rooms.insight.response.poisson import Fit, Ints, Start, fit, telling

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: A family (price, display, mailer), and which of it; "" is any.
Key = tuple[str, str]
Columns = Mapping[Key, NDArray[Any]]

PRICE, DISPLAY, MAILER = "price", "display", "mailer"
#: Weeks beside a promotion, and how far off it they are.
AROUND = {"after": 1, "before": -1}
LEVEL = 0.95
#: Of a column's variation the effects have to leave this share, in this many clusters.
LEAST_WITHIN, LEAST_CLUSTERS = 0.01, 20
#: A placebo that would move so far by chance no more often than this has moved.
CHANCE = 0.01
#: How often displays are dealt out by lot, and how many of these may leave `LEVEL` by chance.
DEALS = 20
MOST_MOVED = int(stats.binom.ppf(1 - CHANCE, DEALS, 1 - LEVEL))


class Held(StrEnum):
    """What is held fixed beside each product in each store.

    `PRODUCT_WEEK`: whatever moves a product everywhere, its season, its price, its mailer; stores
    are compared that show it and do not. `STORE_WEEK`: whatever moves a store; products are
    compared, over time. It tells price and mailers, and believes that no product has a season
    of its own that its promotions follow.
    """

    PRODUCT_WEEK = "product_week"
    STORE_WEEK = "store_week"


@dataclass(frozen=True)
class Effect:
    """A lift (1: none), or an elasticity (0: none); in `LEVEL` of cases from `low` to `high`."""

    value: float
    low: float
    high: float
    chance: float  # that it would be as far from none, were it none
    clusters: int  # products in which it varies


@dataclass(frozen=True)
class Dealt:
    """What displays did that were dealt out by lot, each time anew, beside those that stood.

    `lifts` are ascending; each is 1 but for chance. `moved` of them are further from 1 than an
    interval at `LEVEL` allows for, as one in twenty should be.
    """

    lifts: tuple[float, ...]
    moved: int


@dataclass(frozen=True)
class Beside:
    """What is tried beside an answer.

    `after` is what the week after a promotion sells (below 1: bought ahead), `before` the week
    before it, `dealt` what displays do that were dealt out by lot: both must do nothing. Of a
    price the first two are elasticities.
    """

    after: Effect | Withheld
    before: Effect | Withheld
    dealt: Dealt | Withheld | None = None

    @property
    def moved(self) -> str | None:
        """Which placebo did something that it cannot."""
        if isinstance(self.before, Effect) and self.before.chance < CHANCE:
            return "before"
        return "dealt" if isinstance(self.dealt, Dealt) and self.dealt.moved > MOST_MOVED else None


@dataclass(frozen=True)
class Response:
    """How one category answers.

    `elasticity` is of units to the price; `display` and `mailer` the lifts of any, `displays` and
    `mailers` of each kind. `naive` is what one would say who compares shown with not shown.
    `beside` has "price", "display" and "mailer".
    """

    held: Held
    elasticity: Effect | Withheld
    display: Effect | Withheld
    mailer: Effect | Withheld
    displays: Mapping[str, Effect | Withheld]
    mailers: Mapping[str, Effect | Withheld]
    naive: float
    beside: Mapping[str, Beside]
    cells: int
    products: int
    stores: int


def naive(panel: Panel) -> float:
    """Return units a store-week shown over not shown, all that was ever sold, in its season."""
    shown = panel.season & (panel.display > 0)
    plain = panel.season & (panel.display == 0)
    if not shown.any() or not panel.units[plain].any():
        return float("nan")
    return float(panel.units[shown].mean() / panel.units[plain].mean())


def respond(panel: Panel, held: Held = Held.PRODUCT_WEEK, seed: int = 1) -> Response | Withheld:
    """Return how the category of `panel` answers, or that too little was sold to say.

    Intervals allow for any dependence within a product, over stores and weeks. Prices are the
    same in all stores (`Panel.price`), so `PRODUCT_WEEK` leaves nothing of them; `STORE_WEEK`
    looks only at products whose price is known. `seed` deals the displays out. Withheld figures
    say `insight.nothing_within`, `insight.few_clusters`, `insight.never_sold`,
    `insight.same_as_others`, `insight.not_settled`, `insight.placebo_untried` or
    `insight.placebo_moved`, which says what the `value` would have been, and `of` what.
    """
    model = _Model(panel, held)
    if not model.on.any():
        return Withheld("insight.few_sales")
    price, weeks = panel.price, panel.units.shape[1]
    shown, mailed = (of.astype(np.float64) for of in (panel.display > 0, panel.mailer > 0))
    known: dict[Key, NDArray[Any]] = {(PRICE, ""): price} if held is Held.STORE_WEEK else {}

    kinds: dict[Key, NDArray[Any]] = {
        (DISPLAY, name): panel.display == k for k, name in enumerate(panel.displays) if k
    }
    kinds |= {(MAILER, name): panel.mailer == k for k, name in enumerate(panel.mailers) if k}
    plain = {**known, (DISPLAY, ""): shown, (MAILER, ""): mailed}
    whole = model.effects(plain)
    dealt = model.dealt(shown, seed) if isinstance(whole[DISPLAY, ""], Effect) else None
    each = model.effects(kinds | known)
    inner = np.zeros(weeks, np.bool_)
    inner[1:-1] = True
    around = {
        (family, when): np.roll(column, shift, axis=1)
        for (family, _), column in plain.items()
        for when, shift in {"": 0, **AROUND}.items()
    }
    near = model.effects(around, model.on & inner)

    absent = Withheld("insight.nothing_within", {"share": 0.0})
    beside = {
        family: Beside(
            near.get((family, "after"), absent),
            near.get((family, "before"), absent),
            dealt if family == DISPLAY else None,
        )
        for family in (PRICE, DISPLAY, MAILER)
    }

    def stands(name: str, effect: Effect | Withheld) -> Effect | Withheld:
        if isinstance(effect, Withheld):
            return effect
        if isinstance(beside[name].before, Withheld):
            return Withheld("insight.placebo_untried")
        moved = beside[name].moved
        if moved is None:
            return effect
        value = {"which": moved, "of": name, "value": effect.value}
        return Withheld("insight.placebo_moved", value)

    by_kind = {key: stands(key[0], effect) for key, effect in each.items()}
    return Response(
        held,
        stands(PRICE, whole.get((PRICE, ""), absent)),
        stands(DISPLAY, whole[DISPLAY, ""]),
        stands(MAILER, whole[MAILER, ""]),
        {name: effect for (family, name), effect in by_kind.items() if family == DISPLAY},
        {name: effect for (family, name), effect in by_kind.items() if family == MAILER},
        naive(panel),
        beside,
        cells=int(model.on.sum()),
        products=len(np.unique(panel.product[model.rows][model.on.any(axis=1)])),
        stores=len(np.unique(panel.store[model.rows][model.on.any(axis=1)])),
    )


class _Model:
    """A panel in the order of its blocks, to be fitted on several sets of columns."""

    def __init__(self, panel: Panel, held: Held) -> None:
        by_store = held is Held.STORE_WEEK
        self.rows = np.lexsort(
            (panel.product, panel.store) if by_store else (panel.store, panel.product)
        )
        if by_store:
            self.rows = self.rows[np.isfinite(panel.price[self.rows]).all(axis=1)]
        blocks = (panel.store if by_store else panel.product)[self.rows]
        self.block = np.unique(blocks, return_inverse=True)[1]
        self.cluster = np.unique(panel.product[self.rows], return_inverse=True)[1]
        self.units = panel.units[self.rows]
        self.on = telling(self.units, panel.on[self.rows], self.block)
        self.first: Fit | None = None
        self.did: dict[str, float] = {}

    def effects(self, columns: Columns, on: Bools | None = None) -> dict[Key, Effect | Withheld]:
        """Return the effect of each column; those of price, logarithms, as elasticities.

        The first ones are where others begin: a kind at what any of its family did.
        """
        on = self.on if on is None else on
        ours = {key: column[self.rows] for key, column in columns.items()}
        found: dict[Key, Effect | Withheld] = {}
        for key, column in ours.items():
            # Where nothing was sold so, the best lift is 0, and these cells say nothing else.
            if key[0] != PRICE and not (self.units * column)[on].any():
                found[key] = Withheld("insight.never_sold")
                on = on & ~(column > 0)
        keys = [key for key in ours if key not in found]
        if not keys or not telling(self.units, on, self.block).any():
            return found | {key: Withheld("insight.few_sales") for key in keys}
        x = _stacked([ours[key] for key in keys], on)
        start = None
        if self.first is not None:
            begin = [0.0 if key[1] in AROUND else self.did.get(key[0], 0.0) for key in keys]
            start = Start(np.array(begin), self.first.week)
        result = fit(self.units, x, on, self.block, self.cluster, least=LEAST_WITHIN, start=start)
        if self.first is None:
            self.first = result
            did = dict(zip(keys, result.beta.tolist(), strict=True))
            self.did = {family: b for (family, _), b in did.items() if np.isfinite(b)}
        for k, key in enumerate(keys):
            found[key] = _effect(result, k, lift=key[0] != PRICE)
        return {key: found[key] for key in columns}

    def dealt(self, shown: Floats, seed: int) -> Dealt | None:
        """Return what displays do, dealt out anew in each block and week to what was on offer.

        Who is on offer in a block and a week stands in one random circle, and each deal turns
        every circle by lot: so each is as likely as any other.
        """
        if self.first is None:
            return None
        problem, draw = self.first.problem, np.random.default_rng(seed)
        cells = np.flatnonzero(problem.on)
        row, week = np.divmod(cells, problem.width)
        _, group = np.unique(problem.block[row] * problem.width + week, return_inverse=True)
        circle = np.lexsort((draw.random(len(cells)), group))
        size = np.bincount(group)
        begins = np.append(0, np.cumsum(size)[:-1])
        stood = np.flatnonzero(shown[self.rows[problem.live[row]], week][circle])
        within = group[circle[stood]]
        place = stood - begins[within]

        def deal() -> Ints:
            turned = (place + draw.integers(size)[within]) % size[within]
            return np.asarray(cells[circle[begins[within] + turned]], np.int64)

        beta, error = added(self.first, self.cluster, [deal() for _ in range(DEALS)])
        reach = stats.t.ppf((1 + LEVEL) / 2, self.first.clusters - 1)
        lifts = np.sort(np.exp(beta[np.isfinite(beta)]))
        return Dealt(tuple(lifts.tolist()), int((np.abs(beta) > reach * error).sum()))


def _stacked(columns: Sequence[NDArray[np.generic]], on: Bools) -> sparse.csc_array:
    """Return columns (units, weeks) as one sparse matrix (units * weeks, columns)."""

    def cells() -> Iterator[tuple[NDArray[np.int64], Floats]]:
        for column in columns:
            index = np.flatnonzero(on & (column != 0))
            yield index, column.ravel()[index].astype(np.float64)

    rows, values = zip(*cells(), strict=True)
    ends = np.cumsum([0, *map(len, rows)])
    shape = (on.size, len(columns))
    return sparse.csc_array((np.concatenate(values), np.concatenate(rows), ends), shape=shape)


def _effect(result: Fit, k: int, *, lift: bool) -> Effect | Withheld:
    within, moving = float(result.within[k]), int(result.moving[k])
    if within < LEAST_WITHIN:
        return Withheld("insight.nothing_within", {"share": within})
    if np.isnan(result.beta[k]):
        return Withheld("insight.same_as_others")
    if moving < LEAST_CLUSTERS:
        return Withheld("insight.few_clusters", {"clusters": moving, "least": LEAST_CLUSTERS})
    if not result.converged:
        return Withheld("insight.not_settled")
    error = float(np.sqrt(result.covariance[k, k]))
    law = stats.t(result.clusters - 1)
    reach = float(law.ppf((1 + LEVEL) / 2)) * error
    beta = float(result.beta[k])
    value, low, high = (float(np.exp(b)) if lift else b for b in (beta, beta - reach, beta + reach))
    return Effect(value, low, high, float(2 * law.sf(abs(beta) / error)), moving)
