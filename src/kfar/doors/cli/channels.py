"""Where customers talk: `kfar channel …`."""

from __future__ import annotations

import sys
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit
from uuid import uuid4

import typer
from django.conf import settings
from rich.console import Console
from rich.table import Table

from kfar.doors import reaching, words
from kfar.doors.channels import feeds, fetching, mastodon, polling
from kfar.ground.errors import Refused
from kfar.rooms.voice.channels import commands, queries, rules
from kfar.rooms.voice.channels.rules import Kind

channel = typer.Typer(no_args_is_help=True, help="Where customers talk beside pages and mail.")
out, err = Console(), Console(stderr=True)

Name = Annotated[str, typer.Argument(help="The channel's name, as listed.")]


@channel.callback()
def _group() -> None:
    """Where customers talk beside pages and mail."""


@channel.command()
def add(
    kind: Annotated[str, typer.Argument(help="hook, rss or mastodon.")],
    url: Annotated[str, typer.Argument(help="The feed, or the server of our account.")] = "",
    *,
    name: Annotated[str, typer.Option(help="In a-z, 0-9, -; a hook's is its source.")] = "",
    word: Annotated[
        list[str] | None, typer.Option(help="Of a feed, only what says this; several times.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag to follow; several times.")] = None,
    answers: Annotated[str, typer.Option(help="Where a hook is told our answers.")] = "",
) -> None:
    """Listen to a channel from now on: signed webhooks, a feed, an account at Mastodon.

    What is there already is not heard. For an account it asks for its access token.
    """
    if kind in (Kind.RSS, Kind.MASTODON) and not url:
        err.print(f"Say where: kfar channel add {kind} https://…", style="red", markup=False)
        raise typer.Exit(2)
    called = name or (urlsplit(url).hostname or "").removeprefix("www.").replace(".", "-")[:40]
    try:
        if kind == Kind.HOOK:
            _hook(called, answers)
        elif kind == Kind.RSS:
            _feed(called, url, word or [])
        elif kind == Kind.MASTODON:
            _mastodon(called, url, tag or [])
        else:
            commands.add(kind=kind, name=called)  # says what there is
    except Refused as refused:
        _refuse(refused)


@channel.command("list")
def list_() -> None:
    """List the channels, and how each does."""
    lines = queries.everyone()
    if not lines:
        typer.echo("No channel yet. `kfar channel add --help` says how to add one.")
        return
    table = Table("Name", "Kind", "Address", "Listens to", "Last heard", "How it does")
    for line in lines:
        about = [f"#{tag}" for tag in line.about.get("tags", ())] + list(
            line.about.get("words", ())
        )
        table.add_row(
            line.name,
            line.kind,
            line.url or (f"{settings.KFAR_URL}/hooks/{line.name}/" if line.kind == "hook" else ""),
            " ".join(about),
            f"{line.heard_at:%Y-%m-%d %H:%M}" if line.heard_at else "",
            fetching.how(line) or "well",
        )
    out.print(table)


@channel.command()
def remove(name: Name) -> None:
    """Listen to a channel no more; what was heard on it stays."""
    try:
        commands.remove(name=name)
    except Refused as refused:
        _refuse(refused)
    typer.echo(f"removed: {name}")


@channel.command()
def renew(name: Name) -> None:
    """Make a new secret for a hook and print it, this once; the one before is good for a day."""
    try:
        typer.echo(commands.renew(name=name))
    except Refused as refused:
        _refuse(refused)


@channel.command()
def ask(
    name: Name,
    text: Annotated[str, typer.Argument(help="The question.")],
    option: Annotated[list[str], typer.Option(help="What can be chosen; several times.")],
    hours: Annotated[int, typer.Option(help="For how long it is open.", min=1, max=720)] = 24,
) -> None:
    """Ask a poll at Mastodon, and print where it stands."""
    try:
        made, where = polling.ask(name=name, text=text, options=option, hours=hours, once=uuid4())
    except Refused as refused:
        _refuse(refused)
    typer.echo(f"{made} {where}")


@channel.command()
def votes(
    name: Name, poll: Annotated[str, typer.Argument(help="The poll, as `ask` printed it.")]
) -> None:
    """Print how a poll at Mastodon stands."""
    try:
        found = polling.server(polling.account(name)).poll(poll)
    except Refused as refused:
        _refuse(refused)
    for option, count in found:
        typer.echo(f"{count}\t{option}")


def _hook(name: str, answers: str) -> None:
    if answers:
        reaching.check(answers)
    commands.add(kind=Kind.HOOK, name=name, about={"answers": answers} if answers else {})
    typer.echo(commands.renew(name=name))
    err.print(f"Sent to {settings.KFAR_URL}/hooks/{name}/", markup=False, soft_wrap=True)


def _feed(name: str, url: str, word: list[str]) -> None:
    rules.check_name(name)
    found = feeds.ask(url, words=word)
    made = commands.add(kind=Kind.RSS, name=name, url=url, about={"words": word} if word else {})
    messages = found.messages if found else ()
    commands.know(channel_id=made, ids=[message.id for message in messages])
    title = found.title if found else ""
    typer.echo(f"{name}: {title} ({len(messages)} there already)")


def _mastodon(name: str, url: str, tag: list[str]) -> None:
    reaching.check(url)
    at = urlsplit(url)
    if at.scheme != "https" and not {at.hostname, at.netloc} & settings.KFAR_REACH:
        raise Refused("channels.not_secret")
    if sys.stdin.isatty():
        token = str(typer.prompt("Access token", hide_input=True, err=True)).strip()
    else:
        token = sys.stdin.readline().strip()
    server = mastodon.Server(url, token)
    account = server.account()
    tags = [one.removeprefix("#") for one in tag]
    state: dict[str, Any] = {"account": account, "mentions": server.latest()}
    state |= {f"#{one}": server.latest(one) for one in tags}
    commands.add(
        kind=Kind.MASTODON,
        name=name,
        url=url.rstrip("/"),
        about={"tags": tags},
        state=state,
        secret=token,
    )
    typer.echo(f"{name}: @{account['acct']}")


def _refuse(refused: Refused) -> NoReturn:
    err.print(words.sentence(refused), style="red", markup=False)
    raise typer.Exit(2)
