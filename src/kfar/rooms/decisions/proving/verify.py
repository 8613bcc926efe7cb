"""Whether a decision was counted as it says: everything is done again from what is published.

    python verify.py FOLDER-OR-ADDRESS [--receipt FILE] [--key KEY] [--json]

What is published is a folder (`log.txt`, `heads.txt`, `ballots.csv`, `result.json`), at an
address or on a disk. From it alone, the root over the log is built anew (RFC 9162, 2021) and
held against every head that was signed, every ballot is held against its commitment in the log,
and the count is done again. Whatever does not agree is named. A receipt is looked up in the same
log: it says whether that ballot is counted as it was cast.

What this cannot show: that voters are who the company says they are, or that nobody looked over
a voter's shoulder. And that everybody was shown the same log shows only from heads that were
kept outside: in receipts, and by witnesses.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import Pipe, get_all_start_methods, get_context
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from kfar.ground.ballots import Ballot, commitment
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.proving.change import Change, read_change, read_notices
from kfar.rooms.decisions.proving.heads import (
    WITNESS,
    Head,
    Signature,
    read_head,
    read_key,
    seen_by,
    signed_by_log,
)
from kfar.rooms.decisions.proving.lines import Logged, read_log
from kfar.rooms.decisions.proving.manifest import Manifest, read_manifest
from kfar.rooms.decisions.proving.merkle import Tree, leaf_hash
from kfar.rooms.decisions.proving.receipt import Receipt, read_receipt
from kfar.rooms.decisions.proving.recount import Beside, Count, T, later, recount

#: Reads one of the published files by its name; `OSError` where there is none.
Source = Callable[[str], bytes]

LINES, NOTES, ROWS, TOLD = "log.txt", "heads.txt", "ballots.csv", "result.json"


def apart(job: Callable[[], T], /) -> Callable[[], T]:
    """Do a job in a process of its own from now on, where the system has such."""
    if "fork" not in get_all_start_methods():
        return job
    fork, (here, there) = get_context("fork"), Pipe(duplex=False)
    process = fork.Process(target=lambda: there.send(job()))
    process.start()
    there.close()

    def outcome() -> T:
        try:
            found: T = here.recv()
        except EOFError:  # it was ended from outside
            return job()
        process.join()
        return found

    return outcome


#: What may be wrong, in words; `{0}` is about what.
WRONG = {
    "unreadable": "{0} is not there or cannot be read",
    "no_manifest": "the first line of the log is no manifest",
    "other_key": "the log was signed with another key than the one you gave",
    "unsigned": "the head over {0} lines was not signed by the company",
    "other_log": "the head over {0} lines is of another log",
    "other_root": "the log is not the one that was signed when it had {0} lines",
    "longer": "the log has {0} lines that no head was signed for",
    "unknown_line": "line {0} of the log says nothing that is known",
    "after_close": "line {0} was added to the log after the close",
    "after_withdrawal": "line {0} was added to the log after the change was taken back",
    "not_closed": "the log is not closed",
    "changed": "ballot {0} is not the one that was cast",
    "dropped": "ballot {0} stands in the log and is missing among the ballots",
    "added": "ballot {0} was never cast: it does not stand in the log",
    "twice": "ballot {0} does not stand in its place in the order: is it there twice?",
    "not_a_ballot": "ballot {0} says what no ballot may say",
    "unknown_tier": "ballot {0} is of a kind of voter that was not to vote",
    "other_result": "the ballots, counted again, do not give the published result: {0}",
    "receipt_unreadable": "this is no receipt",
    "receipt_other": "this receipt is for another question",
    "receipt_forged": "this receipt does not agree with itself: it was changed, or invented",
    "receipt_missing": "the ballot of this receipt does not stand in the log",
    "receipt_rewritten": "the log is not the one that this receipt was given for",
}

#: What becomes of the ballot of a receipt, in words.
STANDS = {
    "counted": "your ballot is counted as you cast it",
    "waiting": "your ballot stands in the log as you cast it; the vote is not closed yet",
    "replaced": "your ballot was replaced by a later one of yours, which is counted",
    "aside": "your ballot was set aside: {0}",
    "gone": "your ballot was taken out because you asked to be erased",
    "withdrawn": "the question was taken back: nothing is counted",
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
    """What a check found. `result` is counted anew; `seen` says who else saw the last head."""

    wrong: list[Wrong] = field(default_factory=list)
    manifest: Manifest | None = None
    change: Change | None = None
    head: Head | None = None
    lines: Sequence[str] = ()
    logged: Logged = field(default_factory=Logged)
    result: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    @cached_property
    def tree(self) -> Tree:
        """The tree over the log's lines."""
        return Tree(leaf_hash(line.encode()) for line in self.lines)

    def add(self, code: str, about: object = "") -> None:
        """Note that something is wrong."""
        self.wrong.append(Wrong(code, str(about)))


