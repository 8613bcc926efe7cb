"""Counts over a journey: what is in it by channel, kind, department and month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kfar.ground.money import Money
from kfar.lake.engines import Session
from kfar.lake.occasions import FITS

#: Which column of `told` a field of `Only` asks for.
VALUES = {
    "channels": "channel",
    "kinds": "sort",
    "departments": "department",
    "categories": "category",
    "people": "person",
}


def _all_but(*names: str) -> str:
    return " AND ".join(f"fits_{name}" for name in FITS if name not in names)


def _count(what: str, value: str, month: str, fits: str, n: str) -> str:
    """Return one of the queries that are asked together: what, value, month, how many."""
    return (
        f"SELECT '{what}' AS what, {value}::VARCHAR AS value, {month}::DATE AS month, {n} AS n"  # noqa: S608
        f" FROM told WHERE {fits} GROUP BY ALL"
    )


MONTH = "date_trunc('month', began AT TIME ZONE $zone)"
OCCASIONS = "count(DISTINCT occasion)"
COUNTS = " UNION ALL ".join(
    [
        *(
            _count(name, column, "NULL", f"{column} IS NOT NULL AND {_all_but(name)}", OCCASIONS)
            for name, column in VALUES.items()
        ),
        _count("months", "NULL", MONTH, _all_but("since", "until"), OCCASIONS),
        _count("occasions", "told_as", MONTH, "hit", OCCASIONS),
        _count("paid", "currency", MONTH, "hit AND currency IS NOT NULL", "sum(paid)::BIGINT")
        + " HAVING n IS NOT NULL",
    ]
)


@dataclass(frozen=True)
class Chapter:
    """A month (its first day): occasions by kind, and what was paid, an amount a currency."""

    month: date
    occasions: Mapping[str, int]
    paid: tuple[Money, ...]


@dataclass(frozen=True)
class Counts:
    """How many occasions there are: `values` by field of `Only` and value, the most first.

    Beside each value stands how many occasions would be shown if the field asked for it alone
    and all other fields stayed as they are; `months` is that for the period. `chapters` count
    what is shown, the latest month first; `paid` there is the sum of the touches that fit.
    """

    values: Mapping[str, Mapping[str, int]]
    months: Mapping[date, int]
    chapters: tuple[Chapter, ...]


def count(session: Session, zone: str) -> Counts:
    """Count what is in the session's table `told` (`kfar.lake.occasions`), all in one query.

    Months are those of the time zone `zone`.
    """
    rows = session.rows(f"{COUNTS} ORDER BY what, month DESC, n DESC, value", zone=zone)
    values: dict[str, dict[str, int]] = {name: {} for name in VALUES}
    months: dict[date, int] = {}
    told: dict[date, dict[str, int]] = {}
    paid: dict[date, list[Money]] = {}
    for what, value, month, count in rows:
        if what in VALUES:
            values[what][value] = count
        elif what == "months":
            months[month] = count
        elif what == "occasions":
            told.setdefault(month, {})[value] = count
        else:
            paid.setdefault(month, []).append(Money(count, value))
    chapters = (Chapter(m, kinds, tuple(paid.get(m, ()))) for m, kinds in told.items())
    return Counts(values, months, tuple(chapters))
