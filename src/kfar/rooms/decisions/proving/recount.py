"""From published ballots to the result: what the company does at the close, and anybody after.

A result is plain JSON, options by their numbers as text, votes as exact texts
(`counting/report.py`):

    {"ballots": 4, "aside": 0, "quorum": true, "winners": [1], "report": {…},
     "tiers": {"email": {"ballots": 3, "winners": [1], "report": {…}}, …}}

The winners are those of the report; there are none where fewer ballots came in than the quorum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from kfar.ground.ballots import Ballot
from kfar.rooms.decisions.counting.report import Report
from kfar.rooms.decisions.counting.rules import Rule
from kfar.rooms.decisions.proving.manifest import Manifest

T = TypeVar("T")


class Beside(Protocol):
    """Begins a job and returns what waits for its outcome."""

    def __call__(self, job: Callable[[], T], /) -> Callable[[], T]:
        """Begin `job`."""


def later(job: Callable[[], T], /) -> Callable[[], T]:
    """Do a job when its outcome is asked for."""
    return job


#: Counts ballots: a rule, how often each was cast, how many options there are.
Count = Callable[[Rule, Mapping[Ballot, int], int], Report]


def recount(
    manifest: Manifest,
    cast: Mapping[str, Mapping[Ballot, int]],
    aside: int,
    count: Count,
    beside: Beside = later,
) -> dict[str, Any]:
    """Return the result of these ballots: by tier how often each was cast.

    `aside` is how many others were set aside. `beside` may count the tiers while all together
    are counted.
    """
    tiers = beside(lambda: {tier: _counted(manifest, cast[tier], count) for tier in sorted(cast)})
    whole = Counter[Ballot]()
    for ballots in cast.values():
        whole.update(ballots)
    told = _counted(manifest, whole, count)
    enough = told["ballots"] >= manifest.quorum
    return {
        **told,
        "winners": told["winners"] if enough else [],
        "aside": aside,
        "quorum": enough,
        "tiers": tiers(),
    }


def _counted(manifest: Manifest, cast: Mapping[Ballot, int], count: Count) -> dict[str, Any]:
    options = manifest.paper.options
    report = count(manifest.rule, cast, options)
    return {
        "ballots": sum(cast.values()),
        "winners": list(report.winners),
        "report": report.as_json([str(number) for number in range(options)]),
    }
