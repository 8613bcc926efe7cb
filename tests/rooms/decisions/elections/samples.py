"""Reading and counting the real elections among the samples, as tests need it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kfar.ground.ballots import Form
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.report import Report, exact
from kfar.rooms.decisions.counting.rules import FORMS, Method, Rule
from kfar.rooms.decisions.elections import files
from kfar.rooms.decisions.elections.election import Election, Reading

SAMPLES = Path(__file__).parents[3] / "samples" / "elections"


def read(path: Path, *forms: Form, format: str | None = None, **reading: Any) -> Election:  # noqa: A002
    return files.read(path, Reading(forms=forms or (Form.RANKING,), **reading), format=format)


def counted(name: str, method: Method, **rule: Any) -> tuple[Election, Report]:
    """Return the sample and its report, counted as `kfar count` would."""
    election = read(SAMPLES / name, *FORMS[method])
    if method in {Method.IRV, Method.STV}:
        rule.setdefault("first_out", election.write_ins)
    whole = Rule(method, form=election.form, budget=election.budget, costs=election.costs, **rule)
    return election, count(whole, election.ballots, len(election.options))


def votes(election: Election, report: Report, option: str) -> list[str]:
    """Return the votes of an option round by round, for as long as it has any."""
    number = election.options.index(option)
    tallies = (each.tally[number] for each in report.rounds)
    return [exact(found) for found in tallies if found is not None]


def first(election: Election, report: Report, which: int = 0) -> dict[str, str]:
    """Return the tally of a round by name."""
    tally = zip(election.options, report.rounds[which].tally, strict=True)
    return {name: exact(found) for name, found in tally if found is not None}


def named(election: Election, options: tuple[int, ...]) -> list[str]:
    return [election.options[option] for option in options]
