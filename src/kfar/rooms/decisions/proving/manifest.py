"""The manifest: all of a question that may change its result, fixed before the first ballot.

It is the first line of the question's log, as canonical JSON, so nothing of it can change
unseen: what is asked, who may answer, what a ballot looks like, how it is counted, how ties are
broken, when it closes, and what the company does with the result.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from kfar.ground.ballots import Form, Paper
from kfar.rooms.decisions.counting.rules import (
    Completion,
    Method,
    Overvote,
    Rule,
    Strength,
    Surplus,
    Threshold,
    Worth,
)
from kfar.rooms.decisions.proving.lines import canonical

#: How manifests are written; one of another version is not read.
VERSION = 1
#: What a rule may say since the first manifests were written; it is told only where it is said,
#: so that the same manifest is the same line as ever.
LATER: Mapping[str, object] = {
    "end_at_duplicate": False,
    "until_two": False,
    "surplus": Surplus.LARGEST,
}


class Audience(StrEnum):
    """Who may answer."""

    AGREED = "agreed"  # every customer who agreed to be asked
    MEMBERS = "members"  # of these, who signs in here
    ACCOUNT = "account"  # of these, who belongs to one business account
    LINK = "link"  # whoever has the link
    PHONE = "phone"  # whoever has a phone number


class Tier(StrEnum):
    """How well it is known that a voter is one person, best first."""

    ACCOUNT = "account"  # signed in
    EMAIL = "email"  # by a link or a code in a mail to them
    SMS = "sms"  # by a phone number
    LINK = "link"  # by a link that anybody may have


@dataclass(frozen=True)
class Pledge:
    """What the company does, by when (a date, ISO 8601), if that option wins; None: whichever."""

    option: int | None
    text: Mapping[str, str]
    due: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A question with all that is declared. Texts by language; times in UTC, ISO 8601.

    `log` and `key` name the log and the public key that signs its heads, `witnesses` the keys
    of those who cosign them (`heads.py`). `pictures` are SHA-256 sums, empty where an option
    has none. `answers` is how many ballots each voter has, `quorum` how many must come in for
    the result to count; `interim` says whether standings are shown before the close, `binding`
    whether the company is bound by the result or advised.
    """

    log: str
    key: str
    company: str
    question: str
    text: Mapping[str, str]
    options: tuple[Mapping[str, str], ...]
    pictures: tuple[str, ...]
    audience: Audience
    account: str
    tiers: tuple[Tier, ...]
    answers: int
    paper: Paper
    rule: Rule
    quorum: int
    opens: str
    closes: str
    interim: bool
    binding: bool
    pledges: tuple[Pledge, ...]
    witnesses: tuple[str, ...] = ()

    def line(self) -> str:
        """Return the manifest as it stands in the log."""
        said = asdict(self)
        said["rule"] = {
            key: value for key, value in said["rule"].items() if value != LATER.get(key, ...)
        }
        return canonical({"kfar": VERSION} | said)

    @property
    def subject(self) -> str:
        """What its commitments are about."""
        return self.question

    def names(self, language: str = "") -> tuple[str, ...]:
        """Return the options' names in a language; without one, in the first they all have."""
        return tuple(option.get(language) or next(iter(option.values())) for option in self.options)

    def pledged(self, winners: tuple[int, ...]) -> tuple[Pledge, ...]:
        """Return what the company does now that these options have won.

        What it said for each of them; where it said nothing for one, what it does whichever wins.
        """
        own = {pledge.option: pledge for pledge in self.pledges}
        due = [own.get(winner, own.get(None)) for winner in winners]
        return tuple(pledge for n, pledge in enumerate(due) if pledge and pledge not in due[:n])


#: How what JSON gives back becomes what the manifest holds.
_RULE: dict[str, Any] = {
    "method": Method,
    "form": Form,
    "overvote": Overvote,
    "threshold": Threshold,
    "strength": Strength,
    "surplus": Surplus,
    "completion": Completion,
    "worth": Worth,
    "costs": tuple,
    "first_out": tuple,
}


def read_manifest(line: str) -> Manifest:
    """Return the manifest that a line tells; `ValueError`: it tells none that we understand."""
    try:
        said: dict[str, Any] = json.loads(line)
        if said.pop("kfar") != VERSION:
            raise ValueError("a manifest of another version")
        paper, rule = said["paper"], said["rule"]
        said |= {
            "options": tuple(said["options"]),
            "pictures": tuple(said["pictures"]),
            "witnesses": tuple(said["witnesses"]),
            "audience": Audience(said["audience"]),
            "tiers": tuple(Tier(tier) for tier in said["tiers"]),
            "paper": Paper(**paper | {"form": Form(paper["form"])}),
            "rule": Rule(
                **{
                    key: _RULE[key](value) if key in _RULE and value is not None else value
                    for key, value in rule.items()
                }
            ),
            "pledges": tuple(Pledge(**pledge) for pledge in said["pledges"]),
        }
        return Manifest(**said)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a manifest") from error
