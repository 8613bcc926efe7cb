"""What is known of customers: `kfar insight`."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.rooms.insight import commands

insight = typer.Typer(no_args_is_help=True, help="What is learned of customers.")


@insight.callback()
def _insight() -> None:
    """What is learned of customers."""


@insight.command()
def refresh() -> None:
    """Learn everything again from what is known until today, of those who agreed to it.

    `kfar work` does so once a day by itself.
    """
    from kfar.rooms.insight import refreshing  # brings the sciences

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn()) as bar:
        task = bar.add_task("read", total=1)

        def told(step: str, done: int, of: int) -> None:
            bar.update(task, description=step or "done", completed=done, total=of)

        try:
            count = refreshing.refresh(told)
        except Refused as refused:
            typer.echo(words.sentence(refused), err=True)
            raise typer.Exit(1) from refused
    typer.echo(f"{count} studies")


def places(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
) -> None:
    """Take in what stores are called and in which region: a CSV with place, name, region.

    `place` is the code with which purchases come in. Regions are on the pages once everything
    has been learned again, which begins within a second where Kfar is served.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            rows = csv.DictReader(opened)
            if not {"place", "name", "region"} <= set(rows.fieldnames or ()):
                raise Refused("insight.no_columns")
            told = [(row["place"] or "", row["name"] or "", row["region"] or "") for row in rows]
        count = commands.name_places(places=told)
    except Refused as refused:
        typer.echo(words.sentence(refused), err=True)
        raise typer.Exit(1) from refused
    typer.echo(f"{count} places")
