"""Files with columns of their own: what Kfar makes of them, shown, agreed to and remembered."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.prompt import Confirm
from rich.table import Table
from rich.text import Text

from kfar.ground.errors import Refused
from kfar.ground.text import one_line
from kfar.rooms.touchpoints.imports import Look, look, remembered
from kfar.rooms.touchpoints.imports.mapping import Mapping, to_toml
from kfar.rooms.touchpoints.imports.proposals import Proposal, propose

PAID = {
    "line": "for the whole line",
    "each": "for one unit, so times units",
    "line - discount": "for the whole line, before discount",
    "each - discount": "for one unit, so times units; less discount",
}


def agreed(
    file: Path, source: str, *, given: Path | None, yes: bool, out: Console, err: Console
) -> Mapping | None:
    """Return what the columns of a file say: as given, as remembered, or as somebody agrees now.

    None is for a file in Kfar's own columns. What is agreed to is remembered. Raises `Refused`
    where it stays open; then a proposal stands beside the file.
    """
    seen = look(file)
    if given is not None:
        mapping = remembered.read(given)
        mapping.check(seen.names)
        remembered.remember(source, seen.names, mapping)
        return mapping
    if seen.own:
        return None
    known = remembered.recall(source, seen.names)
    if known is not None:
        where = remembered.place(source, seen.names)
        err.print(f"Columns as agreed before: {where}", markup=False, soft_wrap=True)
        return known
    proposal = propose(seen.names, seen.rows)
    _show(file, proposal, seen, out)
    lacking = proposal.mapping.lacking()
    if not lacking and (yes or (_asked(out) and Confirm.ask("Take it so?", console=out))):
        remembered.remember(source, seen.names, proposal.mapping)
        return proposal.mapping
    written = file.with_name(file.name + ".mapping.toml")
    if not written.exists():  # or else somebody is at work on it
        written.write_text(to_toml(proposal.mapping), encoding="utf-8")
    if lacking:
        raise Refused("touchpoints.mapping_lacks", columns=", ".join(lacking), file=str(written))
    raise Refused("touchpoints.mapping_open", file=str(written))


def _asked(out: Console) -> bool:
    return sys.stdin.isatty() and out.is_terminal


def _show(file: Path, proposal: Proposal, seen: Look, out: Console) -> None:
    """Print a proposal; values of the file in a terminal only, for they are people's data."""
    mapping = proposal.mapping
    table = Table("Kfar's column", "is the file's", title=Text(f"{file.name}: {_title(proposal)}"))
    if out.is_terminal:
        table.add_column("for example")
    for target, name in mapping.columns.items():
        table.add_row(target, Text(name), *([_example(seen, name)] if out.is_terminal else []))
    for target, text in mapping.constants.items():
        table.add_row(target, Text(f"always “{text}”"))
    for target in mapping.lacking():
        table.add_row(target, Text("?", style="red"))
    out.print(table)
    said = [
        ("Times", mapping.times or "ISO, like 2026-05-31T14:30"),
        ("Amounts", f"“{mapping.amounts}” before cents; paid is {PAID[mapping.paid]}"),
        ("One order", mapping.order and f"the rows of the same {mapping.order}"),
        ("One row", ", ".join(mapping.row) if mapping.row else ""),
        ("Left out", ", ".join(mapping.left_out)),
    ]
    for title, text in said:
        if text:
            out.print(f"{title}: {text}", markup=False, highlight=False)
    if proposal.either_way:
        out.print("Days and months could be either way round: look twice.", style="yellow")


def _title(proposal: Proposal) -> str:
    return proposal.title or "columns Kfar does not know"


def _example(seen: Look, name: str) -> Text:
    place = seen.names.index(name)
    value = next((row[place] for row in seen.rows if row[place].strip()), "")
    return Text("".join(sign if sign.isprintable() else " " for sign in one_line(value, 40)))
