"""How much an employee may decide alone for a customer, before they speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

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
from kfar.rooms.village.rules import NOTHING, About

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

    `grows`: it differs by the fault, because more is said than the same for everybody. `own` are
    the themes of the case whose own limits hold here.
    """

    reach: Sequence[Reach]
    above: Sequence[tuple[Staff, Money]]
    grows: bool
    own: frozenset[UUID] = frozenset()


def authority(
    staff: Staff,
    kinds: Sequence[tuple[Kind, Label]],
    worth: int | None,
    before: Before,
    about: About = NOTHING,
) -> Authority:
    """Return it for a customer worth so much, in minor units; None: not known; and `about` that.

    It is for one case: what stands of what was given in it `before`, by role and kind, is gone.
    """

    def limit(one: Staff, kind: Kind, fault: Fault) -> int:
        share = FAULTS[fault]
        return cases.alone(one, before, worth=worth, fault=share, about=about).get(kind, 0)

    reach = []
    for fault, label in FAULT.items():
        limits = [
            (named, _money(limit(staff, kind, fault)))
            for kind, named in kinds
            if kind != Kind.ANSWER
        ]
        reach.append(Reach(fault, label, limits))
    most = max((limit.minor for _, limit in reach[0].limits), default=0)
    above = [
        (person, _money(may))
        for person in village.who_may(REMEDY, Kind.REFUND, most + 1, worth=worth, about=about)
        if (may := max(limit(person, kind, Fault.OURS) for kind, _ in kinds)) > most
    ]
    own = (staff.held(kind, about, worth=worth).theme for kind, _ in kinds)
    grows = len({tuple(one.limits) for one in reach}) > 1
    return Authority(reach, above, grows, frozenset(filter(None, own)))


def _money(minor: int) -> Money:
    return Money(minor, settings.KFAR_CURRENCY)
