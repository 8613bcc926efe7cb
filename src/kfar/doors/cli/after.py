"""When customers are asked how it was: `kfar after purchase`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.rooms.voice.follow_up import commands, queries

after = typer.Typer(no_args_is_help=True, help="When customers are asked how it was.")


@after.callback()
def _group() -> None:
    """When customers are asked how it was."""


@after.command()
def purchase(
    category: Annotated[
        str, typer.Argument(help="A category, as it stands on purchases; none: all others.")
    ] = "",
    days: Annotated[
        int | None, typer.Option(help="How many days after the purchase; 0: never.", min=0)
    ] = None,
) -> None:
    """Set when customers are asked how a purchase was; print it for every category.

    Nobody is asked who did not agree to it, nor more often than `KFAR_ASK_EVERY_DAYS` allows.
    """
    if days is not None:
        try:
            commands.set_days(category=category, days=days)
        except Refused as refused:
            typer.echo(words.sentence(refused), err=True)
            raise typer.Exit(1) from refused
    table = Table("Category", "Days after the purchase", show_edge=False)
    for name, later in queries.terms().items():
        table.add_row(name or "all others", str(later) if later else "never")
    Console().print(table)
