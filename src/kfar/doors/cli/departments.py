"""Departments, and tables of them and of people: `kfar department …`, `kfar employee import`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from kfar.doors import words
from kfar.doors.cli.people import employee
from kfar.ground.errors import Refused
from kfar.ground.text import LANGUAGES, in_language
from kfar.rooms.village.departments import commands, queries, rules
from kfar.rooms.village.departments.commands import Taken
from kfar.rooms.village.departments.rules import Wrong

department = typer.Typer(no_args_is_help=True, help="Departments, and what each sees.")
out, err = Console(), Console(stderr=True)

Code = Annotated[str, typer.Argument(help="Its code, in a-z, 0-9, -: social, product …")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
T = TypeVar("T")


@department.callback()
def _group() -> None:
    """Departments, and what each sees."""


@department.command("list")
def list_() -> None:
    """Show every department: its people, and what it sees of a customer and what for."""
    table = Table("Department", "", "In", "People", "Sees", show_edge=False)
    for one in queries.departments():
        sees = "what roles allow"
        if one.sees is not None:
            told = (f"{part}: {in_language(why, 'en')}" for part, why in one.sees.items())
            sees = "\n".join(told) or "nothing"
        people = "\n".join(member.name for member in one.people)
        table.add_row(one.code, in_language(one.name, "en"), one.parent or "", people, sees)
    out.print(table)


@department.command("set")
def set_(
    code: Code,
    name: Annotated[list[str], typer.Option(help="What it is called: en=Social, he=…, pl=….")],
    parent: Annotated[str | None, typer.Option(help="The department it stands in.")] = None,
) -> None:
    """Make a department, or change what it is called and where it stands."""
    try:
        commands.set_department(code=code, name=_by_language(name), parent=parent)
    except Refused as refused:
        _refuse(refused)


@department.command()
def drop(code: Code) -> None:
    """Take a department away that nobody is in."""
    try:
        commands.drop(code=code)
    except Refused as refused:
        _refuse(refused)


@department.command()
def join(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    codes: Annotated[list[str] | None, typer.Argument(help="All their departments.")] = None,
) -> None:
    """Let somebody who works here be in these departments, and in no others."""
    try:
        commands.belong(email=email, departments=codes or [])
    except Refused as refused:
        _refuse(refused)


@department.command()
def sees(
    code: Code,
    part: Annotated[
        list[str] | None,
        typer.Argument(help="What, and what for: journey=To answer without asking twice."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="What its people's roles allow.")] = False,
    language: Annotated[str, typer.Option(help="The language of the purposes: en, he, pl.")] = "en",
) -> None:
    """Say what a department sees of a customer, and what for; customers can read it.

    Parts are journey, profile, voices, cases, promises and demographics; what is not named is
    not seen. A purpose in another language stands beside those that are there.
    """
    said = dict(_pair(one) for one in part or [])
    before = next((one.sees for one in queries.departments() if one.code == code), None) or {}
    purposes = {what: {**before.get(what, {}), language: why} for what, why in said.items()}
    try:
        commands.show(code=code, sees=None if all_ else purposes)
    except Refused as refused:
        _refuse(refused)


@department.command("import")
def import_(file: File, dry: Dry = False) -> None:
    """Take departments from a CSV file: code, en, he, pl, parent. All lines, or none.

    Done again, nothing changes. What is not in the file stays.
    """
    _take(file, rules.read_departments, lambda rows: commands.take_departments(rows=rows, dry=dry))


@employee.command("import")
def import_people(file: File, dry: Dry = False) -> None:
    """Take people who work here from a CSV file: email, name, role, departments.

    Departments are codes with ";" between. All lines are taken, or none; done again, nothing
    changes. Who is not in the file stays; `kfar employee leave` lets somebody go. For the link
    where each chooses a password: `kfar employee add`.
    """
    _take(file, rules.read_people, lambda lines: commands.take_people(lines=lines, dry=dry))


def _take(
    file: Path,
    read: Callable[[str], tuple[list[T], list[Wrong]]],
    take: Callable[[Sequence[T]], Taken],
) -> None:
    try:
        text = file.read_text("utf-8-sig") if file.stat().st_size <= 4 * rules.LARGEST else None
        if text is None:
            raise Refused("village.table_too_large", most=rules.MOST)
        rows, wrong = read(text)
        done = take(rows) if not wrong else Taken(wrong=tuple(wrong))
    except UnicodeDecodeError:
        _refuse(Refused("village.bad_table", line=1))
    except Refused as refused:
        _refuse(refused)
    for slip in done.wrong:
        said = f"line {slip.line}: {words.sentence(slip.why)}"
        err.print(said, style="red", markup=False, soft_wrap=True)
    if done.wrong:
        err.print("Nothing was taken.")
        raise typer.Exit(2)
    typer.echo(f"new: {done.new}, changed: {done.changed}, as before: {done.same}")


def _by_language(said: Sequence[str]) -> dict[str, str]:
    found = dict(_pair(one) for one in said)
    if unknown := sorted(set(found) - set(LANGUAGES)):
        _refuse(Refused("customers.unknown_language", language=unknown[0]))
    return found


def _pair(said: str) -> tuple[str, str]:
    name, between, value = said.partition("=")
    if not between:
        raise typer.BadParameter(f"{said}: write NAME=WORDS")
    return name.strip(), value.strip()


def _refuse(refused: Refused) -> NoReturn:
    err.print(words.sentence(refused), style="red", markup=False)
    raise typer.Exit(2)
