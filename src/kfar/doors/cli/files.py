"""Files coming in, with a bar, a summary and a list of what could not be taken."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from kfar.doors import words
from kfar.doors.cli import mappings
from kfar.ground.errors import Refused
from kfar.rooms.insight import promotions
from kfar.rooms.touchpoints.imports import Reject, import_file
from kfar.rooms.touchpoints.rules import check_source


def take_in(
    file: Path, source: str, out: Console, err: Console, *, mapping: Path | None, yes: bool
) -> int:
    """Take in a file; return the exit code: 0, 1 with rejected rows, 2 where nothing was read.

    `mapping` says what its columns are; without it Kfar proposes that, and `yes` agrees.
    """
    report = _Report(file.with_name(file.name + ".rejected.csv"))
    columns = TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn()
    before = 0

    def resumed(rows: int) -> None:
        nonlocal before
        before = rows

    try:
        check_source(source)
        agreed = mappings.agreed(file, source, given=mapping, yes=yes, out=out, err=err)
        with Progress(*columns, TimeRemainingColumn(), console=err) as bars:
            bar = bars.add_task(file.name, total=None)
            done = import_file(
                file,
                source=source,
                mapping=agreed,
                reject=report.add,
                progress=lambda done, total: bars.update(bar, completed=done, total=total),
                resumed=resumed,
            )
    except Refused as refused:
        err.print(words.sentence(refused), style="red", markup=False)
        return 2
    finally:
        report.close()
    if before:
        err.print(f"An earlier import had come to row {before:,}; this one went on from there.")
    table = Table("Rows", "", title=Text(file.name))
    table.columns[1].justify = "right"
    table.add_row("taken", f"{done.taken:,}")
    table.add_row("known already", f"{done.known:,}")
    table.add_row("rejected", f"{done.rejected:,}")
    out.print(table)
    if done.rejected:
        said = f"The rejected rows, with their reasons: {report.path}"
        err.print(said, markup=False, soft_wrap=True)
    return 1 if done.rejected else 0


def take_promotions(file: Path, source: str, out: Console, err: Console) -> int:
    """Take in a file of promotions; return the exit code: 0, or 2 where nothing was taken."""
    try:
        with err.status(file.name):
            taken = promotions.take(file=file, source=source)
    except Refused as refused:
        err.print(words.sentence(refused), style="red", markup=False)
        return 2
    table = Table("Promotions", "", title=Text(file.name))
    table.columns[1].justify = "right"
    table.add_row("rows", f"{taken.rows:,}")
    table.add_row("weeks", f"{taken.weeks:,}")
    table.add_row("… told anew", f"{taken.changed:,}")
    table.add_row("products", f"{taken.products:,}")
    table.add_row("… that nobody here ever bought", f"{taken.unbought:,}")
    table.add_row("from the week of", taken.first.isoformat())
    table.add_row("to the week of", taken.last.isoformat())
    out.print(table)
    if 2 * taken.unbought > taken.products:
        err.print("Most products are unknown here: are their codes those of the purchases?")
    return 0


class _Report:
    """The file that says why rows were rejected; made with the first of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.unlink(missing_ok=True)  # of an earlier try
        self.file: Any = None

    def add(self, reject: Reject) -> None:
        """Write one line."""
        if self.file is None:
            self.file = self.path.open("w", newline="", encoding="utf-8")
            csv.writer(self.file).writerow(["line", "code", "reason"])
        reason = words.sentence(reject.refused)
        csv.writer(self.file).writerow([reject.line, reject.refused.code, reason])

    def close(self) -> None:
        """Finish the file, if there is one."""
        if self.file is not None:
            self.file.close()
