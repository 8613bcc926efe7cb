"""A receipt: what a voter holds of a ballot, or an account of an answer, and what it proves.

It says what was cast, and under which tracker it stands in the log. From the moment it stands
there it carries the proof: its line, the path from that line to a head (RFC 9162, 2021), and
that head, signed by the company. So it can be checked without the log, and holds the log to
what it was. Whoever sees a receipt knows how its voter voted.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from kfar.ground.ballots import commitment
from kfar.rooms.decisions.proving.heads import Head, read_head, read_key, signed_by_log
from kfar.rooms.decisions.proving.merkle import leaf_hash, root_by_inclusion

#: How receipts are written.
FORMAT = 1
#: Words of the lines that one gets a receipt for.
SEALED = {"ballot", "answer", "lifted"}


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A receipt. `line`, its `index`, `head` and `proof` (hashes in hex) are empty until then."""

    log: str
    question: str
    tracker: str
    nonce: str
    ballot: str
    commitment: str
    line: str = ""
    index: int = 0
    head: str = ""
    proof: tuple[str, ...] = ()

    def text(self) -> str:
        """Return the receipt as it is handed out: JSON."""
        told = {"kfar": FORMAT} | asdict(self)
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    @property
    def binds(self) -> bool:
        """Whether its commitment is to its ballot."""
        bound = commitment(self.question, self.tracker, self.nonce, self.ballot)
        return bound == self.commitment

    def is_line(self, line: str) -> bool:
        """Whether a line of the log is the one that it is for."""
        word, _, rest = line.partition(" ")
        tracker, _, bound = rest.partition(" ")
        about = word in SEALED and tracker == self.tracker
        return about and bound.rpartition(" ")[2] == self.commitment

    def proves(self, key: str) -> Head | None:
        """Return the head it leads to, signed with the log's `key`; None: it proves nothing."""
        read, known = read_head(self.head), read_key(key)
        if read is None or known is None or known[0] != self.log:
            return None
        head, marks = read
        leaf, path = leaf_hash(self.line.encode()), [bytes.fromhex(step) for step in self.proof]
        led = root_by_inclusion(leaf, self.index, head.size, path)
        about = self.is_line(self.line) and self.binds
        right = about and head.origin == self.log and led == head.root
        return head if right and signed_by_log(head, marks, known[2]) else None


def read_receipt(text: str) -> Receipt:
    """Return the receipt that a text is; `ValueError`: it is none."""
    try:
        said: dict[str, Any] = json.loads(text)
        if said.pop("kfar") != FORMAT:
            raise ValueError("a receipt of another kind")
        index, proof = said.pop("index", 0), said.pop("proof", [])
        words = {key: value for key, value in said.items() if isinstance(value, str)}
        steps = tuple(bytes.fromhex(step).hex() for step in proof)
        if not isinstance(index, int) or len(words) < len(said):
            raise ValueError("not a receipt")
        return Receipt(index=index, proof=steps, **words)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a receipt") from error
