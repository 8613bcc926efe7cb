"""Whether a change may ship: from what was declared and what was said, and from nothing else.

Who was told *no* by a veto that holds stays told so, whoever else approves; silence ships to
nobody unless an agreement on record says that it means yes; and time alone only ever turns a
no into a yes. The table stands in docs/reference/api.md, and a test holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Answer(StrEnum):
    """What an account may say to a change."""

    APPROVE = "approve"
    CONDITIONS = "conditions"  # yes, if …
    OBJECT = "object"  # rather not, because …
    VETO = "veto"  # no, because …


class Silence(StrEnum):
    """What it means that an account says nothing until the date: never that it agrees."""

    WAITS = "waits"  # nothing was said, so this account keeps what it has; others go on
    HOLDS = "holds"  # nothing was said, so nobody gets the change until something is


class Veto(StrEnum):
    """What a veto does."""

    ALL = "all"  # holds the change for all
    ACCOUNT = "account"  # holds it for the account that says so
    TIME = "time"  # holds it for that account until an agreed date


class Why(StrEnum):
    """Why a change may ship, or not."""

    WITHDRAWN = "withdrawn"
    NOT_ASKED = "not_asked"
    VETO = "veto"
    OPEN = "open"
    OBJECTION = "objection"
    CONDITIONS = "conditions"
    UNANSWERED = "unanswered"
    NOT_YET = "not_yet"
    APPROVED = "approved"
    CONDITIONS_TAKEN = "conditions_taken"
    OBJECTION_ANSWERED = "objection_answered"
    VETO_OVER = "veto_over"
    AGREEMENT = "agreement"
    ALL_CLEAR = "all_clear"


#: What holds a change, the gravest first: where several things do, this one is told.
GRAVEST = (Why.VETO, Why.OBJECTION, Why.CONDITIONS, Why.UNANSWERED)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was declared: from when the change is, until when accounts answer, what follows.

    `veto_until` is the agreed date where a veto buys time, and None elsewhere.
    """

    starts: datetime
    answers_by: datetime
    silence: Silence
    veto: Veto
    veto_until: datetime | None = None


@dataclass(frozen=True)
class Stand:
    """How an account stands: its last word (None: it said nothing).

    `replied`: the company took its conditions on, or answered its objection. `agreed`: an
    agreement on record, signed, says that its silence means yes.
    """

    said: Answer | None = None
    replied: bool = False
    agreed: bool = False


@dataclass(frozen=True)
class Shipping:
    """Whether it may ship, why, and whose word holds it (by account, what kind of word).

    `until`: when a no becomes a yes if nobody says anything more; None: not by time alone.
    A yes stays one until somebody speaks.
    """

    may: bool
    why: Why
    holds: tuple[tuple[str, Why], ...] = ()
    until: datetime | None = None


def may_ship(
    terms: Terms,
    asked: Mapping[str, Stand],
    now: datetime,
    *,
    account: str | None = None,
    withdrawn: bool = False,
) -> Shipping:
    """Return whether the change may ship to one account, or (None) to all that were asked."""
    found = _at(terms, asked, now, account, withdrawn=withdrawn)
    if found.may:
        return found
    later = {terms.answers_by, terms.starts, terms.veto_until or terms.starts}
    for moment in sorted(t for t in later if t > now):
        if _at(terms, asked, moment, account, withdrawn=withdrawn).may:
            return Shipping(found.may, found.why, found.holds, moment)
    return found


def holds(stand: Stand, terms: Terms, now: datetime) -> Why | None:
    """Return what of an account's own holds the change for it, the date aside; None: nothing."""
    match stand.said:
        case None:
            return None if stand.agreed else Why.UNANSWERED
        case Answer.APPROVE:
            return None
        case Answer.CONDITIONS:
            return None if stand.replied else Why.CONDITIONS
        case Answer.OBJECT:
            return None if stand.replied else Why.OBJECTION
        case Answer.VETO:
            over = terms.veto_until is not None and terms.veto_until <= now
            return None if terms.veto is Veto.TIME and over else Why.VETO


def may_say(answer: Answer, stand: Stand, terms: Terms, now: datetime) -> bool:
    """Return whether an account may say this now.

    Until the date anything. From then on the outcome stands, and only who still holds the
    change may let it go: by approving, or with conditions.
    """
    if now < terms.answers_by:
        return True
    lets_go = answer in {Answer.APPROVE, Answer.CONDITIONS}
    return lets_go and holds(stand, terms, now) is not None


def _at(
    terms: Terms,
    asked: Mapping[str, Stand],
    now: datetime,
    account: str | None,
    *,
    withdrawn: bool,
) -> Shipping:
    if withdrawn:
        return Shipping(may=False, why=Why.WITHDRAWN)
    if account is not None and account not in asked:
        return Shipping(may=False, why=Why.NOT_ASKED)
    early = now < terms.answers_by
    found = []
    for key, stand in asked.items():
        why = _not_approved(stand) if early else holds(stand, terms, now)
        if why and (early or account in {None, key} or _for_all(why, terms)):
            found.append((key, why))
    theirs = tuple(found)
    if theirs:
        vetoed = any(
            why is Why.VETO and (account in {None, key} or _for_all(why, terms))
            for key, why in theirs
        )
        if early:
            return Shipping(may=False, why=Why.VETO if vetoed else Why.OPEN, holds=theirs)
        own = [why for key, why in theirs if key == account]
        gravest = min(own or [why for _, why in theirs], key=GRAVEST.index)
        return Shipping(may=False, why=gravest, holds=theirs)
    if now < terms.starts:
        return Shipping(may=False, why=Why.NOT_YET)
    return Shipping(may=True, why=Why.ALL_CLEAR if account is None else _yes(asked[account]))


def _not_approved(stand: Stand) -> Why | None:
    """Return what is missing for an approval before the date: silence and replies are none."""
    match stand.said:
        case None:
            return Why.UNANSWERED
        case Answer.APPROVE:
            return None
        case Answer.CONDITIONS:
            return None if stand.replied else Why.CONDITIONS
        case Answer.OBJECT:
            return Why.OBJECTION
        case Answer.VETO:
            return Why.VETO


def _for_all(why: Why, terms: Terms) -> bool:
    """Return whether what one account says, or does not say, holds the change for all."""
    if why is Why.VETO:
        return terms.veto is Veto.ALL
    return why is Why.UNANSWERED and terms.silence is Silence.HOLDS


def _yes(stand: Stand) -> Why:
    return {
        None: Why.AGREEMENT,
        Answer.APPROVE: Why.APPROVED,
        Answer.CONDITIONS: Why.CONDITIONS_TAKEN,
        Answer.OBJECT: Why.OBJECTION_ANSWERED,
        Answer.VETO: Why.VETO_OVER,
    }[stand.said]
