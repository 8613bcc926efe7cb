"""Which ballots are set aside at the close: declared rules, with numbers anybody can look up.

A voter by link is known by nothing but the network they came from. So many of them from one
network in so short a time, nearly all with the same ballot, that elsewhere is not what most say:
somebody may have made them. Such ballots are not counted; they stay, with the reason, and what
they say is published like all others, so that anybody can count them in again. The thresholds
are ours: what a classroom or an office does together stays below them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Rule:
    """Reason `code`: `voters` or more, new from one network within `seconds`.

    At least `alike` percent of them cast the same ballot, which at most `elsewhere` percent of
    the other voters by link did.
    """

    code: str
    voters: int
    seconds: int
    alike: int
    elsewhere: int


RULES = (
    Rule("network-burst", voters=30, seconds=60, alike=95, elsewhere=50),
    Rule("network-flood", voters=300, seconds=3600, alike=95, elsewhere=50),
)
#: Fewer voters than that from one network are never looked at.
FEWEST = min(rule.voters for rule in RULES)


class Came(NamedTuple):
    """A ballot by link: whose, when its voter was new (seconds), and what it says."""

    ballot: int
    at: float
    text: str


def suspicious(network: Iterable[Came], whole: Mapping[str, int]) -> dict[int, str]:
    """Return the suspicious ballots of one network, each with its reason: `{ballot: code}`.

    `whole` is how often each text was cast by link, from everywhere, this network included.
    """
    came = sorted(network, key=lambda one: (one.at, one.ballot))
    here = Counter(one.text for one in came)
    found: dict[int, str] = {}
    for rule in RULES:
        for text, ballots in _bursts(came, rule).items():
            others = sum(whole.values()) - len(came)
            if (whole.get(text, 0) - here[text]) * 100 <= rule.elsewhere * others:
                found.update((ballot, rule.code) for ballot in ballots if ballot not in found)
    return found


def _bursts(came: list[Came], rule: Rule) -> dict[str, set[int]]:
    """The ballots that stand in a burst, by their text; a burst ends with one of its own."""
    found: dict[str, set[int]] = defaultdict(set)
    done: Counter[str] = Counter()  # up to where the ballots of a text are in `found`
    window: Counter[str] = Counter()
    first = 0
    for last, one in enumerate(came):
        window[one.text] += 1
        while one.at - came[first].at >= rule.seconds:
            window[came[first].text] -= 1
            first += 1
        many = last - first + 1
        if many >= rule.voters and window[one.text] * 100 >= rule.alike * many:
            new = came[max(first, done[one.text]) : last + 1]
            found[one.text].update(c.ballot for c in new if c.text == one.text)
            done[one.text] = last + 1
    return found
