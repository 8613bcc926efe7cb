"""Counting an election's file: `kfar count`. It knows no Django, so that it starts at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from kfar.doors.cli import rounds
from kfar.ground.ballots import Form
from kfar.rooms.decisions.counting.count import count as count_ballots
from kfar.rooms.decisions.counting.rules import (
    FORMS,
    SINGLE,
    Completion,
    Method,
    Overvote,
    Rule,
    Strength,
    Surplus,
    Threshold,
    Worth,
)
from kfar.rooms.decisions.elections import files
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable

#: Files of fewer bytes are read before a bar could be seen.
LARGE = 20 * 2**20
out, err = Console(), Console(stderr=True)


def count(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    *,
    method: Annotated[Method, typer.Option(help="How it is counted.")],
    seats: Annotated[
        int | None, typer.Option(min=1, help="How many win; as the file says, or one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    format: Annotated[  # noqa: A002 - the option's name
        str | None, typer.Option(help=f"The file's format: {', '.join(files.FORMATS)}.")
    ] = None,
    ranks: Annotated[
        str | None, typer.Option(help="Which columns are ranks, FROM:TO, by name or from 1.")
    ] = None,
    undervote: Annotated[
        list[str] | None, typer.Option(help="What stands in a cell for a skipped rank.")
    ] = None,
    overvote: Annotated[
        list[str] | None, typer.Option(help="What stands in a cell for an overvote.")
    ] = None,
    between: Annotated[str, typer.Option(help="What parts several names in one cell.")] = "",
    write_in: Annotated[
        list[str] | None,
        typer.Option(help="Who stands for names nobody declared: first out; '' for empty cells."),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="A name that does not stand, taken out of ballots.")
    ] = None,
    overvote_rule: Annotated[
        Overvote, typer.Option(help="What an overvote does to a ranking.")
    ] = Overvote.EXHAUST,
    max_skipped: Annotated[
        int | None, typer.Option(min=0, help="More skipped ranks in a row end a ranking.")
    ] = None,
    end_at_duplicate: Annotated[
        bool, typer.Option("--end-at-duplicate", help="A name ranked again ends a ranking.")
    ] = False,
    batch_elimination: Annotated[
        bool, typer.Option("--batch-elimination", help="IRV: all who cannot win go at once.")
    ] = False,
    until_two: Annotated[
        bool, typer.Option("--until-two", help="IRV: go on after the winner until two stand.")
    ] = False,
    lot: Annotated[
        str, typer.Option(help="What breaks ties: a seed, or the order itself, as Ann>Bo>Cy.")
    ] = "",
    digits: Annotated[int, typer.Option(min=0, help="STV: decimal places of a vote.")] = 5,
    threshold: Annotated[
        Threshold, typer.Option(help="STV: how many votes elect.")
    ] = Threshold.DROOP,
    surplus: Annotated[
        Surplus, typer.Option(help="STV: how votes above the threshold move.")
    ] = Surplus.LARGEST,
    strength: Annotated[
        Strength, typer.Option(help="Two by two: how strong a win is.")
    ] = Strength.WINNING_VOTES,
    completion: Annotated[
        Completion, typer.Option(help="Equal shares: what is done with money left over.")
    ] = Completion.GREEDY,
    worth: Annotated[Worth, typer.Option(help="Greedy: what it looks at.")] = Worth.VOTES,
) -> None:
    """Count the ballots in a file of an election, and print the rounds.

    It reads CSV, spreadsheets of cast vote records, PrefLib, ABIF, Pabulib, BLT, and the files
    of Scottish wards and of VoteKit. Where the file cannot be read, or not be counted so, the
    exit code is 2.
    """
    try:
        if format is not None and format not in files.FORMATS:
            raise Unreadable(f"there is no format “{format}”; {', '.join(files.FORMATS)} are")
        election = _read(
            file,
            format,
            Reading(
                forms=FORMS[method],
                ranks=ranks,
                undervote=tuple(undervote or ()),
                overvote=tuple(overvote or ()),
                write_in=tuple(write_in or ()),
                between=between,
                exclude=tuple(exclude or ()),
            ),
        )
        if method is Method.PLURALITY and election.form is Form.CHOICES:
            _one_choice(election)
        rule = Rule(
            method,
            seats=seats or (1 if method in SINGLE else election.seats or 1),
            lot=_order(lot, election),
            form=election.form,
            overvote=overvote_rule,
            max_skipped=max_skipped,
            batch_elimination=batch_elimination,
            first_out=election.write_ins if method in {Method.IRV, Method.STV} else (),
            digits=digits,
            threshold=threshold,
            end_at_duplicate=end_at_duplicate,
            until_two=until_two,
            surplus=surplus,
            strength=strength,
            budget=election.budget,
            costs=election.costs,
            completion=completion,
            worth=worth,
            max_score=election.max_score,
        )
        report = count_ballots(rule, election.ballots, len(election.options))
    except ValueError as error:
        err.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(2) from None
    for note in election.notes:
        err.print(note, markup=False, highlight=False, soft_wrap=True)
    if as_json:
        told = {"title": election.title, **report.as_json(election.options)}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        rounds.show(election, report, out)


def _one_choice(election: Election) -> None:
    if any(len(ballot) > 1 for ballot in election.ballots):
        raise ValueError("its ballots choose several, and plurality counts one choice of each")


def _order(lot: str, election: Election) -> str:
    """Return an order of names as one of numbers, write-ins last; any other lot as it is."""
    options, names = election.options, [name.strip() for name in lot.split(">")]
    names += [options[n] for n in election.write_ins if options[n] not in names]
    if ">" in lot and all(name in options for name in names):
        return ">".join(str(options.index(name)) for name in names)
    return lot


def _read(file: Path, format: str | None, reading: Reading) -> Election:  # noqa: A002
    """Read the file, with a bar where it is large."""
    total = file.stat().st_size
    if total < LARGE:
        return files.read(file, reading, format=format)
    columns = TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn()
    with Progress(*columns, console=err, transient=True) as bars:
        bar = bars.add_task(file.name, total=total)
        reading = replace(reading, progress=lambda done: bars.update(bar, completed=done))
        return files.read(file, reading, format=format)
