"""The manifest of a change, and what its log says: fixed before anybody is told of the change.

It is the first line of the change's own log, as canonical JSON: what changes, of which
products, from when; whose word is asked, until when; what silence means and what a veto does.
The other lines are what became of it:

    answer <tracker> <commitment>    an account's answer; a later one replaces it
    reply <tracker> <commitment>     the company takes its conditions on, or answers its objection
    close <time, UTC>                the outcome stands; from here on a hold may only be let go
    lifted <tracker> <commitment>    an account that held the change lets it go
    withdrawn <reason, JSON>         the change was taken back; nothing comes after this

An account stands here under a tracker, and what it and its people say is bound and not told:
the words are opened to the company and the account, each to what is theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from kfar.rooms.decisions.proving.lines import canonical
from kfar.rooms.decisions.proving.shipping import Answer, Silence, Terms, Veto

#: How manifests of changes are written; one of another version is not read.
CHANGE_VERSION, KIND = 1, "change"


@dataclass(frozen=True)
class Attached:
    """A file that belongs to the notice: its name, how many bytes, their SHA-256."""

    name: str
    size: int
    sum: str


@dataclass(frozen=True)
class Party:
    """An account that is asked, by its tracker, and the parts whose people speak for it.

    `agreement` binds the agreement on record by which its silence means yes (`agreed_text`);
    empty where there is none.
    """

    tracker: str
    parts: tuple[str, ...]
    agreement: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change with all that is declared. Texts by language; times in UTC, ISO 8601.

    `log`, `key` and `witnesses` are those of a question's manifest. `text` says what changes
    in a line, `details` in full. `veto_until` is empty unless a veto buys time.
    """

    log: str
    key: str
    company: str
    change: str
    text: Mapping[str, str]
    details: Mapping[str, str]
    products: tuple[str, ...]
    starts: str
    answers_by: str
    silence: Silence
    veto: Veto
    veto_until: str
    files: tuple[Attached, ...]
    asked: tuple[Party, ...]
    witnesses: tuple[str, ...] = ()

    def line(self) -> str:
        """Return the manifest as it stands in the log."""
        return canonical({"kfar": CHANGE_VERSION, "kind": KIND} | asdict(self))

    @property
    def subject(self) -> str:
        """What its commitments are about."""
        return self.change

    @property
    def terms(self) -> Terms:
        """What decides whether it may ship."""
        return Terms(
            starts=datetime.fromisoformat(self.starts),
            answers_by=datetime.fromisoformat(self.answers_by),
            silence=self.silence,
            veto=self.veto,
            veto_until=datetime.fromisoformat(self.veto_until) if self.veto_until else None,
        )


def read_change(line: str) -> Change:
    """Return the manifest that a line tells; `ValueError`: it tells none that we understand."""
    try:
        said: dict[str, Any] = json.loads(line)
        if (said.pop("kfar"), said.pop("kind")) != (CHANGE_VERSION, KIND):
            raise ValueError("a manifest of another kind or version")
        said |= {
            "products": tuple(said["products"]),
            "witnesses": tuple(said["witnesses"]),
            "silence": Silence(said["silence"]),
            "veto": Veto(said["veto"]),
            "files": tuple(Attached(**file) for file in said["files"]),
            "asked": tuple(
                Party(party["tracker"], tuple(party["parts"]), party["agreement"])
                for party in said["asked"]
            ),
        }
        return Change(**said)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a manifest of a change") from error


def answer_text(answer: Answer, words: str) -> str:
    """Return an answer as its commitment binds it (`ground.ballots.commitment`)."""
    return canonical({"answer": answer, "words": words})


def reply_text(words: Mapping[str, str], due: str) -> str:
    """Return a reply as its commitment binds it; `due` is a date, empty where none is promised."""
    return canonical({"due": due, "reply": dict(words)})


def agreed_text(title: str, signed_on: str, signed_by: str, sum_: str) -> str:
    """Return an agreement as its commitment binds it; `sum_` is the SHA-256 of what was signed."""
    return canonical({"by": signed_by, "on": signed_on, "sha256": sum_, "title": title})


def answer_line(tracker: str, commitment: str, *, closed: bool) -> str:
    """Return the line of an answer; from the close on it lets go of what held the change."""
    return f"{'lifted' if closed else 'answer'} {tracker} {commitment}"


def reply_line(tracker: str, commitment: str) -> str:
    """Return the line of the company's reply to an account's last answer."""
    return f"reply {tracker} {commitment}"


@dataclass
class Noticed:
    """What a log says: of each account, by tracker, its last answer and the reply to it.

    `wrong` are lines that should not stand there, by number, with what is wrong about them.
    """

    answers: dict[str, str] = field(default_factory=dict)
    replies: dict[str, str] = field(default_factory=dict)
    closed: str = ""
    withdrawn: str = ""
    wrong: list[tuple[int, str]] = field(default_factory=list)


def read_notices(change: Change, lines: Iterable[str]) -> Noticed:
    """Read the log of a change from its second line on."""
    found, asked = Noticed(), {party.tracker for party in change.asked}
    for number, line in enumerate(lines, 1):
        word, _, rest = line.partition(" ")
        tracker, _, commitment = rest.partition(" ")
        if found.withdrawn:
            found.wrong.append((number, "after_withdrawal"))
        elif word == "withdrawn" and rest:
            found.withdrawn = rest
        elif word == "close" and rest and not found.closed:
            found.closed = rest
        elif word == ("lifted" if found.closed else "answer") and tracker in asked and commitment:
            found.answers[tracker] = commitment
            found.replies.pop(tracker, None)
        elif word == "reply" and tracker in found.answers and commitment:
            found.replies[tracker] = commitment
        else:
            found.wrong.append((number, "unknown_line"))
    return found
