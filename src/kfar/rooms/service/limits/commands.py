"""A limit is changed as its outcomes propose, or for one theme by hand, and back again."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kfar.ground.errors import Refused
from kfar.rooms.service.limits import queries
from kfar.rooms.service.limits.rules import Evidence, covers
from kfar.rooms.service.models import LimitChange
from kfar.rooms.village import commands as roles
from kfar.rooms.village import queries as village
from kfar.rooms.village.rules import NOTHING, About, Authority, one_with

#: What one has to be allowed to change limits as outcomes propose, and for one theme by hand.
LIMITS = "service.limits"


@transaction.atomic
def accept(
    *,
    by: UUID,
    role: str,
    remedy: str,
    theme: UUID | None = None,
    roots: About = NOTHING,
    once: UUID,
) -> UUID:
    """Change a limit as is proposed now; return the id of the change, which is `once`.

    For a `theme`, of `roots` as in `queries.seen`, that is one of its own, which is made where
    there is none. From then on outcomes are counted anew. Refuses with `village.may_not`, and with
    `service.no_such_proposal` where nothing is proposed (any more).
    """
    village.require(by, LIMITS)
    if LimitChange.objects.filter(pk=once).exists():
        return once
    seen = queries.one(role, remedy, theme, roots)
    if seen is None or seen.proposal is None:
        raise Refused("service.no_such_proposal")
    before = seen.held if theme is None or seen.own else None
    change = LimitChange(pk=once, role_id=role, remedy=remedy, theme=theme, by_id=by)
    _change(change, before, seen.proposal.limit, roots, seen.evidence)
    return once


@transaction.atomic
def set_own(
    *,
    by: UUID,
    role: str,
    remedy: str,
    theme: UUID,
    limit: Authority | None,
    roots: About,
    once: UUID,
) -> UUID:
    """Set the limit for what is about a theme, None for the general one; return the change's id.

    Sent twice (`once`), it is set once. Refuses with `village.may_not`, with
    `service.no_such_theme`, with `service.above_own_limit` where it is more than one may decide
    oneself, and with what `village.set_limit` says.
    """
    person = village.require(by, LIMITS)
    if LimitChange.objects.filter(pk=once).exists():
        return once
    if limit is not None:
        if theme not in roots:
            raise Refused("service.no_such_theme")
        mine = person.authority.get(remedy)
        if mine is None or not covers(mine, limit):
            raise Refused("service.above_own_limit")
    change = LimitChange(pk=once, role_id=role, remedy=remedy, theme=theme, by_id=by)
    before = _own(role, remedy, theme)
    if before == limit:
        _put(change, limit, roots)  # what became one with it meanwhile has it from now on, too
    else:
        _change(change, before, limit, roots)
    return once


@transaction.atomic
def undo(*, by: UUID, change_id: UUID, roots: About = NOTHING) -> None:
    """Set a limit back to what it was before it was changed. Twice is once.

    Refuses with `village.may_not`, `service.no_such_proposal`, and `service.limit_moved_on` where
    it was changed again meanwhile.
    """
    village.require(by, LIMITS)
    change = LimitChange.objects.select_for_update().filter(pk=change_id).first()
    if change is None:
        raise Refused("service.no_such_proposal")
    if change.undone_at is not None:
        return
    after = Authority(**change.after) if change.after else None
    if _own(change.role_id, change.remedy, change.theme) != after:
        raise Refused("service.limit_moved_on")
    before = Authority(**change.before) if change.before else None
    _put(change, before, roots)
    change.undone_at, change.undone_by_id = timezone.now(), by
    change.save(update_fields=["undone_at", "undone_by"])


def _own(role: str, remedy: str, theme: UUID | None) -> Authority | None:
    """Return the limit there is, without a theme the general one."""
    part = next((one for one in village.roles() if one.code == role), None)
    if part is None:
        return None
    if theme is None:
        return part.authority.get(remedy)
    return next((one.limit for one in part.own.get(remedy, ()) if one.theme == theme), None)


def _change(
    change: LimitChange,
    before: Authority | None,
    after: Authority | None,
    roots: About,
    evidence: Evidence | None = None,
) -> None:
    _put(change, after, roots)
    change.before, change.after = (asdict(one) if one else None for one in (before, after))
    change.evidence = asdict(evidence) if evidence else None
    change.at = timezone.now()
    change.save()


def _put(change: LimitChange, limit: Authority | None, roots: About) -> None:
    role, remedy, theme = change.role_id, change.remedy, change.theme
    if limit is None and theme is not None:
        roles.unset_limit(role=role, remedy=remedy, theme=theme)
    elif limit is not None:
        also = one_with(theme, roots)
        roles.set_limit(role=role, remedy=remedy, limit=limit, theme=theme, also=also)
