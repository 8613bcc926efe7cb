"""Where plans are handed to: `kfar tracker …`."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from rich.console import Console
from rich.table import Table

from kfar.doors import links, words
from kfar.doors.reaching import check
from kfar.doors.trackers import secret
from kfar.ground.errors import Refused
from kfar.rooms.promises.plans import commands, queries
from kfar.rooms.promises.plans.rules import Shape

tracker = typer.Typer(no_args_is_help=True, help="Where plans are handed to.")
out, err = Console(), Console(stderr=True)


@tracker.callback()
def _group() -> None:
    """Where plans are handed to."""


@tracker.command()
def add(
    name: Annotated[str, typer.Argument(help="What it is called here, in a-z, 0-9, -.")],
    url: Annotated[str, typer.Argument(help="Where it takes plans: https://…, mailto:…")],
    shape: Annotated[
        str, typer.Option(help="In whose form: github, jira, plain; mail goes by its address.")
    ] = "plain",
) -> None:
    """Let plans be handed to a tracker or a mailbox; print its secret and where it answers.

    The same name again changes where it is, and leaves the secret.
    """
    try:
        if url.startswith("mailto:"):
            shape = Shape.MAIL
            validate_email(url.removeprefix("mailto:"))
        else:
            check(url)
        target_id = commands.add_target(name=name, url=url, shape=shape)
    except Refused as refused:
        _refuse(words.sentence(refused))
    except ValidationError:
        _refuse(words.sentence(Refused("village.not_an_address", email=url[:100])))
    if shape != Shape.MAIL:
        typer.echo(secret(target_id))
        where = links.page("web:hook-tracker", name)
        err.print(f"What becomes of plans it tells, signed with this: {where}", soft_wrap=True)


@tracker.command("list")
def list_() -> None:
    """List where plans may be handed to."""
    targets = queries.targets()
    if not targets:
        typer.echo("No tracker yet. `kfar tracker add --help` says how to add one.")
        return
    table = Table("Name", "Shape", "Where")
    for target in targets:
        table.add_row(target.name, target.shape, target.url)
    out.print(table)


@tracker.command()
def remove(name: Annotated[str, typer.Argument(help="What it is called here.")]) -> None:
    """Hand nothing to a tracker any more, and believe nothing it says."""
    try:
        commands.remove_target(name=name)
    except Refused as refused:
        _refuse(words.sentence(refused))


def _refuse(sentence: str) -> NoReturn:
    err.print(sentence, style="red", markup=False)
    raise typer.Exit(2)
