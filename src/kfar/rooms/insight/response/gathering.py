"""From tables to panels: what was sold and promoted, as Arrow tables, category by category."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kfar.rooms.insight.response.panel import Ints, Panel, Promotions, Sales, panel

#: A Monday, from which weeks are counted.
MONDAY = np.datetime64("1970-01-05")
KEYS = ("category", "product", "place")


def gather(sold: pa.Table, promoted: pa.Table) -> dict[str, Panel]:
    """Return the panel of each category, from what `tables.sold` and `tables.promoted` say.

    Stores of which no promotion at all is told are left out: what they did is not known.
    """
    names = {key: sorted(sold[key].unique().to_pylist()) for key in KEYS}
    codes = {key: {name: n for n, name in enumerate(names[key])} for key in KEYS}
    bought = [_coded(sold, key, codes[key]) for key in KEYS]
    shown = [_coded(promoted, key, codes[key]) for key in KEYS]
    told = np.isin(bought[2], np.unique(shown[2]))
    bought += [_weeks(sold)]
    shown += [_weeks(promoted)]
    amounts = [sold[name].to_numpy().astype(np.float64) for name in ("units", "paid", "regular")]
    kinds = [_kinds(promoted, name) for name in ("display", "mailer")]
    panels = {}
    for n, name in enumerate(names["category"]):
        here, there = (bought[0] == n) & told, shown[0] == n
        if here.any():
            panels[name] = panel(
                Sales(*(column[here] for column in (*bought[1:], *amounts))),
                Promotions(*(column[there] for column in (*shown[1:], *kinds))),
            )
    return panels


def _weeks(table: pa.Table) -> Ints:
    days: NDArray[Any] = table["week"].cast(pa.date32()).to_numpy().astype("M8[D]")
    return (days - MONDAY).astype(np.int64) // 7


def _coded(table: pa.Table, column: str, codes: dict[Any, int]) -> Ints:
    """Return a column of names as numbers, by a dictionary of the few different ones."""
    names, index = _encoded(table, column)
    return np.array([codes[name] for name in names], np.int64)[index]


def _kinds(table: pa.Table, column: str) -> NDArray[np.str_]:
    names, index = _encoded(table, column)
    return np.array([name or "" for name in names], np.str_)[index]


def _encoded(table: pa.Table, column: str) -> tuple[list[Any], Ints]:
    whole = table[column].combine_chunks().dictionary_encode(null_encoding="encode")
    return whole.dictionary.to_pylist(), whole.indices.to_numpy()
