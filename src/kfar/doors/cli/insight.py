"""What is known of customers: `kfar insight`."""

from __future__ import annotations

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.rooms.insight import refreshing

insight = typer.Typer(no_args_is_help=True, help="What is learned of customers.")


@insight.callback()
def _insight() -> None:
    """What is learned of customers."""


@insight.command()
def refresh() -> None:
    """Learn everything again from what is known until today, of those who agreed to it.

    `kfar work` does so once a day by itself.
    """
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
