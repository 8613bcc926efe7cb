"""Which drivers matter most, how sure that is, and how far from it what a manager believed.

How sure: the rows are drawn anew, with replacement, and everything is computed again (Efron,
Annals of Statistics 7, 1979); a share or a rank lies where most of the draws put it. Whether
drivers can be told apart at all: a driver whose variance the others explain by more than nine
tenths has a variance inflation above 10 (Marquardt, Technometrics 12, 1970), and is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtrc

from kfar.rooms.insight.drivers.importance import MOST, johnson, lmg
from kfar.rooms.insight.figures import LEVEL, Figure, Floats, Reason, Withheld

Ints = NDArray[np.int64]
#: The ends of an interval are then those of a share of draws that is right to 2 in 100.
DRAWS = 300
#: Rows for each driver, at least.
ROWS = 10
INFLATION = 10.0
#: How often drivers that explain nothing may be shown as if they did.
CHANCE = 0.05
#: Numbers in memory at once while drawing.
AT_ONCE = 400_000


@dataclass(frozen=True, eq=False)
class Drivers:
    """What moves an outcome; arrays over `names`.

    `explained` is R²; `shares` (LMG) and `weights` (Johnson) sum to it. `ranks` are by share,
    1 first. `low` to `high` are those of shares, `rank_low` to `rank_high` of ranks, in `level` of
    draws; `drawn` are the ranks in each draw, (draws, drivers).
    """

    names: tuple[str, ...]
    rows: int
    explained: float
    shares: Floats
    low: Floats
    high: Floats
    weights: Floats
    ranks: Ints
    rank_low: Ints
    rank_high: Ints
    drawn: Ints
    level: float = LEVEL


@dataclass(frozen=True)
class Gap:
    """What was believed of one driver, and what is so.

    `places` is by how many places it matters more than believed (negative: less); its baseline
    is 0, that the belief is right. `sure` says that the interval leaves 0 out.
    """

    name: str
    believed: int
    found: int
    places: Figure

    @property
    def sure(self) -> bool:
        """Whether the draws agree that it matters more, or less, than was believed."""
        return self.places.low > 0 or self.places.high < 0


def rank(
    outcome: ArrayLike,
    drivers: ArrayLike,
    names: Sequence[str],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = LEVEL,
) -> Drivers | Withheld:
    """Return how much each of `drivers` (rows, drivers) moves `outcome` (rows,), in any units.

    Withheld where there are fewer than ten rows a driver (`drivers.few`), where the outcome or a
    driver is the same in all rows (`drivers.outcome_same`, `drivers.same`), where drivers
    explain one another (`drivers.alike`), and where together they explain no more than chance
    would (`drivers.nothing`, an F-test at 5 %). Raises `ValueError` where shapes do not fit, for
    more than 16 drivers, and for what is not a number.
    """
    columns = _columns(outcome, drivers, names)
    rows, count = len(columns), len(names)
    if rows < ROWS * count or rows < count + 2:
        return Withheld("drivers.few", {"rows": rows, "needed": max(ROWS * count, count + 2)})
    spread = columns.std(axis=0)
    same = np.ptp(columns, axis=0) <= 1e-12 * np.abs(columns).max(axis=0)
    if same[0]:
        return Withheld("drivers.outcome_same", {"rows": rows})
    if same.any():
        return Withheld("drivers.same", {"names": _of(names, same[1:])})
    columns = (columns - columns.mean(axis=0)) / spread
    covariance = columns.T @ columns / rows
    alike = _inflation(covariance) > INFLATION
    if alike.any():
        return Withheld("drivers.alike", {"names": _of(names, alike)})
    shares = lmg(covariance)
    r2 = float(shares.sum())
    free = rows - count - 1
    if fdtrc(count, free, r2 / count / max((1 - r2) / free, 1e-300)) > CHANCE:
        return Withheld("drivers.nothing", {"rows": rows, "explained": r2})
    again = _drawn(columns, draws, np.random.default_rng(seed))
    ranks = _ranks(again)
    sides = (1 - level) / 2, (1 + level) / 2
    low, high = np.quantile(again, sides, axis=0)
    first, last = np.quantile(ranks, sides, axis=0, method="closest_observation").astype(np.int64)
    return Drivers(
        names=tuple(names),
        rows=rows,
        explained=r2,
        shares=shares,
        low=low,
        high=high,
        weights=johnson(covariance),
        ranks=_ranks(shares[None])[0],
        rank_low=first,
        rank_high=last,
        drawn=ranks,
        level=level,
    )


def gaps(found: Drivers, believed: Sequence[str]) -> tuple[Gap, ...]:
    """Return what a manager `believed`, the strongest driver first, beside what was found.

    In the order of belief. Raises `ValueError` where not each driver is named, once.
    """
    if sorted(believed) != sorted(found.names):
        raise ValueError("each driver is ranked once")
    sides = (1 - found.level) / 2, (1 + found.level) / 2
    told = []
    for place, name in enumerate(believed, 1):
        n = found.names.index(name)
        rank = int(found.ranks[n])
        low, high = np.quantile(place - found.drawn[:, n], sides, method="closest_observation")
        why = Reason("drivers.share", {"share": float(found.shares[n]), "of": found.explained})
        places = Figure(
            float(place - rank), float(low), float(high), 0, 0.0, (why,), level=found.level
        )
        told.append(Gap(name, place, rank, places))
    return tuple(told)


def _columns(outcome: ArrayLike, drivers: ArrayLike, names: Sequence[str]) -> Floats:
    moved, moving = np.asarray(outcome, np.float64), np.asarray(drivers, np.float64)
    if moved.ndim != 1 or moving.shape != (len(moved), len(names)) or not names:
        raise ValueError("one row for each outcome, one column for each name")
    if len(names) > MOST or len(set(names)) < len(names):
        raise ValueError(f"up to {MOST} drivers, each with a name of its own")
    columns = np.column_stack([moved, moving])
    if not np.isfinite(columns).all():
        raise ValueError("an outcome or a driver is not a number")
    return columns


def _of(names: Sequence[str], which: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(name for name, yes in zip(names, which, strict=True) if yes)


def _inflation(covariance: Floats) -> Floats:
    """Return by how much each driver's coefficient varies more for the others, (drivers,)."""
    values, vectors = np.linalg.eigh(covariance[1:, 1:])
    inflation: Floats = (vectors**2 / np.maximum(values, 1e-12)).sum(axis=1)
    return inflation


def _drawn(columns: Floats, draws: int, draw: np.random.Generator) -> Floats:
    """Return the shares when rows are drawn anew, (draws, drivers)."""
    rows, width = columns.shape
    upper = np.triu_indices(width)
    products = np.column_stack([columns, columns[:, upper[0]] * columns[:, upper[1]]])
    some = max(1, AT_ONCE // max(rows, 2**width))
    shares = []
    for first in range(0, draws, some):
        often = np.array(
            [
                np.bincount(draw.integers(0, rows, rows), minlength=rows)
                for _ in range(min(some, draws - first))
            ],
            np.float64,
        )
        sums = often @ products / rows
        mean, square = sums[:, :width], np.zeros((len(often), width, width))
        square[:, upper[0], upper[1]] = square[:, upper[1], upper[0]] = sums[:, width:]
        shares.append(lmg(square - mean[:, :, None] * mean[:, None, :]))
    return np.concatenate(shares)


def _ranks(shares: Floats) -> Ints:
    """Return places by share, the largest 1, (draws, drivers); equals in the order given."""
    order = np.argsort(-shares, axis=1, kind="stable")
    return np.argsort(order, axis=1, kind="stable") + 1
