"""Whether all that is published of a decision agrees: log, heads, ballots, count, receipts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

from kfar.ground.ballots import Ballot
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.proving.change import Change, read_notices
from kfar.rooms.decisions.proving.consultation import (
    Consultation,
    count_votes,
    read_statements,
    read_votes,
    wrong_statements,
)
from kfar.rooms.decisions.proving.findings import Checked, Declared, Wrong, read_declared
from kfar.rooms.decisions.proving.heads import (
    WITNESS,
    Head,
    Signature,
    read_head,
    read_key,
    seen_by,
    signed_by_log,
)
from kfar.rooms.decisions.proving.lines import read_log
from kfar.rooms.decisions.proving.manifest import Manifest
from kfar.rooms.decisions.proving.opening import hold, opened
from kfar.rooms.decisions.proving.receipt import Receipt
from kfar.rooms.decisions.proving.recount import Beside, Count, later, recount

#: Reads one of the published files by its name; `OSError` where there is none.
Source = Callable[[str], bytes]

LINES, NOTES, ROWS, TOLD = "log.txt", "heads.txt", "ballots.csv", "result.json"
WORDS = "statements.csv"
#: After its time is over a log has to be closed so soon: the last votes are still taken.
LATE = timedelta(hours=1)


def check(
    source: Source, *, key: str = "", count: Count = count, beside: Beside = later
) -> Checked:
    """Check all that is published of a decision; `key` is its log's, where one knows it.

    `beside` may do the tree while the ballots are looked at.
    """
    found = Checked()
    log, notes = _text(source, LINES, found), _text(source, NOTES, found)
    if log is None or notes is None:
        return found
    found.lines = log.removesuffix("\n").split("\n")
    try:
        declared = found.declared = read_declared(found.lines[0])
    except ValueError:
        found.add("no_manifest")
        return found
    if key and key != declared.key:
        found.add("other_key")
    if isinstance(declared, Change):
        _check_change(found, declared, notes)
    else:
        _check_votes(found, declared, notes, source, count=count, beside=beside)
    return found


def _check_change(found: Checked, change: Change, notes: str) -> None:
    """Check the log of a change: what was declared, and that every word stands where it was put.

    What the words are is opened to those whose they are, so there is nothing to count.
    """
    found.head, found.seen, wrong = _check_heads(found, change, notes)
    noticed = found.noticed = read_notices(change, found.lines[1:])
    found.wrong += [*wrong, *(Wrong(code, str(number)) for number, code in noticed.wrong)]


def _check_votes(
    found: Checked,
    declared: Manifest | Consultation,
    notes: str,
    source: Source,
    *,
    count: Count,
    beside: Beside,
) -> None:
    """Check what was voted: every ballot stands in the log, and counted again gives the result."""
    logged = found.logged = read_log(found.lines[1:])
    statements: dict[str, str] = {}
    if isinstance(declared, Consultation):
        statements = read_statements(declared, found.lines, logged)
    told = bool(logged.closed and not logged.withdrawn)
    rows = (_text(source, ROWS, found) or "").removesuffix("\n").split("\n")[1:] if told else []
    most = len(rows) * 3 // 4  # the tree takes as long as some of the ballots do
    before = rows[most - 1].partition(",")[0] if most else ""
    others = beside(
        lambda: (
            _check_heads(found, declared, notes),
            hold(rows[most:], before, declared, logged),
        )
    )
    held = hold(rows[:most], "", declared, logged)
    (found.head, found.seen, wrong), rest = others()
    found.wrong += [*wrong, *(Wrong(code, str(number)) for number, code in logged.wrong)]
    if not logged.closed and datetime.now(UTC) < datetime.fromisoformat(declared.closes) + LATE:
        found.open = declared.closes
    elif not logged.closed:
        found.add("not_closed")
    elif told:
        both = [held, rest]
        if isinstance(declared, Manifest):
            cast: dict[str, dict[Ballot, int]] = opened(
                rows, both, logged, declared.paper.read, found.wrong
            )
            result = recount(declared, cast, len(logged.aside), count, beside)
        else:
            said = opened(rows, both, logged, read_votes, found.wrong)
            _check_statements(found, declared, statements, source)
            result = count_votes(chain(*(some.items() for some in said.values())), statements)
        found.result = json.loads(json.dumps(result))
        _check_result(found, source)


def _check_statements(
    found: Checked, declared: Consultation, statements: dict[str, str], source: Source
) -> None:
    words = _text(source, WORDS, found)
    if words is not None:
        wrong = wrong_statements(declared, statements, words)
        found.wrong += [Wrong(code, about) for code, about in wrong]


def _check_result(found: Checked, source: Source) -> None:
    try:
        told = dict(json.loads(_text(source, TOLD, found) or "{}"))
    except (ValueError, TypeError):
        found.add("unreadable", TOLD)
        told = {}
    for part in sorted(found.result.keys() | told.keys()):
        if found.result.get(part) != told.get(part):
            found.add("other_result", part)


def _text(source: Source, name: str, found: Checked) -> str | None:
    """One of the published files; None: it cannot be read, which is noted."""
    try:
        return source(name).decode()
    except (OSError, ValueError):
        found.add("unreadable", name)
        return None


#: What heads tell: the last that is right, who else saw how much and when, and what is wrong.
Heads = tuple[Head | None, dict[str, tuple[int, int]], list[Wrong]]


def _check_heads(found: Checked, declared: Declared, text: str) -> Heads:
    """Hold every head against the root over as many lines of the log.

    They stand one after another, an empty line between them, as one stands within each.
    """
    right: list[tuple[Head, list[Signature]]] = []
    wrong: list[Wrong] = []
    parts = text.removesuffix("\n").split("\n\n")
    notes = [f"{body}\n\n{marks}\n" for body, marks in zip(parts[::2], parts[1::2], strict=False)]
    read = [each for note in notes if (each := read_head(note)) is not None]
    if len(read) * 2 != len(parts):
        wrong.append(Wrong("unreadable", NOTES))
    for head, marks in read:
        if code := _wrong_head(found, declared, head, marks):
            wrong.append(Wrong(code, str(head.size)))
        else:
            right.append((head, marks))
    right.sort(key=lambda one: one[0].size)
    last = right[-1][0] if right else None
    if beyond := found.tree.size - (last.size if last else 0):
        wrong.append(Wrong("longer", str(beyond)))
    return last, _witnessed(right[::-1], declared.witnesses), wrong


def check_head(note: str, found: Checked) -> None:
    """Hold a head that was kept elsewhere, by a witness or a friend, against the log.

    One that the company signed and that is not of this log proves that it showed two.
    """
    read = read_head(note)
    if read is None:
        found.add("unreadable", "the head")
    elif found.declared is not None and (code := _wrong_head(found, found.declared, *read)):
        found.add("two_logs" if code == "other_root" else code, read[0].size)


def _wrong_head(found: Checked, declared: Declared, head: Head, marks: list[Signature]) -> str:
    """What is wrong about a head; empty: nothing."""
    if head.origin != declared.log:
        return "other_log"
    if not _signed(head, marks, declared.key):
        return "unsigned"
    tree = found.tree
    return "" if head.size <= tree.size and tree.root(head.size) == head.root else "other_root"


def _signed(head: Head, marks: list[Signature], key: str) -> bool:
    known = read_key(key)
    return known is not None and known[0] == head.origin and signed_by_log(head, marks, known[2])


def _witnessed(
    heads: Sequence[tuple[Head, list[Signature]]], keys: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """How many lines each witness saw at last, and when; the heads are the last first."""
    seen: dict[str, tuple[int, int]] = {}
    known = [read for key in keys if (read := read_key(key)) and read[1] == WITNESS]
    for name, _, public in known:
        sizes = ((head.size, seen_by(head, marks, name, public)) for head, marks in heads)
        seen |= next(({name: (size, when)} for size, when in sizes if when is not None), {})
    return seen


def check_receipt(receipt: Receipt, found: Checked) -> tuple[str, str]:
    """Return what becomes of what a receipt is for (`STANDS`), and the reason where there is one.

    Both are empty where the receipt is wrong; what is wrong is noted.
    """
    declared, code = found.declared, ""
    if declared is None:
        return "", ""
    head = receipt.proves(declared.key) if receipt.head else None
    if (receipt.question, receipt.log) != (declared.subject, declared.log):
        code = "receipt_other"
    elif not receipt.binds or (receipt.head and head is None):
        code = "receipt_forged"
    elif head and (head.size > found.tree.size or found.tree.root(head.size) != head.root):
        code = "receipt_rewritten"
    elif not any(receipt.is_line(line) for line in found.lines):
        code = "receipt_missing"
    if code:
        found.add(code)
        return "", ""
    return _stands(receipt.tracker, receipt.commitment, found)


def _stands(tracker: str, bound: str, found: Checked) -> tuple[str, str]:
    logged, noticed = found.logged, found.noticed
    last = logged.ballots.get(tracker)
    if logged.withdrawn or noticed.withdrawn:
        return "withdrawn", ""
    if isinstance(found.declared, Change):
        return ("said" if noticed.answers.get(tracker) == bound else "said_again"), ""
    if last is None:
        return "gone", ""
    if tracker in logged.aside:
        return "aside", logged.aside[tracker]
    if not last.endswith(f" {bound}"):
        return "replaced", ""
    return ("counted" if logged.closed else "waiting"), ""
