"""People, those who work here and what they may decide: `kfar people`, `employee`, `role`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated
from uuid import UUID

import typer
from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth import get_user_model
from rich.console import Console
from rich.table import Table

from kfar.doors import links, words
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.ground.text import in_language
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.match import LIKELY
from kfar.rooms.service.rules import Kind
from kfar.rooms.village import commands as village
from kfar.rooms.village import queries
from kfar.rooms.village.queries import Part
from kfar.rooms.village.rules import SHARES, Authority, one_with
from kfar.rooms.voice.understanding import queries as themes

people = typer.Typer(no_args_is_help=True, help="Who is one person.")
employee = typer.Typer(no_args_is_help=True, help="People who work here.")
role = typer.Typer(no_args_is_help=True, help="What each role may do, and decide alone.")
#: The remedies that cost something.
COSTLY = [kind for kind in Kind if kind is not Kind.ANSWER]


@people.callback()
def _people() -> None:
    """Who is one person."""


@people.command("match")
def match(
    likely: Annotated[
        float, typer.Option(min=0.5, max=0.999999, help="From which probability on.")
    ] = LIKELY,
) -> None:
    """Compare all people and propose who may be one person; joins nobody.

    Who may decide finds the proposals on the page "One person?".
    """
    try:
        found = customers.match(likely=likely)
    except Refused as refused:
        typer.echo(words.sentence(refused), err=True)
        raise typer.Exit(1) from refused
    typer.echo(f"{found} new to decide")


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


@employee.command()
def leave(email: Annotated[str, typer.Argument(help="The address they sign in with.")]) -> None:
    """Let somebody work here no more: signed out everywhere, and a customer from then on.

    What they decided and promised stays under their name.
    """
    try:
        village.part(email=email)
    except Refused as refused:
        typer.echo(words.sentence(refused), err=True)
        raise typer.Exit(1) from refused


@role.callback()
def _roles() -> None:
    """What each role may do, and decide alone."""


@role.command("list")
def list_() -> None:
    """Show every role, the most it may decide alone, per remedy, and what it may do."""
    table = Table("Role", "", *COSTLY, "May", show_edge=False)
    roles = queries.roles()
    own = [one.theme for found in roles for kind in found.own.values() for one in kind]
    names = themes.called(own)
    for found in roles:
        amounts = (_limits(found, kind, names) for kind in COSTLY)
        may = "\n".join(found.acts)
        table.add_row(found.code, in_language(found.name, "en"), *amounts, may)
    Console().print(table)


@role.command()
def change(
    code: Annotated[str, typer.Argument(help="The code of a role.")],
    may: Annotated[
        list[str] | None, typer.Option("--may", help="What it may do from now on.")
    ] = None,
    may_not: Annotated[list[str] | None, typer.Option("--not", help="What it may no more.")] = None,
) -> None:
    """Let a role do something, or no more, from now on; print what it may do then."""
    try:
        village.change_role(code=code, may=may or [], may_not=may_not or [])
    except Refused as refused:
        typer.echo(words.sentence(refused), err=True)
        raise typer.Exit(1) from refused
    [found] = [role for role in queries.roles() if role.code == code]
    typer.echo("\n".join(found.acts))


@role.command()
def limit(
    code: Annotated[str, typer.Argument(help="The code of a role.")],
    remedy: Annotated[Kind, typer.Argument(help="What the customer gets.")],
    amount: Annotated[
        str, typer.Argument(help="The most for everybody, in the company's currency: 30, 5.99.")
    ],
    *,
    most: Annotated[
        str | None, typer.Option("--up-to", help="The most for a customer who is worth more.")
    ] = None,
    share: Annotated[
        float, typer.Option(min=0, max=100, help="How much of what they are worth, in percent.")
    ] = 0,
    about: Annotated[
        str | None, typer.Option(help="Only where it is about the theme that is called so.")
    ] = None,
) -> None:
    """Set how much a role may decide alone, from now on, for one remedy.

    `kfar role limit service refund 20 --up-to 100 --share 2` is 20 for everybody, 2 % of what
    a customer will likely spend where that is more, and never more than 100.
    """
    try:
        theme = _theme(about, [one.id for one in themes.named() if one.own]) if about else None
        floor, cap = (
            Money.parse(said, settings.KFAR_CURRENCY).minor for said in (amount, most or amount)
        )
        part = round(share * SHARES / 100)
        village.set_limit(
            role=code,
            remedy=remedy,
            limit=Authority(floor, cap, part),
            theme=theme,
            also=one_with(theme, themes.roots()),
        )
    except Refused as refused:
        typer.echo(words.sentence(refused), err=True)
        raise typer.Exit(1) from refused


@role.command()
def general(
    code: Annotated[str, typer.Argument(help="The code of a role.")],
    remedy: Annotated[Kind, typer.Argument(help="What the customer gets.")],
    about: Annotated[str, typer.Option(help="The theme that has a limit of its own.")],
) -> None:
    """Let a role's limit for one remedy hold for a theme, too, that had one of its own."""
    try:
        own = [one.theme for part in queries.roles() for one in part.own.get(remedy, ())]
        village.unset_limit(role=code, remedy=remedy, theme=_theme(about, own))
    except Refused as refused:
        typer.echo(words.sentence(refused), err=True)
        raise typer.Exit(1) from refused


def _theme(said: str, among: Collection[UUID]) -> UUID:
    """Return the one of these themes that is called so, or has that id."""
    names = dict.fromkeys(among, "") | themes.called(among)
    found = [one for one, name in names.items() if said.strip() in {name, str(one)}]
    if len(found) != 1:
        raise Refused("themes.not_found")
    return found[0]


def _limits(role: Part, remedy: str, names: Mapping[UUID, str]) -> str:
    """Say them all: "$20.00", and below it "late: $5.00"."""
    own = (
        f"{names.get(o.theme, o.theme)}: {_authority(o.limit)}" for o in role.own.get(remedy, ())
    )
    return "\n".join((_authority(role.authority.get(remedy)), *own))


def _authority(held: Authority | None) -> str:
    """Say it: "$20.00", or with more "$20.00 to $100.00, 2%"."""
    if held is None:
        return "–"
    floor, cap = (words.money(Money(n, settings.KFAR_CURRENCY)) for n in (held.floor, held.cap))
    return floor if floor == cap else f"{floor} to {cap}, {words.share(held.share / SHARES, 2)}"


def _password_link(email: str) -> str:
    login = get_user_model().objects.get(email=email.strip().lower())
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(login)
    return links.page("account_reset_password_from_key", user_pk_to_url_str(login), key)
