"""The commands, one function each."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.rooms.touchpoints.imports import Reject, import_file

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def kfar() -> None:
    """Kfar: a company led by its customers."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    source: Annotated[str, typer.Option(help="Who tells it, in a-z, 0-9, -: shop, crm …")],
) -> None:
    """Take in touchpoints from a CSV or NDJSON file.

    Rows that cannot be taken stand in FILE.rejected.csv with their line and the reason; then
    the exit code is 1. Where nothing could be read it is 2.
    """
    report = _Report(file.with_name(file.name + ".rejected.csv"))
    console = Console(stderr=True)
    try:
        with Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
            console=console,
        ) as bars:
            bar = bars.add_task(file.name, total=None)
            done = import_file(
                file,
                source=source,
                reject=report.add,
                progress=lambda done, total: bars.update(bar, completed=done, total=total),
            )
    except Refused as refused:
        console.print(words.sentence(refused), style="red", markup=False)
        raise typer.Exit(2) from None
    finally:
        report.close()
    table = Table("Rows", "", title=Text(file.name))
    table.columns[1].justify = "right"
    table.add_row("taken", f"{done.taken:,}")
    table.add_row("known already", f"{done.known:,}")
    table.add_row("rejected", f"{done.rejected:,}")
    Console().print(table)
    if done.rejected:
        said = f"The rejected rows, with their reasons: {report.path}"
        console.print(said, markup=False, soft_wrap=True)
        raise typer.Exit(1)


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
