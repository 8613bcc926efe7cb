"""What goes back by itself: `kfar returns policy`."""

from __future__ import annotations

from typing import Annotated

import typer
from django.conf import settings
from rich.console import Console
from rich.table import Table

from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.rooms.service.returns import commands, queries

returns = typer.Typer(no_args_is_help=True, help="What customers send back.")


@returns.callback()
def _group() -> None:
    """What customers send back."""


@returns.command()
def policy(
    category: Annotated[
        str, typer.Argument(help="A category, as it stands on purchases; none: all others.")
    ] = "",
    days: Annotated[
        int | None, typer.Option(help="For how many days after the purchase.", min=0)
    ] = None,
    most: Annotated[
        str | None,
        typer.Option(help="The most for one customer within 30 days, as 100 or 59.90."),
    ] = None,
) -> None:
    """Set within what the money for a return is back at once; print the policy.

    Beyond it an employee decides, the same day. Nothing is refused by the policy itself.
    """
    before = queries.terms()
    held = before.get(category, before[""])
    try:
        if days is not None or most is not None:
            commands.set_term(
                category=category,
                days=held.days if days is None else days,
                most=held.most if most is None else Money.parse(most, settings.KFAR_CURRENCY).minor,
            )
    except Refused as refused:
        typer.echo(words.sentence(refused), err=True)
        raise typer.Exit(1) from refused
    table = Table("Category", "Days", "At most, within 30 days", show_edge=False)
    for name, term in queries.terms().items():
        amount = words.money(Money(term.most, settings.KFAR_CURRENCY))
        table.add_row(name or "all others", str(term.days), amount)
    Console().print(table)
