"""Reviews coming in from shops and app stores, with what became of each."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.prompt import Confirm
from rich.table import Table
from rich.text import Text

from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.rules import check_source
from kfar.rooms.voice.reviews import columns, files, taking
from kfar.rooms.voice.reviews.columns import Columns
from kfar.rooms.voice.reviews.files import Given


def take_in(
    file: Path, source: str, out: Console, err: Console, *, mapping: Path | None, yes: bool
) -> int:
    """Take in a file; return the exit code: 0, 1 with rejected reviews, 2 where none was read."""
    rejected = file.with_name(file.name + ".rejected.csv")
    rejected.unlink(missing_ok=True)  # of an earlier try
    bar = TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn()
    try:
        check_source(source)
        found = (
            None
            if files.is_json(file)
            else _agreed(file, source, given=mapping, yes=yes, out=out, err=err)
        )
        with ExitStack() as stack:
            bars = stack.enter_context(Progress(*bar, TimeRemainingColumn(), console=err))
            task = bars.add_task(file.name, total=file.stat().st_size)
            writer = None

            def reject(line: int, why: Refused) -> None:
                nonlocal writer
                if writer is None:
                    report = rejected.open("w", newline="", encoding="utf-8")
                    writer = csv.writer(stack.enter_context(report))
                    writer.writerow(["line", "code", "reason"])
                writer.writerow([line, why.code, words.sentence(why)])

            coming: Iterator[Given] = (
                files.graph_of(file)
                if found is None
                else files.rows_of(file, found, lambda done: bars.update(task, completed=done))
            )
            done = taking.take(coming, source=source, reject=reject)
            bars.update(task, completed=file.stat().st_size)
    except Refused as refused:
        err.print(words.sentence(refused), style="red", markup=False)
        return 2
    table = Table("Reviews", "", title=Text(file.name))
    table.columns[1].justify = "right"
    table.add_row("taken", f"{done.taken:,}")
    table.add_row("known already", f"{done.known:,}")
    table.add_row("rejected", f"{done.rejected:,}")
    out.print(table)
    if done.rejected:
        said = f"The rejected reviews, with their reasons: {rejected}"
        err.print(said, markup=False, soft_wrap=True)
    return 1 if done.rejected else 0


def _agreed(
    file: Path, source: str, *, given: Path | None, yes: bool, out: Console, err: Console
) -> Columns:
    """Return what the columns say: as given, as remembered, or as somebody agrees to now."""
    names, time = files.look(file)
    if given is not None:
        mapping = columns.from_toml(given.read_text(encoding="utf-8"))
        mapping.check(names)
        columns.remember(source, names, mapping)
        return mapping
    known = columns.recall(source, names)
    if known is not None:
        where = columns.place(source, names)
        err.print(f"Columns as agreed before: {where}", markup=False, soft_wrap=True)
        return known
    mapping = columns.propose(names, time)
    table = Table("Kfar's column", "is the file's", title=Text(file.name))
    for target, name in mapping.columns.items():
        table.add_row(target, Text(name))
    for target in mapping.lacking():
        table.add_row(target, Text("?", style="red"))
    out.print(table)
    asked = sys.stdin.isatty() and out.is_terminal
    lacking = mapping.lacking()
    if not lacking and (yes or (asked and Confirm.ask("Take it so?", console=out))):
        columns.remember(source, names, mapping)
        return mapping
    written = file.with_name(file.name + ".mapping.toml")
    if not written.exists():  # or else somebody is at work on it
        written.write_text(columns.to_toml(mapping), encoding="utf-8")
    if lacking:
        raise Refused("reviews.mapping_lacks", columns=", ".join(lacking), file=str(written))
    raise Refused("reviews.mapping_open", file=str(written))
