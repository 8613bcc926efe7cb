"""What customers ask for by letter: `kfar customer …`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from django.utils import translation

from kfar.doors import archive, links, words
from kfar.ground.errors import Refused
from kfar.rooms.customers import commands, erasure, queries

customer = typer.Typer(no_args_is_help=True, help="What customers ask for by letter.")
Email = Annotated[str, typer.Argument(help="An address the customer is known by.")]


@customer.callback()
def _group() -> None:
    """What customers ask for by letter."""


@customer.command()
def export(
    email: Email,
    file: Annotated[Path, typer.Argument(help="The zip to write.", dir_okay=False)],
) -> None:
    """Write all that is known of a customer to a zip, in their language."""
    person = queries.person(_known(email))
    if person is None:
        raise typer.Exit(1)
    commands.export(customer_id=person.id)
    with (
        translation.override(person.language),
        os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as open_file,
    ):
        archive.write(person.id, open_file)


@customer.command()
def erase(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
) -> None:
    """Erase a customer: all that is known of them, for good.

    `kfar work` does it, within minutes. Prints the address of the receipt, which names nobody.
    """
    customer_id = _known(email)
    if not yes:
        typer.confirm(f"Erase {email} and all that is known of them, for good?", abort=True)
    typer.echo(links.page("web:erased", erasure.ask(customer_id=customer_id, how=erasure.LETTER)))


def _known(email: str) -> UUID:
    found = queries.by_handle("email", email)
    if found is None:
        typer.echo(words.sentence(Refused("customers.unknown_address")), err=True)
        raise typer.Exit(1)
    return found