def check(
    source: Source, *, key: str = "", count: Count = count, beside: Beside = later
) -> Checked:
    """Check all that is published of a decision; `key` is its log's, where one knows it.

    `beside` may do the tree while the ballots are looked at.
    """
    found = Checked()
    texts = {}
    for name in (LINES, NOTES):
        try:
            texts[name] = source(name).decode()
        except (OSError, ValueError):
            found.add("unreadable", name)
            return found
    found.lines = texts[LINES].removesuffix("\n").split("\n")
    try:
        manifest = found.manifest = read_manifest(found.lines[0])
    except ValueError:
        return _check_change(found, texts[NOTES], key)
    if key and key != manifest.key:
        found.add("other_key")
    logged = found.logged = read_log(found.lines[1:])
    rows, told = _published(source, found)
    most = len(rows) * 3 // 4  # the tree takes as long as some of the ballots do
    before = rows[most - 1].partition(",")[0] if most else ""
    others = beside(
        lambda: (
            _check_heads(found, manifest, texts[NOTES]),
            _hold(rows[most:], before, manifest, logged),
        )
    )
    held = _hold(rows[:most], "", manifest, logged)
    (found.head, found.seen, wrong), rest = others()
    found.wrong += [*wrong, *(Wrong(code, str(number)) for number, code in logged.wrong)]
    if not logged.closed:
        found.add("not_closed")
    elif not logged.withdrawn:
        cast = _check_ballots(rows, [held, rest], found, manifest)
        result = recount(manifest, cast, len(logged.aside), count, beside)
        found.result = json.loads(json.dumps(result))
        for part in sorted(found.result.keys() | told.keys()):
            if found.result.get(part) != told.get(part):
                found.add("other_result", part)
    return found


def _check_change(found: Checked, notes: str, key: str) -> Checked:
    """Check the log of a change: what was declared, and that every word stands where it was put.

    What the words are is opened to those whose they are, so there is nothing to count.
    """
    try:
        change = found.change = read_change(found.lines[0])
    except ValueError:
        found.add("no_manifest")
        return found
    if key and key != change.key:
        found.add("other_key")
    found.head, found.seen, wrong = _check_heads(found, change, notes)
    noticed = read_notices(change, found.lines[1:])
    found.wrong += [*wrong, *(Wrong(code, str(number)) for number, code in noticed.wrong)]
    return found


def _published(source: Source, found: Checked) -> tuple[list[str], dict[str, Any]]:
    """The rows of ballots and the result, empty where nothing is counted."""
    if not found.logged.closed or found.logged.withdrawn:
        return [], {}
    name = ROWS
    try:
        rows = source(name).decode().removesuffix("\n").split("\n")[1:]  # one names the columns
        name = TOLD
        return rows, dict(json.loads(source(name)))
    except (OSError, ValueError):
        found.add("unreadable", name)
        return [], {}


#: What heads tell: the last that is right, who else saw it and when, and what is wrong.
Heads = tuple[Head | None, dict[str, int], list[Wrong]]


