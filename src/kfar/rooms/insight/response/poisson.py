"""Poisson regression with two sets of fixed effects, solved exactly, for a panel of panels.

The panel falls into *blocks* (products, or stores); in a block stand *units* (the product in one
store each), and each unit has the same weeks. What is expected of unit i of block b in week t is

    exp(unit_i + week_bt + x_it · beta)

by Poisson pseudo-maximum likelihood (Santos Silva and Tenreyro, "The Log of Gravity", Review of
Economics and Statistics 88, 2006): right as soon as this mean is, whatever the distribution, and
zeros are figures like others. Units and weeks without a sale say nothing of beta and are left
out (Correia, Guimarães and Zylkin, "Fast Poisson estimation with high-dimensional fixed
effects", Stata Journal 20, 2020). Libraries project effects out by turns, since theirs may
overlap in any way. Here units lie within blocks, so that nothing has to converge but Newton's
steps: units leave in closed form (the likelihood is then a multinomial one), and the weeks of a
block by a system as small as there are weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STEPS, HALVINGS = 50, 20
#: Newton's steps end when the next one would move beta by less than this, squared, in standard
#: errors. Effects need not settle: those of what sold only together drift away, and take no part.
CLOSE = 1e-6
#: … and all of it would raise the log-likelihood by no more than this share of it.
FLAT = 1e-5
#: What keeps a block's weeks solvable, which are known but for a constant.
RIDGE = 1e-8
#: Less than this share of a column is rounding.
NOTHING = 1e-6


class Start(NamedTuple):
    """Where Newton's steps may begin: `beta` (columns,) and the weeks' effects (blocks, weeks)."""

    beta: Floats
    week: Floats


@dataclass(frozen=True, eq=False)
class Fit:
    """What came out.

    `beta` and its `covariance` are (columns,) and (columns, columns), robust to any dependence
    within a cluster. `within` (columns,) is which share of a column's variation the effects
    leave, `moving` (columns,) how many clusters have some of it. `expected` is (units, weeks),
    0 where a cell was left out. `cells` and `clusters` count what said something. `week`
    (blocks, weeks) are the weeks' effects, from which others may start; `problem` and `at` are
    what `adding.added` goes on from.
    """

    beta: Floats
    covariance: Floats
    within: Floats
    moving: Ints
    expected: Floats
    log_likelihood: float
    cells: int
    clusters: int
    converged: bool
    week: Floats
    free: Bools
    problem: Problem
    at: Projection


def telling(y: Floats, on: Bools, block: Ints) -> Bools:
    """Return the cells (units, weeks) that are `on` and whose unit and whose week sold at all."""
    on = np.array(on, np.bool_)
    blocks = int(block[-1]) + 1 if len(block) else 0
    starts = np.searchsorted(block, np.arange(blocks))
    while True:
        sold = np.where(on, y, 0.0)
        weeks = np.add.reduceat(sold, starts, axis=0) > 0 if blocks else sold > 0
        # One cell alone is what its own effect says it is.
        kept: Bools = on & (sold.sum(axis=1) > 0)[:, None] & weeks[block]
        kept &= (kept.sum(axis=1) > 1)[:, None]
        if np.array_equal(kept, on):
            return kept
        on = kept


def fit(
    y: Floats,
    x: sparse.csc_array,
    on: Bools,
    block: Ints,
    cluster: Ints,
    *,
    least: float = NOTHING,
    start: Start | None = None,
) -> Fit:
    """Fit the units sold `y` (units, weeks) on the columns `x` (units * weeks, columns).

    `on` (units, weeks) says which cells count, `block` (units,) is ascending from 0 without a
    gap, `cluster` (units,) from 0. Columns of whose variation the effects leave no more than
    `least`, and those that other columns explain, take no part: their `beta` is nan. The
    `start` saves steps, and changes nothing else. The
    covariance is the sandwich of Liang and Zeger ("Longitudinal data analysis using generalized
    linear models", Biometrika 73, 1986) times G / (G - 1) for G clusters. Raises `ValueError`
    where nothing was sold.
    """
    on = telling(y, on, block)
    if not on.any():
        raise ValueError("nothing was sold in more than one week")
    problem = Problem(y, x, on, block)
    beta, week = start or Start(np.zeros(x.shape[1]), problem.weeks())
    expected, likelihood = problem.expect(beta, week)
    now = problem.project(expected)
    free, within = problem.identified(now, expected, least)
    converged = False
    for taken in range(STEPS):
        to_beta, to_week, moves, gain = problem.step(now, free)
        # The first step is never the last: weeks begin nowhere near.
        converged = (
            (taken > 0 or start is not None)
            and moves < CLOSE
            and gain < FLAT * (1 + abs(likelihood))
        )
        if converged:
            beta = beta + to_beta
            break
        for halved in range(HALVINGS):
            size = 0.5**halved
            trial = problem.expect(beta + size * to_beta, week + size * to_week)
            if trial[1] >= likelihood:
                break
        else:
            break
        beta, week = beta + size * to_beta, week + size * to_week
        expected, likelihood = trial
        now = problem.project(expected)
    covariance, moving = problem.sandwich(now, free, cluster)
    beta = np.where(free, beta, np.nan)
    everywhere = np.zeros(y.shape)
    everywhere[problem.live] = expected
    return Fit(
        beta,
        covariance,
        within,
        moving,
        everywhere,
        likelihood,
        cells=int(on.sum()),
        clusters=len(np.unique(cluster[problem.live])),
        converged=converged,
        week=week,
        free=free,
        problem=problem,
        at=now,
    )


@dataclass(frozen=True, eq=False)
class Projection:
    """The columns and what is left to explain, without the effects of units and weeks.

    `information` (k, k) and `score` (k,) are beta's; `solved` (blocks, weeks, k) is what weeks
    explain of the columns, `alone` (blocks, weeks) of what is left, `rest` (units, weeks), under
    weights `w` (units, weeks). `mean` (units, k) is the columns' mean in a unit, `system`
    (blocks, weeks, weeks) what weeks are solved by.
    """

    information: Floats
    score: Floats
    solved: Floats
    alone: Floats
    rest: Floats
    w: Floats
    mean: Floats
    system: Floats


class Problem:
    """One likelihood; units are always at their best, given the weeks and beta."""

    def __init__(self, y: Floats, x: sparse.csc_array, on: Bools, block: Ints) -> None:
        self.live = np.flatnonzero(on.any(axis=1))
        self.on, self.block = on[self.live], block[self.live]
        self.y = np.where(self.on, y[self.live], 0.0)
        self.off = np.where(self.on, 0.0, -np.inf)
        self.units, self.width = self.y.shape
        self.blocks, self.k = int(block[-1]) + 1, x.shape[1]
        self.ends = np.searchsorted(self.block, np.arange(self.blocks), side="right")
        self.starts = np.append(0, self.ends[:-1])
        # Only cells that count stand in a column.
        self.x = sparse.csr_array(x)[
            (self.live[:, None] * self.width + np.arange(self.width)).ravel()
        ]
        row = np.repeat(np.arange(self.y.size), np.diff(self.x.indptr))
        kept = self.on.ravel()[row]
        self.cell, self.column = row[kept], self.x.indices[kept].astype(np.int64)
        self.value = self.x.data[kept].astype(np.float64)
        ends = np.cumsum(np.bincount(self.cell, minlength=self.y.size))
        self.x = sparse.csr_array(
            (self.value, self.column, np.append(0, ends)), shape=(self.y.size, self.k)
        )
        unit, week = np.divmod(self.cell, self.width)
        self.of_unit = unit * self.k + self.column
        self.of_week = (self.block[unit] * self.width + week) * self.k + self.column
        # The same by column: what information is summed over.
        self.by_column = np.argsort(self.column, kind="stable")
        self.column_ends = np.append(0, np.cumsum(np.bincount(self.column, minlength=self.k)))
        self.sums = self.y.sum(axis=1)

    def by_block(self, of: Floats) -> Floats:
        """Return sums (blocks, ...) over the units of each block; some may have none left."""
        whole = np.zeros((self.blocks, *of.shape[1:]))
        some = self.ends > self.starts
        whole[some] = np.add.reduceat(of, self.starts[some], axis=0)
        return whole

    def weeks(self) -> Floats:
        """Return where the weeks' effects may start: what was sold, over what one would expect."""
        week = np.zeros((self.blocks, self.width))
        came = self.by_block(self.y)
        for _ in range(3):
            said = self.by_block(self.expect(np.zeros(self.k), week)[0])
            week += np.log(np.where(came > 0, came, 1.0) / np.where(came > 0, said, 1.0))
        return week

    def expect(self, beta: Floats, week: Floats) -> tuple[Floats, float]:
        """Return what is expected (units, weeks), and the log-likelihood but for a constant."""
        line = (self.x @ beta).reshape(self.y.shape) + week[self.block] + self.off
        line -= line.max(axis=1, keepdims=True)  # so that nothing overflows
        expected = np.exp(line)
        total = expected.sum(axis=1)
        expected *= (self.sums / total)[:, None]
        # Multinomial: the sum of y * log(the cell's share of its unit).
        sold = self.y > 0
        likelihood = float(self.y[sold] @ line[sold] - self.sums @ np.log(total))
        return expected, likelihood

    def project(self, w: Floats) -> Projection:
        """Return what is left of the columns under weights `w`, which is what is expected."""
        flat = w.ravel()[self.cell] * self.value
        rest = self.y - w
        unit = np.bincount(self.of_unit, flat, self.units * self.k).reshape(self.units, self.k)
        mean = unit / self.sums[:, None]
        right = np.empty((self.blocks, self.width, self.k + 1))
        right[..., :-1] = np.bincount(
            self.of_week, flat, self.blocks * self.width * self.k
        ).reshape(self.blocks, self.width, self.k)
        right[..., -1] = self.by_block(rest)
        system = np.empty((self.blocks, self.width, self.width))
        share = w / self.sums[:, None]
        for b, (first, last) in enumerate(zip(self.starts, self.ends, strict=True)):
            part = w[first:last].T
            system[b] = -(part @ share[first:last])
            right[b, :, :-1] -= part @ mean[first:last]
        diagonal = self.by_block(w)
        index = np.arange(self.width)
        system[:, index, index] += np.where(diagonal > 0, diagonal * (1 + RIDGE) + RIDGE, 1.0)
        solved = np.asarray(np.linalg.solve(system, right), np.float64)
        across = sparse.csr_array(
            (flat[self.by_column], self.cell[self.by_column], self.column_ends),
            shape=(self.k, self.y.size),
        )
        information = (across @ self.x).toarray() - unit.T @ mean
        explained = np.tensordot(right, solved, ((0, 1), (0, 1)))
        left = np.bincount(self.column, rest.ravel()[self.cell] * self.value, self.k)
        return Projection(
            information - explained[:-1, :-1],
            np.asarray(left - explained[:-1, -1], np.float64),
            solved[..., :-1],
            solved[..., -1],
            rest,
            w,
            mean,
            system,
        )

    def identified(self, now: Projection, w: Floats, least: float) -> tuple[Bools, Floats]:
        """Return which columns (k,) beta can be told for, and the share of variation left."""
        information = now.information
        flat = w.ravel()[self.cell] * self.value
        first = np.bincount(self.column, flat, self.k)
        before = np.bincount(self.column, flat * self.value, self.k) - first**2 / w.sum()
        some = before > 0
        within = np.where(some, np.diagonal(information) / np.where(some, before, 1.0), 0.0)
        free = within > least
        # One after another: what those before explain is not told for the next.
        for k in np.flatnonzero(free):
            others = np.flatnonzero(free[:k])
            inner = information[np.ix_(others, others)]
            explained = information[k, others] @ np.linalg.solve(inner, information[others, k])
            free[k] = information[k, k] - explained > NOTHING * information[k, k]
        return free, within.clip(0, 1)

    def step(self, now: Projection, free: Bools) -> tuple[Floats, Floats, float, float]:
        """Return Newton's step for beta and the weeks, and twice what beta and all should gain."""
        to_beta = np.zeros(self.k)
        to_beta[free] = np.linalg.solve(now.information[np.ix_(free, free)], now.score[free])
        to_week = now.alone - now.solved @ to_beta
        moves = float(now.score @ to_beta)
        gain = moves + float((self.by_block(now.rest) * now.alone).sum())
        return to_beta, to_week, moves, gain

    def scores(self, now: Projection) -> Floats:
        """Return what each unit says of beta (units, k)."""
        flat = now.rest.ravel()[self.cell] * self.value
        scores = np.bincount(self.of_unit, flat, self.units * self.k).reshape(-1, self.k)
        return scores - self.within_blocks(now.rest, now.solved)

    def within_blocks(self, of: Floats, by: Floats) -> Floats:
        """Return `of` (units, weeks) times what each one's block has `by` (blocks, weeks, n)."""
        product = np.empty((self.units, by.shape[2]))
        for b, (first, last) in enumerate(zip(self.starts, self.ends, strict=True)):
            product[first:last] = of[first:last] @ by[b]
        return product

    def clustered(self, of: Floats, cluster: Ints) -> Floats:
        """Return sums (clusters, n) of what units say (units, n), by cluster."""
        groups, place = np.unique(cluster[self.live], return_inverse=True)
        summed = np.zeros((len(groups), of.shape[1]))
        np.add.at(summed, place, of)
        return summed

    def sandwich(self, now: Projection, free: Bools, cluster: Ints) -> tuple[Floats, Ints]:
        """Return the clustered covariance (k, k), and how many clusters move a column (k,)."""
        summed = self.clustered(self.scores(now), cluster)
        moving = (np.abs(summed) > NOTHING).sum(axis=0)
        covariance = np.full((self.k, self.k), np.nan)
        if free.any() and len(summed) > 1:
            bread = np.linalg.inv(now.information[np.ix_(free, free)])
            meat = summed[:, free].T @ summed[:, free]
            small = len(summed) / (len(summed) - 1)
            covariance[np.ix_(free, free)] = bread @ meat @ bread * small
        return covariance, moving.astype(np.int64)
