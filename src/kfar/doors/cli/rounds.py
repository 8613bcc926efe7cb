"""A report as tables: who has how many votes, round by round, as many rounds as fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kfar.rooms.decisions.counting.report import Report, Round, Votes, exact
from kfar.rooms.decisions.counting.rules import BUDGETS
from kfar.rooms.decisions.elections.election import Election

#: The widest that a name may be beside its votes.
WIDEST = 32
#: Keeps the numbers behind a name of right-to-left script where they are.
LEFT_TO_RIGHT = "\u200e"
ELECTED, ELIMINATED = "✓", "✗"


def show(election: Election, report: Report, out: Console) -> None:
    """Print what came out: the rounds, ties that were broken, and the winners."""
    ballots = sum(election.ballots.values())
    counted = f"{ballots - report.blank:,} of {ballots:,} ballots say something that counts."
    _say(out, election.title)
    _say(out, counted)
    names = [_name(name) for name in election.options]
    tables = _chosen if report.rule.method in BUDGETS else _rounds
    for table in tables(names, report, out.width):
        out.print(table)
    for number, each in enumerate(report.rounds, 1):
        for tie in each.ties:
            tied = ", ".join(names[option] for option in tie.tied)
            ahead = ", ".join(names[option] for option in tie.ahead)
            _say(out, f"Round {number}: {tied} are equal; by {tie.by}, ahead: {ahead}.")
    if report.rule.method not in BUDGETS:
        winners = ", ".join(names[option] for option in report.winners) or "nobody"
        _say(out, f"Elected: {winners}")


def _say(out: Console, text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _name(name: str) -> str:
    """Return a name that keeps its place on a line, whatever it is written in."""
    plain = "".join(sign if sign.isprintable() else " " for sign in name)
    rtl = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in plain)
    return plain + LEFT_TO_RIGHT if rtl else plain


def _order(report: Report) -> list[int]:
    """Return the options as they fared: winners, then who stayed longest with most votes."""

    def fared(option: int) -> tuple[int, int, float]:
        stayed = [n for n, each in enumerate(report.rounds) if each.tally[option] is not None]
        votes = report.rounds[stayed[-1]].tally[option] if stayed else 0
        place = report.winners.index(option) if option in report.winners else len(report.winners)
        return place, -(stayed[-1] if stayed else -1), -float(votes or 0)

    return sorted(range(report.options), key=fared)


def _cell(each: Round, option: int) -> str:
    votes = each.tally[option]
    mark = ELECTED if option in each.elected else ELIMINATED if option in each.eliminated else " "
    return "" if votes is None else f"{_roughly(votes)} {mark}"


def _rounds(names: list[str], report: Report, width: int) -> Iterator[Table]:
    """Yield tables of as many rounds as fit."""
    rows = [(names[n], [_cell(each, n) for each in report.rounds]) for n in _order(report)]
    lasting = [("exhausted", [f"{exact(each.exhausted)}  " for each in report.rounds])]
    lasting.append(("lost to rounding", [f"{exact(each.rounding)}  " for each in report.rounds]))
    lasting.append(("threshold", [_threshold(each) for each in report.rounds]))
    rows += [(name, cells) for name, cells in lasting if any(c.strip(" 0") for c in cells)]
    widths = [max(cell_len(cells[n]) for _, cells in rows) + 3 for n in range(len(report.rounds))]
    room = width - min(WIDEST, max(cell_len(name) for name, _ in rows)) - 5
    start = 0
    while start < len(report.rounds):
        end = start + 1
        while end < len(widths) and sum(widths[start : end + 1]) <= room:
            end += 1
        table = Table("Round")
        table.columns[0].max_width, table.columns[0].overflow = WIDEST, "ellipsis"
        for number in range(start, end):
            table.add_column(str(number + 1), justify="right", no_wrap=True)
        for name, cells in rows:
            if any(cells[start:end]):
                table.add_row(Text(name, overflow="ellipsis", no_wrap=True), *cells[start:end])
        yield table
        start = end


def _threshold(each: Round) -> str:
    return "" if each.threshold is None else f"{exact(each.threshold)}  "


def _chosen(names: list[str], report: Report, width: int) -> Iterator[Table]:
    """Yield one table of what a budget pays for, in the order in which it was chosen."""
    table = Table("Chosen", "Costs", "By")
    table.columns[0].max_width = max(WIDEST, width - 40)
    table.columns[1].justify = table.columns[2].justify = "right"
    for each in report.rounds:
        for option in each.elected:
            by = _roughly(each.tally[option])
            table.add_row(Text(names[option]), f"{report.rule.costs[option]:,}", by)
    spent = sum(report.rule.costs[option] for option in report.winners)
    table.add_row("spent", f"{spent:,}", "", style="bold")
    yield table


def _roughly(votes: Votes | None) -> str:
    """Return votes to two places where they are no decimals; the JSON has them exactly."""
    if votes is None or len(told := exact(votes)) <= 12:
        return "" if votes is None else told
    return f"≈ {float(votes):.2f}"