def _check_heads(found: Checked, manifest: Manifest | Change, text: str) -> Heads:
    """Hold every head against the root over as many lines of the log.

    They stand one after another, an empty line between them, as one stands within each.
    """
    tree = found.tree
    last: Head | None = None
    seen: dict[str, int] = {}
    wrong: list[Wrong] = []
    parts = text.removesuffix("\n").split("\n\n")
    notes = [f"{body}\n\n{marks}\n" for body, marks in zip(parts[::2], parts[1::2], strict=False)]
    read = [each for note in notes if (each := read_head(note)) is not None]
    if len(read) * 2 != len(parts):
        wrong.append(Wrong("unreadable", NOTES))
    for head, marks in read:
        if head.origin != manifest.log:
            wrong.append(Wrong("other_log", str(head.size)))
        elif not _signed(head, marks, manifest.key):
            wrong.append(Wrong("unsigned", str(head.size)))
        elif head.size > tree.size or tree.root(head.size) != head.root:
            wrong.append(Wrong("other_root", str(head.size)))
        elif last is None or head.size >= last.size:
            last, seen = head, _witnessed(head, marks, manifest.witnesses)
    if tree.size > (last.size if last else 0):
        wrong.append(Wrong("longer", str(tree.size - (last.size if last else 0))))
    return last, seen, wrong


def _signed(head: Head, marks: list[Signature], key: str) -> bool:
    known = read_key(key)
    return known is not None and known[0] == head.origin and signed_by_log(head, marks, known[2])


def _witnessed(head: Head, marks: list[Signature], keys: Sequence[str]) -> dict[str, int]:
    known = [read for key in keys if (read := read_key(key)) and read[1] == WITNESS]
    seen = {name: seen_by(head, marks, name, public) for name, _, public in known}
    return {name: when for name, when in seen.items() if when is not None}


@dataclass
class Held:
    """Published ballots held against the log: by tier how often each text was cast.

    `known` of them stand in the log, rightly or not.
    """

    cast: dict[str, Counter[str]]
    known: int = 0
    wrong: list[Wrong] = field(default_factory=list)


def _hold(rows: Sequence[str], before: str, manifest: Manifest, logged: Logged) -> Held:
    """Hold rows "tracker,nonce,ballot", sorted, against the log; `before` is the last tracker."""
    ballots, aside, question = logged.ballots, logged.aside, manifest.question
    held = Held({tier: Counter() for tier in manifest.tiers})
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
        if bound != commitment(question, tracker, nonce, text):
            held.wrong.append(Wrong("changed", tracker))
        elif tier not in held.cast:
            held.wrong.append(Wrong("unknown_tier", tracker))
        elif tracker not in aside:
            held.cast[tier][text] += 1
    return held


def _check_ballots(
    rows: Sequence[str], held: Sequence[Held], found: Checked, manifest: Manifest
) -> dict[str, dict[Ballot, int]]:
    """Bring together what was held against the log; return what is to be counted, by tier."""
    ballots, aside = found.logged.ballots, found.logged.aside
    found.wrong += [wrong for each in held for wrong in each.wrong]
    if sum(each.known for each in held) < len(ballots):
        there = {row.partition(",")[0] for row in rows}
        # Whoever left after the close may have taken along what was set aside.
        dropped = [tracker for tracker in ballots if tracker not in there | aside.keys()]
        found.wrong += [Wrong("dropped", tracker) for tracker in sorted(dropped)]
    cast = {tier: sum((each.cast[tier] for each in held), Counter()) for tier in manifest.tiers}
    read = {text: manifest.paper.read(text) for texts in cast.values() for text in texts}
    bad = sorted(text for text, ballot in read.items() if ballot is None)
    found.wrong += [Wrong("not_a_ballot", text) for text in bad]
    return {
        tier: {ballot: n for text, n in texts.items() if (ballot := read[text]) is not None}
        for tier, texts in cast.items()
        if texts
    }


