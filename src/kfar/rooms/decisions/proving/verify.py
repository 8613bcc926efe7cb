"""Whether a decision was counted as it says: everything is done again from what is published.

    python verify.py FOLDER-OR-ADDRESS [--receipt FILE] [--head FILE] [--key KEY] [--json]

What is published is a folder (`log.txt`, `heads.txt`, `ballots.csv`, `result.json`, and of a
consultation `statements.csv`), at an address or on a disk. From it alone, the root over the log
is built anew (RFC 9162, 2021) and held against every head that was signed, every ballot is held
against its commitment in the log, and the count is done again. Whatever does not agree is named.
A receipt is looked up in the same log: it says whether that ballot is counted as it was cast.

What this cannot show: that voters are who the company says they are, or that nobody looked over
a voter's shoulder. And that everybody was shown the same log shows only from heads that were
kept outside: in receipts, and by witnesses. Which groups a consultation has is not computed here.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Callable, Sequence
from multiprocessing import Pipe, get_all_start_methods, get_context
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from kfar.rooms.decisions.proving.checking import Source, check, check_head, check_receipt
from kfar.rooms.decisions.proving.findings import STANDS, Checked
from kfar.rooms.decisions.proving.manifest import Manifest
from kfar.rooms.decisions.proving.receipt import read_receipt
from kfar.rooms.decisions.proving.recount import T


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
        "--head", help="a head that was kept elsewhere: whether the log is the same there"
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
    if asked.head:
        try:
            check_head(_note(Path(asked.head).read_text("utf-8")), found)
        except (OSError, ValueError):
            found.add("unreadable", asked.head)
    if asked.json:
        told = {"wrong": [vars(wrong) for wrong in found.wrong], "result": found.result}
        if asked.receipt:
            told["receipt"] = stands
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(_told(found, stands, why)) + "\n")
    return 1 if found.wrong else 0


def _note(text: str) -> str:
    """A head as it is handed around, or in the file of a witness or a receipt."""
    if not text.startswith("{"):
        return text
    said = json.loads(text)
    return str(said.get("note") or said.get("head"))


def _told(found: Checked, stands: str, why: str) -> list[str]:
    lines = []
    declared, head = found.declared, found.head
    if declared is not None:
        lines.append(next(iter(declared.text.values()), ""))
        lines.append(f"log      {declared.log}")
        lines.append(f"key      {declared.key}")
    if head is not None:
        lines.append(f"head     {head.size:,} lines, root {head.root.hex()}")
    for name in (key.partition("+")[0] for key in (declared.witnesses if declared else ())):
        if name in found.seen:
            size, when = found.seen[name]
            lines.append(f"seen     by {name}: {size:,} lines, Unix time {when}")
        else:
            lines.append(f"unseen   by {name}: ask it for the head it saw, and give it (--head)")
    lines += _counted_told(found)
    if stands:
        lines.append(f"receipt  {STANDS[stands].format(why)}")
    lines += [f"WRONG    {wrong}" for wrong in found.wrong[:100]]
    if len(found.wrong) > 100:
        lines.append(f"WRONG    and {len(found.wrong) - 100:,} more")
    return [*lines, "Something is wrong." if found.wrong else "All agrees."]


def _counted_told(found: Checked) -> list[str]:
    declared, told = found.declared, found.result
    if found.open:
        return [f"open     until {found.open}: nothing is counted before"]
    if not told:
        return []
    if isinstance(declared, Manifest):
        names = declared.names()
        won = ", ".join(names[number] for number in told["winners"]) or "nothing"
        return [
            f"counted  {told['ballots']:,} ballots, {told['aside']:,} set aside",
            f"decided  {won} ({declared.rule.method})",
        ]
    votes, people, asked = told["votes"], told["people"], len(told["statements"])
    return [
        f"counted  {votes:,} votes of {people:,} people on {asked:,} statements",
        "groups   and common ground are not computed here",
    ]


if __name__ == "__main__":
    sys.exit(main())
