"""What is a belief, and what a company may say it leads with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kfar.ground.errors import Refused
from kfar.rooms.insight.disciplines.leading import DISCIPLINES

WHOLE = 100


def check_order(order: Sequence[str], drivers: Collection[str]) -> None:
    """Check that each of `drivers` is ranked once: refuses `insight.rank_each_once`."""
    if sorted(order) != sorted(drivers):
        raise Refused("insight.rank_each_once", most=len(drivers))


def check_weights(weights: Mapping[str, int]) -> None:
    """Check that disciplines share a hundred, and that one of them leads.

    Refuses `insight.weights_of_hundred` and `insight.lead_with_one`.
    """
    if set(weights) != set(DISCIPLINES) or any(part < 0 for part in weights.values()):
        raise Refused("insight.weights_of_hundred", sum=0)
    if sum(weights.values()) != WHOLE:
        raise Refused("insight.weights_of_hundred", sum=sum(weights.values()))
    most = max(weights.values())
    if list(weights.values()).count(most) > 1:
        raise Refused("insight.lead_with_one")
