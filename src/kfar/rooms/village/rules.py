"""What a role may allow, and how much it may decide alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias
from uuid import UUID

#: Every act that somebody has to be allowed, `room.act`, as commands ask for it.
ACTS = (
    *("customers.erase", "customers.join", "customers.merge"),
    *("decisions.ask", "decisions.change", "decisions.screen"),
    *("insight.lead", "insight.rank", "insight.read"),
    *("promises.plan", "promises.promise", "promises.public", "promises.tell"),
    *("service.currency", "service.limits"),
    *("service.remedy", "service.return", "service.saved"),
    "touchpoints.read",
    *("village.lead", "village.note", "village.plan"),
    *("voice.alarm", "voice.answer", "voice.close", "voice.read", "voice.survey"),
)

#: What there is to see of a customer, and the acts that show it. Demographics have no act of
#: their own: they stand beside the rest where the department sees them.
PARTS: dict[str, tuple[str, ...]] = {
    "journey": ("touchpoints.read",),
    "profile": ("insight.read",),
    "voices": ("voice.read",),
    "cases": ("service.remedy",),
    "promises": ("promises.promise",),
    "demographics": (),
}

#: The longest words, in characters: of a note, where and why of a meeting, its minutes.
LONGEST_NOTE, LONGEST_PLACE, LONGEST_WHY, LONGEST_SAID = 5_000, 200, 500, 5_000

#: A share is so many of ten thousand, a fault so many of a hundred: limits are exact.
SHARES, FAULTS = 10_000, 100


@dataclass(frozen=True)
class Authority:
    """How much may be decided alone for one remedy, in minor units of the company's money.

    `floor` is for every customer alike. Beyond it stands `share` (of 10,000) of what the customer
    is worth, times how much it was our fault, up to `cap`. Known in the trade is 1 %: a chain of
    hotels where everybody may spend 2,000 dollars on a guest who is worth about 200,000.
    """

    floor: int
    cap: int
    share: int = 0

    @classmethod
    def fixed(cls, limit: int) -> Authority:
        """Return one that is the same whatever a customer is worth."""
        return cls(limit, limit)

    def limit(self, worth: int | None = None, fault: int = FAULTS) -> int:
        """Return the most for a customer worth so much (None: not known), and our fault of 100."""
        part = max(worth or 0, 0) * self.share * fault // (SHARES * FAULTS)
        return max(self.floor, min(part, self.cap))


#: What a case is about: its themes, each with the one it is held for one with, itself if none.
About: TypeAlias = Mapping[UUID, UUID]
#: About no theme that is known.
NOTHING: About = MappingProxyType({})


@dataclass(frozen=True)
class Own:
    """A limit for what is about one theme, and about those that were one with it when it was set.

    What becomes one with it later (`also` does not name it) is decided by the narrower of both.
    """

    theme: UUID
    limit: Authority
    also: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Held:
    """The most somebody may decide, and the theme whose own limit that is; None: the general."""

    most: int
    theme: UUID | None = None


def held(
    general: Authority,
    own: Iterable[Own],
    about: About,
    *,
    worth: int | None = None,
    fault: int = FAULTS,
) -> Held:
    """Return which limit holds for a case: the narrowest of the own ones of what it is about.

    A theme that is held for one with another has the narrower of both, of which each is its own or
    else the general one: putting themes together widens no limit.
    """
    limits = {one.theme: one for one in own}

    def of(one: Own | None) -> Held:
        limit, theme = (one.limit, one.theme) if one else (general, None)
        return Held(limit.limit(worth, fault), theme)

    found = []
    for theme, root in about.items():
        above = limits.get(root)
        mine = limits.get(theme) or (above if above and theme in above.also else None)
        if mine or above:
            found += [of(mine), of(above)]
    return min(found or [of(None)], key=lambda one: (one.most, str(one.theme or "")))


def one_with(theme: UUID | None, roots: About) -> list[UUID]:
    """Return the other themes that are held for one with it."""
    return [own for own, root in roots.items() if theme and root == theme and own != theme]


def seen(departments: Iterable[Collection[str] | None]) -> frozenset[str]:
    """Return the parts of a customer that somebody in these departments sees.

    All, where they are in none or one of them says nothing of it: then roles alone decide.
    """
    said = list(departments)
    if not said or any(parts is None for parts in said):
        return frozenset(PARTS)
    return frozenset(part for parts in said for part in parts or () if part in PARTS)


def within(acts: Iterable[str], parts: Collection[str]) -> frozenset[str]:
    """Return those of a role's acts that show nothing but these parts."""
    hidden = {act for part, shown in PARTS.items() if part not in parts for act in shown}
    return frozenset(acts) - hidden
