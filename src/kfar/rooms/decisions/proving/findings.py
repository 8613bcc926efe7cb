"""What a check of a decision finds: what was declared, what stands in its log, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kfar.rooms.decisions.proving.change import Change, Noticed, read_change
from kfar.rooms.decisions.proving.consultation import Consultation, read_consultation
from kfar.rooms.decisions.proving.heads import Head
from kfar.rooms.decisions.proving.lines import Logged
from kfar.rooms.decisions.proving.manifest import Manifest, read_manifest
from kfar.rooms.decisions.proving.merkle import Tree, leaf_hash

#: What the first line of a log may declare: a question, a consultation, a change.
Declared = Manifest | Consultation | Change

#: What may be wrong, in words; `{0}` is about what.
WRONG = {
    "unreadable": "{0} is not there or cannot be read",
    "no_manifest": "the first line of the log is no manifest",
    "other_key": "the log was signed with another key than the one you gave",
    "unsigned": "the head over {0} lines was not signed by the company",
    "other_log": "the head over {0} lines is of another log",
    "other_root": "the log is not the one that was signed when it had {0} lines",
    "two_logs": "elsewhere another log was shown: signed, of {0} lines that are not those here",
    "longer": "the log has {0} lines that no head was signed for",
    "unknown_line": "line {0} of the log says nothing that is known",
    "after_close": "line {0} was added to the log after the close",
    "after_withdrawal": "line {0} was added to the log after the change was taken back",
    "not_closed": "the log is not closed, though its time is over",
    "changed": "ballot {0} is not the one that was cast",
    "dropped": "ballot {0} stands in the log and is missing among the ballots",
    "added": "ballot {0} was never cast: it does not stand in the log",
    "twice": "ballot {0} does not stand in its place in the order: is it there twice?",
    "not_a_ballot": "ballot {0} says what no ballot may say",
    "unknown_tier": "ballot {0} is of a kind of voter that was not to vote",
    "other_result": "the ballots, counted again, do not give the published result: {0}",
    "statement_changed": "statement {0} is not the one that people voted on",
    "statement_dropped": "statement {0} stands in the log and is missing among the statements",
    "statement_added": "statement {0} does not stand in the log, or was taken out",
    "receipt_unreadable": "this is no receipt",
    "receipt_other": "this receipt is of another log",
    "receipt_forged": "this receipt does not agree with itself: it was changed, or invented",
    "receipt_missing": "what this receipt is for does not stand in the log",
    "receipt_rewritten": "the log is not the one that this receipt was given for",
}

#: What becomes of what a receipt is for, in words.
STANDS = {
    "counted": "your ballot is counted as you cast it",
    "waiting": "your ballot stands in the log as you cast it; the vote is not closed yet",
    "replaced": "your ballot was replaced by a later one of yours, which is counted",
    "aside": "your ballot was set aside: {0}",
    "gone": "your ballot was taken out because you asked to be erased",
    "withdrawn": "the question was taken back: nothing is counted",
    "said": "your answer stands in the log as you gave it, and is the last word of your company",
    "said_again": "your answer was replaced by a later one of your company",
}


@dataclass(frozen=True)
class Wrong:
    """Something that does not agree: what (`WRONG`), and about what."""

    code: str
    about: str = ""

    def __str__(self) -> str:
        """In words."""
        return WRONG[self.code].format(self.about)


@dataclass
class Checked:
    """What a check found. `result` is counted anew; `seen` says how much witnesses saw, and when.

    `open` is until when votes may still come, where they may: then nothing is counted yet.
    `logged` is what the log of a question or a consultation says, `noticed` that of a change.
    """

    wrong: list[Wrong] = field(default_factory=list)
    declared: Declared | None = None
    head: Head | None = None
    lines: Sequence[str] = ()
    logged: Logged = field(default_factory=Logged)
    noticed: Noticed = field(default_factory=Noticed)
    result: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    open: str = ""

    @cached_property
    def tree(self) -> Tree:
        """The tree over the log's lines."""
        return Tree(leaf_hash(line.encode()) for line in self.lines)

    def add(self, code: str, about: object = "") -> None:
        """Note that something is wrong."""
        self.wrong.append(Wrong(code, str(about)))


def read_declared(line: str) -> Declared:
    """Return what the first line of a log declares; `ValueError`: nothing that we understand."""
    for read in (read_manifest, read_consultation):
        try:
            return read(line)
        except ValueError:
            pass
    return read_change(line)
