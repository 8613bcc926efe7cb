"""Keys to the gate: `kfar key …`."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer
from django.conf import settings
from rich.console import Console
from rich.table import Table

from kfar import loop
from kfar.doors import words
from kfar.ground.errors import Refused
from kfar.rooms.touchpoints import keys

key = typer.Typer(no_args_is_help=True, help="Keys with which touchpoints are sent.")
out, err = Console(), Console(stderr=True)


@key.callback()
def _group() -> None:
    """Keys with which touchpoints are sent."""


@key.command()
def add(
    source: Annotated[str, typer.Argument(help="Who sends, in a-z, 0-9, -: site, shop, app …")],
    scope: Annotated[
        str,
        typer.Option(
            help="web: in public pages; server: secret, and believed; api: reads the API; "
            "directory: says who works here (SCIM); promises: reads those of each customer."
        ),
    ] = "web",
    rate: Annotated[int, typer.Option(help="Events a second it may send; 0 for any number.")] = 0,
) -> None:
    """Make a key and print it, this once."""
    try:
        made = keys.make(source=source, scope=scope, rate=rate)
    except Refused as refused:
        _refuse(refused)
    loop.post_notice()
    typer.echo(made)
    if scope == "web":
        tag = f'<script async src="{settings.KFAR_URL}/kfar.js" data-key="{made}"></script>'
        err.print(f"The tag for your pages: {tag}", markup=False, soft_wrap=True)


@key.command("list")
def list_() -> None:
    """List the keys; of each only how it begins."""
    table = Table("Begins with", "Source", "Scope", "Events/s", "Made", "Revoked")
    for line in keys.everyone():
        table.add_row(
            line.hint,
            line.source,
            line.scope,
            f"{line.rate:,}" if line.rate else "any",
            f"{line.made_at:%Y-%m-%d}",
            f"{line.revoked_at:%Y-%m-%d}" if line.revoked_at else "",
        )
    out.print(table)


@key.command()
def revoke(hint: Annotated[str, typer.Argument(help="How the key begins, as listed.")]) -> None:
    """Let a key open nothing any more; a second later the gate knows."""
    try:
        done = keys.revoke(hint=hint)
    except Refused as refused:
        _refuse(refused)
    loop.post_notice()
    typer.echo(f"revoked: {done}")


def _refuse(refused: Refused) -> NoReturn:
    err.print(words.sentence(refused), style="red", markup=False)
    raise typer.Exit(2)
