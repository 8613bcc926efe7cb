"""The commands, one function each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TextIO

import typer
from django.conf import settings
from rich.console import Console
from rich.table import Table

from kfar.doors import words
from kfar.doors.cli import (
    after,
    channels,
    count,
    customers,
    departments,
    files,
    gate,
    insight,
    people,
    reading,
    returns,
    server,
    trackers,
    verify,
    witness,
)
from kfar.doors.cli import demo as demos
from kfar.doors.cli import doctor as doctors
from kfar.doors.cli import messages as catalogues
from kfar.doors.cli import reviews as reviewed
from kfar.ground.errors import Refused

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(after.after, name="after")
app.add_typer(customers.customer, name="customer")
app.add_typer(departments.department, name="department")
app.add_typer(people.employee, name="employee")
app.add_typer(people.people, name="people")
app.add_typer(people.role, name="role")
app.add_typer(insight.insight, name="insight")
app.add_typer(gate.key, name="key")
app.add_typer(returns.returns, name="returns")
app.add_typer(channels.channel, name="channel")
app.add_typer(trackers.tracker, name="tracker")
app.command()(count.count)
app.command()(verify.verify)
app.command()(witness.witness)
app.command()(insight.places)
app.command()(reading.learn)
app.command()(reading.read)
out, err = Console(), Console(stderr=True)


@app.callback()
def kfar() -> None:
    """Kfar: a company led by its customers."""


@app.command()
def setup() -> None:
    """Bring the data directory up to this version: tables, roles, words, static files."""
    server.prepare()


@app.command()
def serve() -> None:
    """Serve pages and the gate, and do the work behind them, until stopped."""
    lock, address = _free_data(), _free_address()
    server.prepare()
    server.serve(*address, lock, lambda: out.print(f"Kfar is open at {settings.KFAR_URL}"))


@app.command()
def work() -> None:
    """Do the work behind the pages alone; `kfar serve` starts it too."""
    server.work()


@app.command()
def demo() -> None:
    """Load real data, serve it, and print the addresses to open."""
    lock, address = _free_data(), _free_address()
    server.prepare()
    demos.employ()
    try:
        demos.load()
        demos.hear()
        demos.announce()
        demos.ask()
    except Refused as refused:
        err.print(words.sentence(refused), style="red")
        raise typer.Exit(2) from None

    def ready() -> None:
        demos.send(*address)
        demos.welcome(out)

    server.serve(*address, lock, ready)


@app.command()
def doctor() -> None:
    """Show what is set up, what is missing and how to mend it; exit code 1 if anything is."""
    table = Table("", "What", "Seen", "How to mend it")
    found = doctors.examine()
    for finding in found:
        mark = "[green]✓[/]" if finding.well else "[red]✗[/]"
        table.add_row(mark, finding.what, finding.seen, "" if finding.well else finding.mend)
    out.print(table)
    raise typer.Exit(0 if all(finding.well for finding in found) else 1)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    source: Annotated[str, typer.Option(help="Who tells it, in a-z, 0-9, -: shop, crm …")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="What the file's columns say, in TOML.", exists=True, dir_okay=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take the mapping Kfar proposes.")] = False,
) -> None:
    """Take in touchpoints from a CSV, NDJSON or Parquet file.

    For columns other than Kfar's own it proposes a mapping, asks, and remembers the answer.
    Rows that cannot be taken stand in FILE.rejected.csv with their line and the reason; then
    the exit code is 1. Where nothing could be read it is 2.
    """
    raise typer.Exit(files.take_in(file, source, out, err, mapping=mapping, yes=yes))


@app.command()
def promotions(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    source: Annotated[str, typer.Option(help="Who tells it, in a-z, 0-9, -: shop, tills …")],
) -> None:
    """Take in what was displayed and mailed, from a CSV or Parquet file.

    Columns: product and place as on the journeys, week or day, display and mailer: your codes,
    empty for none. Weeks that the file tells of are told anew. Where a line cannot be
    understood nothing is taken, and the exit code is 2.
    """
    raise typer.Exit(files.take_promotions(file, source, out, err))


@app.command()
def reviews(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    source: Annotated[str, typer.Option(help="Who tells it, in a-z, 0-9, -: shop, play …")],
    mapping: Annotated[
        Path | None,
        typer.Option(help="What the file's columns say, in TOML.", exists=True, dir_okay=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take the mapping Kfar proposes.")] = False,
) -> None:
    """Take in reviews from JSON-LD in schema.org's words, or from a CSV of a shop or app store.

    For a CSV it proposes what the columns say, asks, and remembers the answer. The same review
    is taken once. Reviews that cannot be taken stand in FILE.rejected.csv with their line and
    the reason; then the exit code is 1. Where nothing could be read it is 2.
    """
    raise typer.Exit(reviewed.take_in(file, source, out, err, mapping=mapping, yes=yes))


@app.command()
def messages() -> None:
    """Bring the catalogues of translations to the sentences in the source (for developers)."""
    for language, lacking in catalogues.update().items():
        out.print(f"{language}: {lacking} to translate")


def _free_data() -> TextIO:
    lock = server.hold_data()
    if lock is None:
        err.print(f"Another Kfar serves from {settings.KFAR_DATA_DIR} already.", soft_wrap=True)
        raise typer.Exit(2)
    return lock


def _free_address() -> tuple[str, int]:
    # Once the data directory is ours nobody of an earlier Kfar listens any more.
    host, port = settings.KFAR_LISTEN
    if server.taken(host, port):
        err.print(f"Something listens on {host}:{port} already. Set KFAR_PORT.")
        raise typer.Exit(2)
    return host, port
