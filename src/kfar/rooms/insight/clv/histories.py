"""Histories: how often, until when, and for how long each customer has been known.

All that the models of this package need of a customer are three numbers (Schmittlein, Morrison
and Colombo, "Counting Your Customers", Management Science 33, 1987): the `frequency`, on how many
days they bought again after the first; the `recency`, how long after the first the last of them
was, 0 where there was none; and the `age`, how long after the first today is. Recency and age are
in one unit, whichever: weeks, as in the papers, or days; every horizon is in it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Histories:
    """Histories that differ, each once, and how many customers have each; all (rows,)."""

    frequency: Floats
    recency: Floats
    age: Floats
    weight: Floats


@dataclass(frozen=True, eq=False)
class Summary:
    """One row a customer, ascending by id; all (people,), recency and age in the unit asked for.

    `mean_value` is what one of the `frequency` repeat purchases came to, 0 where there is none.
    """

    customer: NDArray[np.generic]
    frequency: Ints
    recency: Floats
    age: Floats
    mean_value: Floats


def summary(
    customer: ArrayLike,
    day: ArrayLike,
    until: str | date,
    value: ArrayLike | None = None,
    unit: float = 7,
) -> Summary:
    """Return the summary of purchases as it stands at the end of the day `until`.

    `customer` and `day` (purchases,) say who bought on which day (datetime64), in any order;
    `value` what was paid. Purchases of one day are one. `unit` is in days: 7 for weeks. What
    came after `until` is left out, and so is who came first then.
    """
    who, days = np.asarray(customer), np.asarray(day, "datetime64[D]").astype(np.int64)
    paid = np.zeros(len(who)) if value is None else np.asarray(value, np.float64)
    if who.shape != days.shape or who.shape != paid.shape or unit <= 0:
        raise ValueError("each purchase has a customer, a day and a value, and a unit is positive")
    last = np.array(until, "datetime64[D]").astype(np.int64)
    seen = days <= last
    people, person = np.unique(who[seen], return_inverse=True)
    days, paid = days[seen], paid[seen]
    first = np.full(len(people), last)
    np.minimum.at(first, person, days)
    latest = first.copy()
    np.maximum.at(latest, person, days)
    again = days > first[person]
    # A day of somebody's as one number.
    span = int(last - first.min()) + 1 if len(first) else 1
    visits = np.unique(person[again] * span + (days - first[person])[again])
    frequency = np.bincount(visits // span, minlength=len(people))
    spent = np.bincount(person[again], paid[again], len(people))
    return Summary(
        customer=people,
        frequency=frequency.astype(np.int64),
        recency=(latest - first) / unit,
        age=(last - first) / unit,
        mean_value=spent / np.maximum(frequency, 1),
    )


def grouped(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, weights: ArrayLike | None = None
) -> Histories:
    """Return each history (people,) once, with how many have it, or the sum of their `weights`.

    Raises `ValueError` where they are no histories: not as many of each, not finite, a frequency
    that is no whole number, a recency above the age, one without a repeat purchase, or none
    with one.
    """
    columns = checked(frequency, recency, age)
    counts, last, known = columns
    if ((counts == 0) != (last == 0)).any() or (last > known).any():
        raise ValueError("0 <= recency <= age, and the recency is 0 where the frequency is")
    (counts, last, known), weight = distinct(columns, weights)
    return Histories(counts, last, known, weight)


def checked(*columns: ArrayLike) -> list[Floats]:
    """Return columns (people,) as arrays; the first counts. Raises `ValueError`."""
    arrays = [np.asarray(column, np.float64) for column in columns]
    if any(a.ndim != 1 or a.shape != arrays[0].shape for a in arrays) or not arrays[0].size:
        raise ValueError("each customer, one or more, has one number in every column")
    if not all(np.isfinite(a).all() and (a >= 0).all() for a in arrays):
        raise ValueError("no number is below 0, missing or infinite")
    if (arrays[0] != np.floor(arrays[0])).any():
        raise ValueError("the frequency counts, so it is a whole number")
    return arrays


def distinct(
    columns: Sequence[Floats], weights: ArrayLike | None = None
) -> tuple[list[Floats], Floats]:
    """Return the rows of `columns` (people,) that differ, and the weight of each.

    A million customers have few different histories, so what is computed for each of these is
    computed for all of them.
    """
    key, values = _keys(columns)
    if weights is None:
        keys, count = np.unique(key, return_counts=True)  # only sorts, so is quick
        return _rows(keys, values), count.astype(np.float64)
    given = np.asarray(weights, np.float64)
    if given.shape != key.shape or not np.isfinite(given).all() or (given <= 0).any():
        raise ValueError("each customer has a weight above 0")
    keys, place = np.unique(key, return_inverse=True)
    return _rows(keys, values), np.bincount(place, given).astype(np.float64)


def places(columns: Sequence[Floats]) -> tuple[list[Floats], Ints]:
    """Return the rows of `columns` (people,) that differ, and which of them each customer has."""
    key, values = _keys(columns)
    keys, place = np.unique(key, return_inverse=True)
    return _rows(keys, values), place


def _keys(columns: Sequence[Floats]) -> tuple[Ints, list[Floats]]:
    """Return each row as one whole number, and what its digits stand for."""
    values = [np.unique(column) for column in columns]
    key = np.zeros(len(columns[0]), np.int64)
    for known, column in zip(values, columns, strict=True):
        key = key * len(known) + np.searchsorted(known, column)
    return key, values


def _rows(keys: Ints, values: Sequence[Floats]) -> list[Floats]:
    rows = []
    for known in reversed(values):
        keys, code = np.divmod(keys, len(known))
        rows.append(known[code])
    return rows[::-1]
