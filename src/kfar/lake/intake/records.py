"""The records of the intake: one line of JSON each, told apart by `k`.

- `events`: a request of tracking events as it came, with its key's source and what was rejected
- `ballot`: one ballot; a later one of the same voter replaces it
- `until`: all that the gate received before then stands before this record
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

EVENTS = b'{"k":"events"'


class Ballot(msgspec.Struct, frozen=True):
    """A ballot: when received (Unix ms), question, voter's number, its text, the page's nonce.

    `o` are options by number, as ballots were kept before they had a text. `w` is where a voter
    comes from who is new with this ballot: a keyed hash of the network.
    """

    r: int
    q: str
    v: int
    b: str = ""
    n: str = ""
    o: list[int] = []
    w: str = ""

    @property
    def text(self) -> str:
        """What it says (`kfar.ground.ballots`)."""
        return self.b or " ".join(map(str, self.o))


class _Until(msgspec.Struct, frozen=True):
    r: int


class _Ballot(Ballot, frozen=True, omit_defaults=True, tag_field="k", tag="ballot"):
    """A ballot, told by its `k`."""


class _Tick(_Until, frozen=True, tag_field="k", tag="until"):
    """The mark, told by its `k`."""


_other = msgspec.json.Decoder(_Ballot | _Tick)


@dataclass
class Sorted:
    """Records by kind, each in order. `until` is the last such mark, in Unix ms; 0: none."""

    events: list[bytes] = field(default_factory=list)
    ballots: list[Ballot] = field(default_factory=list)
    until: int = 0


def sort(lines: Iterable[bytes]) -> Sorted:
    """Sort records by kind."""
    found = Sorted()
    for line in lines:
        if line.startswith(EVENTS):
            found.events.append(line)
            continue
        record = _other.decode(line)
        if isinstance(record, Ballot):
            found.ballots.append(record)
        else:
            found.until = max(found.until, record.r)
    return found


def ballot(
    received: int, question: str, voter: int, text: str, nonce: str, *, network: str = ""
) -> bytes:
    """Return the record of a ballot."""
    return msgspec.json.encode(_Ballot(received, question, voter, text, nonce, w=network)) + b"\n"


def until(at: int) -> bytes:
    """Return the mark that all received before `at` (Unix ms) has been put."""
    return b'{"k":"until","r":%d}\n' % at
