"""CDNOW: who came first in early 1997, and what they bought until June 1998.

The sample of Fader and Hardie, "Forecasting Repeat Sales at CDNOW" (Interfaces 31, 2001), and
the 23,570 customers it is of, as they are packaged with `lifetimes`, of which no more is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kfar.rooms.insight.clv.histories import Summary, summary

#: The last day to fit to, and the last of all: 39 weeks each.
FITTED, LAST = "1997-09-30", "1998-06-30"
WEEKS = 39


@dataclass(frozen=True, eq=False)
class Purchases:
    """One row a purchase."""

    customer: NDArray[np.int64]
    day: NDArray[np.datetime64]
    value: NDArray[np.float64]

    def until(self, day: str) -> Summary:
        """Return the histories at the end of a day, in weeks and dollars."""
        return summary(self.customer, self.day, day, self.value)


def sample() -> Purchases:
    return _read("CDNOW_sample.txt", 0, (1, 2, 4))


def master() -> Purchases:
    return _read("CDNOW_master.txt", 1, (0, 1, 3))


def _read(name: str, header: int, columns: tuple[int, int, int]) -> Purchases:
    found = find_spec("lifetimes")  # not imported: it is older than the pandas we have
    assert found is not None
    assert found.origin is not None
    rows = np.loadtxt(
        Path(found.origin).parent / "datasets" / name, str, skiprows=header, usecols=columns
    )
    days = [f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in rows[:, 1]]
    return Purchases(
        rows[:, 0].astype(np.int64), np.array(days, "datetime64[D]"), rows[:, 2].astype(np.float64)
    )
