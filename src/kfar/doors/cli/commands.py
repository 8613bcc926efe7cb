"""The commands, one function each."""

from __future__ import annotations

import typer

from kfar.doors.cli import people

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(people.employee, name="employee")
