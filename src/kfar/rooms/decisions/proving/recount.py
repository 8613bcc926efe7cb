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
from typing import Any

from kfar.ground.ballots import Ballot, read_ballot
from kfar.rooms.decisions.counting.report import Report
from kfar.rooms.decisions.counting.rules import Rule
from kfar.rooms.decisions.proving.manifest import Manifest

#: Counts ballots: a rule, how often each was cast, how many options there are.
Count = Callable[[Rule, Mapping[Ballot, int], int], Report]


def recount(
    manifest: Manifest, cast: Mapping[str, Mapping[str, int]], aside: int, count: Count
) -> dict[str, Any]:
    """Return the result of these ballots: by tier how often each text was cast.

    `aside` is how many others were set aside.
    """
    whole = Counter[str]()
    for ballots in cast.values():
        whole.update(ballots)
    told = _counted(manifest, whole, count)
    enough = told["ballots"] >= manifest.quorum
    return {
        **told,
        "winners": told["winners"] if enough else [],
        "aside": aside,
        "quorum": enough,
        "tiers": {tier: _counted(manifest, cast[tier], count) for tier in sorted(cast)},
    }


def _counted(manifest: Manifest, cast: Mapping[str, int], count: Count) -> dict[str, Any]:
    options = manifest.paper.options
    ballots = {read_ballot(manifest.paper.form, text): times for text, times in cast.items()}
    report = count(manifest.rule, ballots, options)
    return {
        "ballots": sum(cast.values()),
        "winners": list(report.winners),
        "report": report.as_json([str(number) for number in range(options)]),
    }
