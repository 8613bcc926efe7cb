"""People who work here, as the operator sees them: `kfar employee …`."""

from __future__ import annotations

from typing import Annotated

import typer
from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth import get_user_model

from kfar.doors import links, words
from kfar.ground.errors import Refused
from kfar.rooms.village import commands as village

employee = typer.Typer(no_args_is_help=True, help="People who work here.")


@employee.callback()
def _group() -> None:
    """People who work here."""


@employee.command()
def add(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    name: Annotated[str, typer.Option(help="Their name, as colleagues know it.")],
    role: Annotated[str, typer.Option(help="What they do here: the code of a role.")],
) -> None:
    """Let somebody work here, and print the link where they choose their own password.

    The link works once, for three days; done again, this updates name and role and prints
    a new link. Nobody but the employee ever knows the password.
    """
    try:
        village.employ(email=email, name=name, role=role)
    except Refused as refused:
        typer.echo(words.sentence(refused), err=True)
        raise typer.Exit(1) from refused
    typer.echo(_password_link(email))


def _password_link(email: str) -> str:
    login = get_user_model().objects.get(email=email.strip().lower())
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(login)
    return links.page("account_reset_password_from_key", user_pk_to_url_str(login), key)
