"""Columns more: what each would do beside those that were fitted, many for the price of one.

By the first of Newton's steps (Rao, "Large sample tests of statistical hypotheses concerning
several parameters", Mathematical Proceedings of the Cambridge Philosophical Society 44, 1948):
where a column does next to nothing, as one that was dealt out by lot, that step is wrong by no
more than the square of what it does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kfar.rooms.insight.response.poisson import Fit, Floats, Ints


def added(fit: Fit, cluster: Ints, cells: Sequence[Ints]) -> tuple[Floats, Floats]:
    """Return the effect of each column, alone beside those of `fit`, and its standard error.

    A column is 1 in its `cells`, which are places in the flat (live units * weeks) of
    `fit.problem`, and 0 elsewhere. Both returned are (columns,), nan where nothing is left of a
    column; `cluster` is as in `poisson.fit`.
    """
    problem, now, free = fit.problem, fit.at, fit.free
    width, w, rest = problem.width, now.w.ravel(), now.rest.ravel()
    columns = np.asarray(problem.x.multiply(w[:, None]).toarray())[:, free]
    unit, said = np.zeros((2, problem.units, len(cells)))
    right = np.zeros((problem.blocks * width, len(cells)))
    beside = np.zeros((len(cells), columns.shape[1]))
    left, size = np.zeros((2, len(cells)))
    for d, of in enumerate(cells):
        row, week = np.divmod(of, width)
        unit[:, d] = np.bincount(row, w[of], problem.units)
        said[:, d] = np.bincount(row, rest[of], problem.units)
        right[:, d] = np.bincount(problem.block[row] * width + week, w[of], len(right))
        beside[d] = columns[of].sum(axis=0)
        left[d], size[d] = rest[of].sum(), w[of].sum()
    mean = unit / problem.sums[:, None]
    right = right.reshape(problem.blocks, width, len(cells))
    for b, (first, last) in enumerate(zip(problem.starts, problem.ends, strict=True)):
        right[b] -= now.w[first:last].T @ mean[first:last]
    solved = np.asarray(np.linalg.solve(now.system, right), np.float64)

    others = now.solved[..., free]
    beside -= unit.T @ now.mean[:, free] + np.tensordot(right, others, ((0, 1), (0, 1)))
    inner = np.linalg.solve(now.information[np.ix_(free, free)], beside.T)
    information = size - (unit * mean).sum(axis=0) - (right * solved).sum(axis=(0, 1))
    information -= (beside.T * inner).sum(axis=0)
    score = left - np.tensordot(right, now.alone, ((0, 1), (0, 1))) - now.score[free] @ inner
    said -= problem.within_blocks(now.rest, solved)
    said -= problem.scores(now)[:, free] @ inner
    summed = problem.clustered(said, cluster)
    some = information > 0
    information = np.where(some, information, np.nan)
    small = len(summed) / (len(summed) - 1) if len(summed) > 1 else np.nan
    error = np.sqrt((summed**2).sum(axis=0) * small) / information
    return score / information, error
