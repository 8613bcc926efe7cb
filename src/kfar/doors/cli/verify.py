"""Checking a decision: `kfar verify`. It knows no Django, so that it starts at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kfar.rooms.decisions.proving.verify import main


def verify(
    where: Annotated[str, typer.Argument(help="The folder, or the address, of what is published.")],
    *,
    receipt: Annotated[
        Path | None, typer.Option(help="A receipt: is its ballot counted as it was cast?")
    ] = None,
    head: Annotated[
        Path | None, typer.Option(help="A head kept elsewhere: is the log the same there?")
    ] = None,
    key: Annotated[str, typer.Option(help="The log's key, if you know it from elsewhere.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Check a decision: the log, every ballot, and the count."""
    options = [
        *(["--receipt", str(receipt)] if receipt else []),
        *(["--head", str(head)] if head else []),
        *(["--key", key] if key else []),
        *(["--json"] if as_json else []),
    ]
    raise typer.Exit(main([where, *options]))
