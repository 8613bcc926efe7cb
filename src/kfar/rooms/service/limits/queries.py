"""What came of decisions, by role, remedy and what they were about, and what it speaks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q

from kfar.ground.text import Texts
from kfar.rooms.service.approving.rules import Outcome
from kfar.rooms.service.limits.rules import Evidence, Proposal, propose
from kfar.rooms.service.models import Approval, LimitChange, Remedy
from kfar.rooms.service.rules import Kind, about
from kfar.rooms.village import queries as village
from kfar.rooms.village.rules import NOTHING, About, Authority

#: Whose limit, for what, for what it is about (None: whatever), and whether that is one of its own.
Key: TypeAlias = tuple[str, str, UUID | None, bool]


@dataclass(frozen=True)
class Seen:
    """A role's limit for one remedy, what came of it since it was last changed, and a proposal.

    With a `theme`, for what is about that: where it is `own`, a limit of its own holds, else the
    general one, and a proposal is for one of its own. Where not `known`, the theme is none (any
    more), and the limit holds for nothing.
    """

    role: str
    role_name: Texts
    remedy: Kind
    held: Authority
    since: datetime | None
    evidence: Evidence
    proposal: Proposal | None
    theme: UUID | None = None
    own: bool = False
    known: bool = True


@dataclass(frozen=True)
class Changed:
    """A limit that somebody changed; for a theme there may have been none, before or after."""

    id: UUID
    role_name: Texts
    remedy: str
    theme: UUID | None
    before: Authority | None
    after: Authority | None
    by: str
    at: datetime
    undone_at: datetime | None


def seen(roots: About = NOTHING) -> list[Seen]:
    """Return every limit with its evidence; those with a proposal first.

    `roots` are the themes there are, each with the one it is held for one with: what is about one
    of them counts there. A theme without a limit of its own is told of where enough was decided.
    """
    counted = _Counted(roots)
    found = [one for part in village.roles() for one in _of(part, counted)]
    return sorted(
        found,
        key=lambda one: (one.proposal is None, one.role, one.remedy, str(one.theme or "")),
    )


def one(role: str, remedy: str, theme: UUID | None = None, roots: About = NOTHING) -> Seen | None:
    """Return one role's limit for one remedy with its evidence, or None."""
    key = (role, remedy, theme)
    return next((own for own in seen(roots) if (own.role, own.remedy, own.theme) == key), None)


def changed(most: int = 20) -> list[Changed]:
    """Return the limits that somebody changed, newest first."""
    rows = LimitChange.objects.select_related("role", "by").order_by("-at")[:most]
    return [
        Changed(
            id=row.pk,
            role_name=row.role.name,
            remedy=row.remedy,
            theme=row.theme,
            before=Authority(**row.before) if row.before else None,
            after=Authority(**row.after) if row.after else None,
            by=row.by.name,
            at=row.at,
            undone_at=row.undone_at,
        )
        for row in rows
    ]


def _of(part: village.Part, counted: _Counted) -> Iterator[Seen]:
    for kind in Kind:
        general = part.authority.get(kind)
        if general is None or kind is Kind.ANSWER:
            continue
        own = {one.theme: one.limit for one in part.own.get(kind, ())}
        for theme in (None, *own, *counted.enough(part.code, kind, but=own)):
            held = own.get(theme, general) if theme else general
            key = (part.code, kind, theme, theme in own)
            since = counted.since(key)
            found = counted.evidence(key, since)
            known = theme is None or theme in counted.roots
            yield Seen(
                role=part.code,
                role_name=part.name,
                remedy=kind,
                held=held,
                since=since,
                evidence=found,
                proposal=propose(held, found) if known else None,
                theme=theme,
                own=theme in own,
                known=known,
            )


class _Counted:
    """What came of decisions since different days, each day counted once.

    What was decided under the limit of a theme counts for that; everything else for the general
    limit, and for each theme it was about.
    """

    def __init__(self, roots: About) -> None:
        self.roots = roots
        self.found: dict[datetime | None, dict[Key, Evidence]] = {}
        self.changes: dict[tuple[str, str, UUID | None], datetime] = {}
        for row in LimitChange.objects.order_by("at"):
            last = max(row.at, row.undone_at or row.at)
            self.changes[row.role_id, row.remedy, row.theme] = last

    def since(self, key: Key) -> datetime | None:
        """Return from when on it counts: since the limit that holds was changed."""
        role, remedy, theme, own = key
        general = None if own else self.changes.get((role, remedy, None))
        return max(filter(None, (self.changes.get((role, remedy, theme)), general)), default=None)

    def evidence(self, key: Key, since: datetime | None) -> Evidence:
        """Return what came of what was decided under a limit since then."""
        if since not in self.found:
            self.found[since] = self._count(since)
        return self.found[since].get(key, Evidence())

    def enough(self, role: str, remedy: str, *, but: dict[UUID, Authority]) -> list[UUID]:
        """Return the themes, `but` these, of which enough was decided under the general limit."""
        self.evidence((role, remedy, None, False), None)
        return [
            key[2]
            for key, whole in list(self.found[None].items())
            if key[:2] == (role, remedy) and key[2] and not key[3] and key[2] not in but
            if whole.enough and self.evidence(key, self.since(key)).enough
        ]

    def _count(self, since: datetime | None) -> dict[Key, Evidence]:
        ours = {"currency": settings.KFAR_CURRENCY}
        asked = Approval.objects.filter(outcome__in=[Outcome.YES, Outcome.NO], **ours)
        yes = Approval.objects.filter(outcome=Outcome.YES).values("request")
        given = Remedy.objects.filter(**ours).exclude(pk__in=yes)
        if since is not None:
            asked, given = asked.filter(ended_at__gt=since), given.filter(at__gt=since)
        parts: dict[Key, list[Evidence]] = {}
        for role, kind, of, under, *counts in given.values_list(
            "by__role", "kind", "about", "under"
        ).annotate(
            given=Count("pk"),
            undone=Count("pk", filter=Q(undone_at__isnull=False)),
            abused=Count("pk", filter=Q(abused=True)),
            good=Count("pk", filter=Q(case__good=True, undone_at=None)),
            bad=Count("pk", filter=Q(case__good=False, undone_at=None)),
        ):
            for key in self._keys(role, kind, of, under):
                parts.setdefault(key, []).append(Evidence(*counts))
        for role, kind, of, under, outcome, minor, many in asked.values_list(
            "asked_by__role", "kind", "about", "under", "outcome", "minor"
        ).annotate(many=Count("pk")):
            approved = (minor,) * many if outcome == Outcome.YES else ()
            for key in self._keys(role, kind, of, under):
                parts.setdefault(key, []).append(Evidence(asked=many, approved=approved))
        return {key: Evidence.whole(rows) for key, rows in parts.items()}

    def _keys(self, role: str, kind: str, of: dict[str, str], under: UUID | None) -> list[Key]:
        """Return for which limits it counts; of what was about a theme, for the one it is now."""
        if under is not None:
            return [(role, kind, under, True)]
        now = {self.roots[theme] for theme in about(of) if theme in self.roots}
        return [(role, kind, None, False), *((role, kind, root, False) for root in now)]
