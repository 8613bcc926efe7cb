"""Who sees what of a customer and what for, and who has looked: as the customer reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from kfar.doors.labels import SEEN
from kfar.doors.words import text_in
from kfar.ground.text import Texts
from kfar.lake.audit import Line
from kfar.rooms.village import queries as village
from kfar.rooms.village.departments import queries as departments


@dataclass(frozen=True)
class Sight:
    """A department, and what it sees with what for; None: what its people's roles let them."""

    name: Texts
    parts: list[tuple[str, Texts]] | None


def who_sees() -> list[Sight]:
    """Return what each department sees of customers."""
    return [
        Sight(
            one.name,
            None
            if one.sees is None
            else [(str(SEEN[part]), why) for part, why in one.sees.items()],
        )
        for one in departments.departments()
    ]


def who_looked(lines: Sequence[Line]) -> list[tuple[Line, list[str]]]:
    """Return lines of the audit with who that was: departments, or nobody but the customer.

    The name where the company says so (`KFAR_NAME_EMPLOYEES`), or who is in no department.
    """
    who = [line.employee_id for line in lines if line.employee_id]
    names = village.names(who)
    of = departments.of_people() if who and not settings.KFAR_NAME_EMPLOYEES else {}
    called = {one.code: text_in(one.name) for one in departments.departments()} if of else {}

    def said(line: Line) -> list[str]:
        if line.employee_id is None:
            return []
        codes = of.get(line.employee_id, ())
        name = names.get(line.employee_id, "")
        return [called[code] for code in codes if code in called] or [name]

    return [(line, [one for one in said(line) if one]) for line in lines]
