"""How much an employee may decide alone for a customer, before they speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kfar.ground.money import Money
from kfar.rooms.service import queries as cases
from kfar.rooms.service.commands import REMEDY
from kfar.rooms.service.queries import Before
from kfar.rooms.service.rules import FAULTS, Fault, Kind
from kfar.rooms.village import queries as village
from kfar.rooms.village.queries import Staff

Label = str | Promise

FAULT: dict[Fault, Label] = {
    Fault.OURS: _("Ours"),
    Fault.PARTLY: _("Partly ours"),
    Fault.NOBODYS: _("Not ours"),
}


@dataclass(frozen=True)
class Reach:
    """Whose fault it was, and the most for each kind then."""

    fault: Fault
    label: Label
    limits: Sequence[tuple[Label, Money]]


@dataclass(frozen=True)
class Authority:
    """What somebody may decide alone by whose fault it was; whom to ask, and how far they may go.

    `grows`: it differs by the fault, because more is said than the same for everybody.
    """

    reach: Sequence[Reach]
    above: Sequence[tuple[Staff, Money]]
    grows: bool


def authority(
    staff: Staff,
    kinds: Sequence[tuple[Kind, Label]],
    worth: int | None,
    before: Before,
) -> Authority:
    """Return it for a customer worth so much, in minor units; None: not known.

    It is for one case: what stands of what was given in it `before`, by role and kind, is gone.
    """
    reach = []
    for fault, label in FAULT.items():
        limits = [
            (named, _money(_limit(staff, kind, worth, fault, before)))
            for kind, named in kinds
            if kind != Kind.ANSWER
        ]
        reach.append(Reach(fault, label, limits))
    most = max((limit.minor for _, limit in reach[0].limits), default=0)
    above = [
        (person, _money(may))
        for person in village.who_may(REMEDY, Kind.REFUND, most + 1, worth=worth)
        if (may := max(_limit(person, kind, worth, Fault.OURS, before) for kind, _ in kinds)) > most
    ]
    return Authority(reach, above, grows=len({tuple(one.limits) for one in reach}) > 1)


def _limit(staff: Staff, kind: Kind, worth: int | None, fault: Fault, before: Before) -> int:
    return cases.alone(staff, before, worth=worth, fault=FAULTS[fault]).get(kind, 0)


def _money(minor: int) -> Money:
    return Money(minor, settings.KFAR_CURRENCY)
