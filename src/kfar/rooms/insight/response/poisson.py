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

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STEPS, HALVINGS = 50, 20
#: Newton's steps end when the next one would raise the log-likelihood by less.
CLOSE = 1e-9
#: What keeps a block's weeks solvable, which are known but for a constant.
RIDGE = 1e-10


@dataclass(frozen=True, eq=False)
class Fit:
    """What came out.

    `beta` and its `covariance` are (columns,) and (columns, columns), robust to any dependence
    within a cluster. `within` (columns,) is which share of a column's variation the effects
    leave, `moving` (columns,) how many clusters have some of it. `expected` is (units, weeks),
    0 where a cell was left out. `cells` and `clusters` count what said something.
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


def telling(y: Floats, on: Bools, block: Ints) -> Bools:
    """Return the cells (units, weeks) that are `on` and whose unit and whose week sold at all."""
    on = on.copy()
    blocks = int(block[-1]) + 1 if len(block) else 0
    starts = np.searchsorted(block, np.arange(blocks))
    while True:
        sold = np.where(on, y, 0.0)
        weeks = np.add.reduceat(sold, starts, axis=0) > 0 if blocks else sold > 0
        # One cell alone is what its own effect says it is.
        kept = on & (sold.sum(axis=1) > 0)[:, None] & weeks[block]
        kept &= (kept.sum(axis=1) > 1)[:, None]
        if (kept == on).all():
            return kept
        on = kept


def fit(y: Floats, x: sparse.csc_array, on: Bools, block: Ints, cluster: Ints) -> Fit:
    """Fit the units sold `y` (units, weeks) on the columns `x` (units * weeks, columns).

    `on` (units, weeks) says which cells count, `block` (units,) is ascending from 0 without a
    gap, `cluster` (units,) from 0. Columns that the effects explain wholly, or other columns do,
    have a `beta` of nan. The covariance is the sandwich of Liang and Zeger ("Longitudinal data
    analysis using generalized linear models", Biometrika 73, 1986) times G / (G - 1) for G
    clusters. Raises `ValueError` where nothing was sold.
    """
    on = telling(y, on, block)
    if not on.any():
        raise ValueError("nothing was sold in more than one week")
    problem = _Problem(np.where(on, y, 0.0), x, on, block)
    beta = np.zeros(x.shape[1])
    week = problem.weeks(beta)
    free, within = problem.identified(problem.expect(beta, week)[0])
    expected, likelihood = problem.expect(beta, week)
    converged = False
    for _ in range(STEPS):
        to_beta, to_week, gain = problem.step(expected, free)
        if gain < CLOSE * (1 + abs(likelihood)):
            converged = True
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
    covariance, moving = problem.sandwich(expected, free, cluster)
    beta[~free] = np.nan
    return Fit(
        beta,
        covariance,
        within,
        moving,
        expected,
        likelihood,
        cells=int(on.sum()),
        clusters=len(np.unique(cluster[on.any(axis=1)])),
        converged=converged,
    )


class _Problem:
    """One likelihood; units are always at their best, given the weeks and beta."""

    def __init__(self, y: Floats, x: sparse.csc_array, on: Bools, block: Ints) -> None:
        self.y, self.on, self.block = y, on, block
        self.units, self.T = y.shape
        self.blocks = int(block[-1]) + 1
        self.starts = np.searchsorted(block, np.arange(self.blocks))
        self.ends = np.append(self.starts[1:], self.units)
        # Only cells that count stand in a column.
        coo = x.tocoo()
        kept = on.ravel()[coo.row]
        self.cell, self.column = coo.row[kept].astype(np.int64), coo.col[kept].astype(np.int64)
        self.value = coo.data[kept].astype(np.float64)
        self.k = x.shape[1]
        self.x = sparse.csr_array((self.value, (self.cell, self.column)), shape=(y.size, self.k))
        self.of_unit = self.cell // self.T * self.k + self.column
        of_week = block[self.cell // self.T] * self.T + self.cell % self.T
        self.of_week = of_week * self.k + self.column
        self.sums = y.sum(axis=1)

    def weeks(self, beta: Floats) -> Floats:
        """Return where the weeks' effects may start: what was sold, over what one would expect."""
        flat = np.zeros((self.blocks, self.T))
        for _ in range(3):
            expected, _ = self.expect(beta, flat)
            came = np.add.reduceat(self.y, self.starts, axis=0)
            said = np.add.reduceat(expected, self.starts, axis=0)
            flat += np.log(np.where(came > 0, came, 1.0) / np.where(came > 0, said, 1.0))
        return flat

    def expect(self, beta: Floats, week: Floats) -> tuple[Floats, float]:
        """Return what is expected (units, weeks), and the log-likelihood but for a constant."""
        line = (self.x @ beta).reshape(self.y.shape) + week[self.block]
        # The largest of a unit is 1, so that nothing overflows.
        peak = np.where(self.on, line, -np.inf).max(axis=1, keepdims=True)
        line = np.where(self.on, line - np.where(np.isfinite(peak), peak, 0.0), -np.inf)
        share = np.exp(line)
        total = share.sum(axis=1)
        share *= (self.sums / np.where(total > 0, total, 1.0))[:, None]
        # The multinomial likelihood: sum of y * log(share of the unit's whole).
        likelihood = float((self.y * np.where(self.on, line, 0.0)).sum())
        likelihood -= float((self.sums * np.log(np.where(total > 0, total, 1.0))).sum())
        return share, likelihood

    def project(self, w: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the columns without their effects, under weights `w`, as small matrices.

        The information of beta (k, k); what weeks say of the columns (blocks, weeks, k) before
        and after their system is solved; the factors of that system (blocks, weeks, weeks).
        """
        flat = w.ravel()[self.cell] * self.value
        unit = np.bincount(self.of_unit, flat, self.units * self.k).reshape(self.units, self.k)
        whole = np.where(self.sums > 0, self.sums, 1.0)
        mean = unit / whole[:, None]
        right = np.bincount(self.of_week, flat, self.blocks * self.T * self.k)
        right = right.reshape(self.blocks, self.T, self.k)
        system = np.empty((self.blocks, self.T, self.T))
        share = w / whole[:, None]
        for b, (first, last) in enumerate(zip(self.starts, self.ends, strict=True)):
            part = w[first:last]
            system[b] = -(part.T @ share[first:last])
            right[b] -= part.T @ mean[first:last]
        diagonal = np.add.reduceat(w, self.starts, axis=0)
        index = np.arange(self.T)
        system[:, index, index] += np.where(diagonal > 0, diagonal * (1 + RIDGE), 1.0)
        solved = np.linalg.solve(system, right)
        weighted = sparse.csr_array((flat, (self.cell, self.column)), shape=self.x.shape)
        information = (weighted.T @ self.x).toarray() - unit.T @ mean
        information -= np.einsum("btk,btl->kl", right, solved)
        return information, right, solved, system

    def identified(self, w: Floats) -> tuple[Bools, Floats]:
        """Return which columns (k,) beta can be told for, and the share of variation left."""
        information, *_ = self.project(w)
        flat = w.ravel()[self.cell] * self.value
        first = np.bincount(self.column, flat, self.k)
        second = np.bincount(self.column, flat * self.value, self.k)
        before = second - first**2 / w.sum()
        left = np.diagonal(information)
        within = np.where(before > 0, left / np.where(before > 0, before, 1.0), 0.0).clip(0, 1)
        free = within > 1e-6
        # One after another: what those before explain is not told for the next.
        for k in np.flatnonzero(free):
            others = np.flatnonzero(free[:k])
            rest = information[k, k]
            if len(others):
                inner = information[np.ix_(others, others)]
                rest -= information[k, others] @ np.linalg.solve(inner, information[others, k])
            free[k] = rest > 1e-6 * information[k, k]
        return free, within

    def step(self, w: Floats, free: Bools) -> tuple[Floats, Floats, float]:
        """Return Newton's step for beta and the weeks, and twice what it should gain."""
        information, right, solved, system = self.project(w)
        rest = self.y - w
        by_week = np.add.reduceat(rest, self.starts, axis=0)
        by_beta = np.bincount(self.column, rest.ravel()[self.cell] * self.value, self.k)
        alone = np.linalg.solve(system, by_week[..., None])[..., 0]
        score = by_beta - np.einsum("btk,bt->k", right, alone)
        to_beta = np.zeros(self.k)
        to_beta[free] = np.linalg.solve(information[np.ix_(free, free)], score[free])
        to_week = alone - solved @ to_beta
        return to_beta, to_week, float(by_beta @ to_beta + (by_week * to_week).sum())

    def sandwich(self, w: Floats, free: Bools, cluster: Ints) -> tuple[Floats, Ints]:
        """Return the clustered covariance (k, k), and how many clusters move a column (k,)."""
        information, _, solved, _ = self.project(w)
        rest = self.y - w
        flat = rest.ravel()[self.cell] * self.value
        scores = np.bincount(self.of_unit, flat, self.units * self.k).reshape(-1, self.k)
        for b, (first, last) in enumerate(zip(self.starts, self.ends, strict=True)):
            scores[first:last] -= rest[first:last] @ solved[b]
        groups = int(cluster.max()) + 1
        summed = np.zeros((groups, self.k))
        np.add.at(summed, cluster, scores)
        live = len(np.unique(cluster[self.on.any(axis=1)]))
        moving = (np.abs(summed) > 1e-8).sum(axis=0)
        covariance = np.full((self.k, self.k), np.nan)
        if free.any() and live > 1:
            bread = np.linalg.inv(information[np.ix_(free, free)])
            meat = summed[:, free].T @ summed[:, free]
            covariance[np.ix_(free, free)] = bread @ meat @ bread * live / (live - 1)
        return covariance, moving.astype(np.int64)
