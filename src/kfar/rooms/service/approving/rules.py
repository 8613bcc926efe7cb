"""How a question to an approver ends, and which were alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from enum import StrEnum
from typing import TypeVar

Id = TypeVar("Id", bound=Hashable)

#: Amounts within this factor of each other are alike.
ALIKE = 2


class Outcome(StrEnum):
    """How it ended: by a word, by its clock, or because the case was decided otherwise."""

    YES = "yes"
    NO = "no"
    PASSED = "passed"
    VOID = "void"


def alike(minor: int) -> tuple[int, int]:
    """Return from which amount to which another is like this one."""
    return -(-minor // ALIKE), minor * ALIKE


def next_in_line(able: Iterable[tuple[Id, bool]], *, but: Iterable[Id]) -> Id | None:
    """Return who is asked next, of (who, whether they are here), the nearest authority first.

    Who is here comes before who is not; nobody is asked twice, nor who asks (`but`).
    """
    named = set(but)
    left = [(who, here) for who, here in able if who not in named]
    return next((who for who, here in left if here), left[0][0] if left else None)
