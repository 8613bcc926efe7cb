"""Figures over everything there is, which are not counted anew each time somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from time import monotonic
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

#: What took less, in seconds, is counted each time; what took longer lasts so many times as long,
#: so that counting never takes more than a twentieth of a process's time.
SOON, TIMES = 0.1, 20


def lasting(count: Callable[P, T]) -> Callable[P, T]:
    """Let what a function counts last in this process, the longer the longer counting takes.

    While there is little it is always fresh. Its arguments say which of them is asked for.
    """
    kept: dict[Hashable, tuple[float, T]] = {}

    @wraps(count)
    def counted(*args: P.args, **named: P.kwargs) -> T:
        which = (args, tuple(sorted(named.items())))
        began = monotonic()
        if which in kept and began < kept[which][0]:
            return kept[which][1]
        found = count(*args, **named)
        took = monotonic() - began
        if took >= SOON:
            kept[which] = (began + took + TIMES * took, found)
        return found

    return counted
