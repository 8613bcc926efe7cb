"""Published ballots, held against the log: each opens a commitment that stands there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from kfar.ground.ballots import commitment
from kfar.rooms.decisions.proving.consultation import Consultation
from kfar.rooms.decisions.proving.findings import Wrong
from kfar.rooms.decisions.proving.lines import Logged
from kfar.rooms.decisions.proving.manifest import Manifest

Read = TypeVar("Read")


@dataclass
class Held:
    """Published ballots held against the log: by tier how often each text was cast.

    `known` of them stand in the log, rightly or not.
    """

    cast: dict[str, Counter[str]]
    known: int = 0
    wrong: list[Wrong] = field(default_factory=list)


def hold(
    rows: Sequence[str], before: str, declared: Manifest | Consultation, logged: Logged
) -> Held:
    """Hold rows "tracker,nonce,ballot", sorted, against the log; `before` is the last tracker."""
    ballots, aside, subject = logged.ballots, logged.aside, declared.subject
    held = Held({tier: Counter() for tier in declared.tiers})
    for row in rows:
        tracker, _, rest = row.partition(",")
        nonce, _, text = rest.partition(",")
        if tracker <= before:
            held.wrong.append(Wrong("twice", tracker))
            continue
        before = tracker
        tier, _, bound = ballots.get(tracker, "").partition(" ")
        if not bound:
            held.wrong.append(Wrong("added", tracker))
            continue
        held.known += 1
        if bound != commitment(subject, tracker, nonce, text):
            held.wrong.append(Wrong("changed", tracker))
        elif tier not in held.cast:
            held.wrong.append(Wrong("unknown_tier", tracker))
        elif tracker not in aside:
            held.cast[tier][text] += 1
    return held


def opened(
    rows: Sequence[str],
    held: Sequence[Held],
    logged: Logged,
    read: Callable[[str], Read | None],
    wrong: list[Wrong],
) -> dict[str, dict[Read, int]]:
    """Bring together what was held against the log; return what is to be counted, by tier.

    `read` says what a text says, None where no ballot may say that. What is wrong is added.
    """
    ballots, aside = logged.ballots, logged.aside
    wrong += [one for each in held for one in each.wrong]
    if sum(each.known for each in held) < len(ballots):
        there = {row.partition(",")[0] for row in rows}
        # Whoever left after the close may have taken along what was set aside.
        dropped = [tracker for tracker in ballots if tracker not in there | aside.keys()]
        wrong += [Wrong("dropped", tracker) for tracker in sorted(dropped)]
    tiers = held[0].cast.keys()
    cast = {tier: sum((each.cast[tier] for each in held), Counter()) for tier in tiers}
    known = {text: read(text) for texts in cast.values() for text in texts}
    bad = sorted(text for text, said in known.items() if said is None)
    wrong += [Wrong("not_a_ballot", text) for text in bad]
    return {
        tier: {said: n for text, n in texts.items() if (said := known[text]) is not None}
        for tier, texts in cast.items()
        if texts
    }