def check_receipt(receipt: Receipt, found: Checked) -> tuple[str, str]:
    """Return what becomes of a receipt's ballot (`STANDS`), and the reason where there is one.

    Both are empty where the receipt is wrong; what is wrong is noted.
    """
    manifest, code = found.manifest, ""
    if manifest is None:
        return "", ""
    head = receipt.proves(manifest.key) if receipt.head else None
    if (receipt.question, receipt.log) != (manifest.question, manifest.log):
        code = "receipt_other"
    elif not receipt.binds or (receipt.head and head is None):
        code = "receipt_forged"
    elif head and (head.size > found.tree.size or found.tree.root(head.size) != head.root):
        code = "receipt_rewritten"
    if code:
        found.add(code)
        return "", ""
    return _stands(receipt.tracker, receipt.commitment, found)


def _stands(tracker: str, bound: str, found: Checked) -> tuple[str, str]:
    logged = found.logged
    last = logged.ballots.get(tracker)
    begins = f"ballot {tracker} "
    cast = [line for line in found.lines if line.startswith(begins) and line.endswith(bound)]
    if not cast:
        found.add("receipt_missing")
        return "", ""
    if logged.withdrawn:
        return "withdrawn", ""
    if last is None:
        return "gone", ""
    if tracker in logged.aside:
        return "aside", logged.aside[tracker]
    if not last.endswith(f" {bound}"):
        return "replaced", ""
    return ("counted" if logged.closed else "waiting"), ""


def published(where: str) -> Source:
    """Return what reads the files of a folder, or of an address, by their names."""
    if where.startswith(("http://", "https://")):
        base = where.rstrip("/") + "/"

        def fetched(name: str) -> bytes:
            try:
                with urlopen(base + name) as answer:  # noqa: S310 (http and https alone)
                    return bytes(answer.read())
            except URLError as error:
                raise OSError(str(error)) from error

        return fetched
    return lambda name: (Path(where) / name).read_bytes()


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names; return 0 where all agrees, else 1."""
    parser = argparse.ArgumentParser(
        prog="verify", description="Check a decision: the log, every ballot, and the count."
    )
    parser.add_argument("where", help="the folder, or the address, where it is published")
    parser.add_argument(
        "--receipt", help="a receipt: whether that ballot is counted as it was cast"
    )
    parser.add_argument(
        "--key", default="", help="the key of the log, as you know it from elsewhere"
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    asked = parser.parse_args(arguments)
    gc.disable()  # nothing here goes round in circles, and there may be millions
    found = check(published(asked.where), key=asked.key, beside=apart)
    stands, why = "", ""
    if asked.receipt:
        try:
            receipt = read_receipt(Path(asked.receipt).read_text("utf-8"))
        except (OSError, ValueError):
            found.add("receipt_unreadable")
        else:
            stands, why = check_receipt(receipt, found)
    if asked.json:
        told = {"wrong": [vars(wrong) for wrong in found.wrong], "result": found.result}
        if asked.receipt:
            told["receipt"] = stands
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(_told(found, stands, why)) + "\n")
    return 1 if found.wrong else 0


def _told(found: Checked, stands: str, why: str) -> list[str]:
    lines = []
    manifest, head, told = found.manifest, found.head, found.result
    declared = manifest or found.change
    if declared is not None:
        lines.append(next(iter(declared.text.values()), ""))
        lines.append(f"log      {declared.log}")
        lines.append(f"key      {declared.key}")
    if head is not None:
        lines.append(f"head     {head.size:,} lines, root {head.root.hex()}")
    lines += [f"seen     by {name}, Unix time {when}" for name, when in found.seen.items()]
    if manifest is not None and told:
        names = manifest.names()
        won = ", ".join(names[number] for number in told["winners"]) or "nothing"
        lines.append(f"counted  {told['ballots']:,} ballots, {told['aside']:,} set aside")
        lines.append(f"decided  {won} ({manifest.rule.method})")
    if stands:
        lines.append(f"receipt  {STANDS[stands].format(why)}")
    lines += [f"WRONG    {wrong}" for wrong in found.wrong[:100]]
    if len(found.wrong) > 100:
        lines.append(f"WRONG    and {len(found.wrong) - 100:,} more")
    return [*lines, "Something is wrong." if found.wrong else "All agrees."]


if __name__ == "__main__":
    sys.exit(main())
