"""What stands in the log of a decision: a text file, each line of it a leaf.

The first line is the manifest, which says what is decided and how; the others are what became
of it, a word and what belongs to it:

    ballot <tracker> <tier> <commitment>   a voter's ballot; a later one replaces it
    gone <tracker>                         the voter left, and the ballot with them
    aside <tracker> <reason>               it is not counted, because …
    back <tracker>                         … and is counted after all
    withdrawn <reason, JSON>               the question was taken back; nothing is counted
    close <time, UTC>                      nothing comes after this

Nobody's name stands here, and no vote: the commitments are opened when the ballots are
published. What makes this worth anything are the heads (`heads.py`): signed while the vote
goes on, seen by whoever asks, each the beginning of the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field


def canonical(value: object) -> str:
    """Return JSON in the one form that is hashed: keys sorted, no spaces, UTF-8, one line.

    As RFC 8785 (2020) for what stands in manifests: texts, integers, truth, lists, objects.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def ballot_line(tracker: str, tier: str, commitment: str) -> str:
    """Return the line of a ballot."""
    return f"ballot {tracker} {tier} {commitment}"


def gone_line(tracker: str) -> str:
    """Return the line that takes a ballot out because its voter left."""
    return f"gone {tracker}"


def aside_line(tracker: str, reason: str) -> str:
    """Return the line that sets a ballot aside; `reason` is a code."""
    return f"aside {tracker} {reason}"


def back_line(tracker: str) -> str:
    """Return the line that counts a ballot again that was set aside."""
    return f"back {tracker}"


def withdrawn_line(reason: dict[str, str]) -> str:
    """Return the line that takes a question back; the reason by language."""
    return f"withdrawn {canonical(reason)}"


def close_line(at: str) -> str:
    """Return the line after which nothing comes."""
    return f"close {at}"


@dataclass
class Logged:
    """What a log says: the last ballot of each voter, and what is not counted, by tracker.

    A ballot is "tier commitment", one text: there may be millions. `wrong` are lines that
    should not stand there, by number, with what is wrong about them.
    """

    ballots: dict[str, str] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    closed: str = ""
    withdrawn: str = ""
    wrong: list[tuple[int, str]] = field(default_factory=list)


def read_log(lines: Iterable[str]) -> Logged:
    """Read a log from its second line on."""
    found = Logged()
    ballots, aside = found.ballots, found.aside
    for number, line in enumerate(lines, 1):
        if found.closed:
            found.wrong.append((number, "after_close"))
            continue
        word, _, rest = line.partition(" ")
        if word == "ballot":
            tracker, _, ballots[tracker] = rest.partition(" ")
        elif word == "gone" and rest in ballots:
            del ballots[rest]
            aside.pop(rest, None)
        elif word == "aside" and (of := rest.partition(" "))[0] in ballots:
            aside[of[0]] = of[2]
        elif word == "back" and rest in aside:
            del aside[rest]
        elif word == "withdrawn":
            found.withdrawn = rest
        elif word == "close" and rest:
            found.closed = rest
        else:
            found.wrong.append((number, "unknown_line"))
    return found
