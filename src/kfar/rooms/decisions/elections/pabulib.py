"""Pabulib's .pb: participatory budgets, in three sections, META, PROJECTS and VOTES.

See https://pabulib.org/format and Faliszewski and others, "Participatory Budgeting: Data, Tools,
and Analysis", IJCAI 2023.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from kfar.ground.ballots import Ballot, Form
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable

FORMS = {
    "approval": Form.CHOICES,
    "choose-1": Form.CHOICES,
    "ordinal": Form.RANKING,
    "scoring": Form.SCORES,
    "cumulative": Form.POINTS,
}
SECTIONS = ("META", "PROJECTS", "VOTES")
Row = tuple[int, dict[str, str]]


def read(lines: Iterator[tuple[int, str]], reading: Reading) -> Election:
    """Read a participatory budget.

    Amounts with decimals are told in the smallest unit that makes all of them whole, and a note
    says so.
    """
    rows = _sections(lines)
    meta = {row.get("key", "").strip(): row.get("value", "").strip() for _, row in rows["META"]}
    kind = meta.get("vote_type", "approval")
    if kind not in FORMS:
        raise Unreadable(f"votes of the type “{kind}” are none of {', '.join(FORMS)}")
    form = reading.choose(FORMS[kind])
    number: dict[str, int] = {}
    if not meta.get("budget"):
        raise Unreadable("META says no budget")
    names, amounts = [], [_amount(meta["budget"], None)]
    for line, row in rows["PROJECTS"]:
        project = row.get("project_id", "").strip()
        if not project or project in number:
            raise Unreadable(f"the project “{project}” has no id of its own", line)
        number[project] = len(number)
        names.append(row.get("name", "").strip() or project)
        amounts.append(_amount(row.get("cost", ""), line))
    scale = max(amount.denominator for amount in amounts)
    scale = next(s for s in (1, 10, 100, scale) if all((a * s).denominator == 1 for a in amounts))
    notes = (f"Amounts are in units of 1/{scale}.",) if scale > 1 else ()
    ballots: Counter[Ballot] = Counter()
    for line, row in rows["VOTES"]:
        ballots[_ballot(form, row, number, line)] += 1
    return Election(
        meta.get("description", ""),
        _distinct(names, list(number)),
        form,
        ballots,
        budget=int(amounts[0] * scale),
        costs=tuple(int(amount * scale) for amount in amounts[1:]),
        notes=notes,
    )


def _sections(lines: Iterator[tuple[int, str]]) -> dict[str, list[Row]]:
    """Return the rows of each section by its head, with their lines."""
    found: dict[str, list[Row]] = {}
    rows: list[Row] = []
    head: list[str] = []
    at = 0

    def texts() -> Iterator[str]:
        nonlocal at
        for number, line in lines:
            at = number
            yield line + "\n"

    for cells in csv.reader(texts(), delimiter=";"):
        if not any(cell.strip() for cell in cells):
            continue
        first = cells[0].strip()
        if first.upper() in SECTIONS and not any(cell.strip() for cell in cells[1:]):
            rows, head = found.setdefault(first.upper(), []), []
        elif not head:
            head = [cell.strip().lower() for cell in cells]
        else:
            rows.append((at, dict(zip(head, cells, strict=False))))
    for section in SECTIONS:
        if section not in found:
            raise Unreadable(f"the section {section} is missing")
    return found


def _amount(text: str, line: int | None) -> Fraction:
    try:
        amount = Fraction(text.strip().replace(",", "."))
    except (ValueError, ZeroDivisionError):
        raise Unreadable(f"“{text}” is no amount of money", line) from None
    if amount <= 0:
        raise Unreadable(f"“{text}”: what is decided about costs something", line)
    return amount


def _ballot(form: Form, row: dict[str, str], number: dict[str, int], line: int) -> Ballot:
    named = [part.strip() for part in row.get("vote", "").split(",") if part.strip()]
    unknown = [project for project in named if project not in number]
    if unknown:
        raise Unreadable(f"there is no project “{unknown[0]}”", line)
    options = [number[project] for project in named]
    if len(set(options)) < len(options):
        raise Unreadable("a vote names the same project twice", line)
    if form is Form.CHOICES:
        return tuple(sorted(options))
    if form is Form.RANKING:
        return tuple((option,) for option in options)
    points = [
        part.strip().removesuffix(".0") for part in row.get("points", "").split(",") if part.strip()
    ]
    if len(points) != len(options) or not all(part.isdigit() for part in points):
        raise Unreadable("a vote has one whole number of points for each project", line)
    return tuple(sorted(zip(options, map(int, points), strict=True)))


def _distinct(names: list[str], ids: list[str]) -> tuple[str, ...]:
    """Return the names, those that stand twice with their ids."""
    often = Counter(names)
    return tuple(
        name if often[name] == 1 else f"{name} ({project})"
        for name, project in zip(names, ids, strict=True)
    )
