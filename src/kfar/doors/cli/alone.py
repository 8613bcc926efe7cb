"""The commands that need no Kfar set up: they start without Django."""

from __future__ import annotations

import typer

from kfar.doors.cli import count, verify, witness

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (count.count, verify.verify, witness.witness):
    app.command()(command)
