"""What a remedy is, and who may give it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.rooms.village.rules import About

#: The act of giving one.
REMEDY = "service.remedy"
#: That of giving what is not in the company's money, in which limits are.
CURRENCY = "service.currency"
#: The longest words that go with a remedy, in characters.
MOST = 2_000


class Kind(StrEnum):
    """What may be given. An answer costs nothing and is words alone."""

    REFUND = "refund"
    REPLACEMENT = "replacement"
    VOUCHER = "voucher"
    ANSWER = "answer"


def check_remedy(kind: str, amount: Money, words: str) -> tuple[Kind, str]:
    """Return kind and words if the remedy is right in itself.

    Raises `Refused`: `service.unknown_remedy`, `service.amount_missing` (a remedy worth
    nothing is none), `service.answer_costs_nothing`, `service.words_missing` (an answer
    without words), `service.words_too_long`.
    """
    if kind not in list(Kind):
        raise Refused("service.unknown_remedy")
    words = words.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(words) > MOST:
        raise Refused("service.words_too_long", most=MOST, length=len(words))
    if kind == Kind.ANSWER:
        if amount.minor:
            raise Refused("service.answer_costs_nothing")
        if not words:
            raise Refused("service.words_missing")
    elif not amount.minor:
        raise Refused("service.amount_missing")
    return Kind(kind), words


def check_why(why: str) -> str:
    """Return a reason without space around it. Raises `Refused("service.words_too_long")`."""
    why = why.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(why) > MOST:
        raise Refused("service.words_too_long", most=MOST, length=len(why))
    return why


class Fault(StrEnum):
    """Whose fault it was, as who decides sees it."""

    OURS = "ours"
    PARTLY = "partly"
    NOBODYS = "nobodys"


#: How much of what lies beyond the floor may be decided, of 100.
FAULTS = {Fault.OURS: 100, Fault.PARTLY: 50, Fault.NOBODYS: 0}


def check_fault(fault: str) -> Fault:
    """Return it. Raises `Refused("service.unknown_fault")`."""
    if fault not in list(Fault):
        raise Refused("service.unknown_fault")
    return Fault(fault)


def within(limits: Mapping[str, int], kind: Kind, amount: Money) -> bool:
    """Return whether these limits (minor units per kind) cover the remedy; no limit covers none."""
    return kind in limits and amount.minor <= limits[kind]


def kept(about: About) -> dict[str, str]:
    """Return what a case is about as a row keeps it, the same for the same."""
    return {str(theme): str(about[theme]) for theme in sorted(about)}


def about(kept: Mapping[str, str]) -> dict[UUID, UUID]:
    """Return what a row keeps of what a case was about."""
    return {UUID(theme): UUID(root) for theme, root in kept.items()}
