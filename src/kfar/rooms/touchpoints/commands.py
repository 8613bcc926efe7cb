"""What adds to the customers' journeys."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from kfar.ground.ids import derived_id
from kfar.lake import audit, inbox, table
from kfar.lake.engines import Session
from kfar.lake.touch import Touch
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.customers.erasure import check_there
from kfar.rooms.touchpoints.rules import OURSELVES, check_source
from kfar.rooms.village import queries as village


@transaction.atomic
def meet(
    *, customer_id: UUID, channel: str, kind: str, at: datetime, ref: str, place: str | None = None
) -> UUID:
    """Note a live touch (a voice, a remedy, a vote) in the caller's transaction; return its id.

    `ref` is the id of the row it tells of; the same customer, kind, ref and moment is one
    touch, however often it comes.
    """
    touch = Touch(
        id=derived_id(OURSELVES, f"{customer_id}/{kind}/{ref}/{at.isoformat()}"),
        customer=customer_id,
        at=at,
        channel=channel,
        kind=kind,
        source=OURSELVES,
        place=place,
        ref=ref,
    )
    inbox.put(touch)
    return touch.id


def read(*, by: UUID, people: Collection[UUID]) -> None:
    """Note that an employee reads the journey of each of these customers."""
    village.require(by, "touchpoints.read")
    audit.note_all(act="touchpoints.read", customers=people, employee_id=by)


def import_table(
    *,
    session: Session,
    source: str,
    batch: str,
    newcomers: Collection[Newcomer],
    select: str,
    **params: object,
) -> int:
    """Take a whole table of touches from `source`; return how many were new.

    `select` names columns of the lake other than `id`, `customer` and `source`, and two
    more: `key`, what the source calls the row, and `customer_key`, what it calls the person.
    The newcomers are met (who is known stays as they are); rows of people not among them
    are left. The same batch, and the same key, is taken once, so a killed import is simply
    run again; so is one that met somebody who was erased before it ended (`RuntimeError`).
    Raises `Refused` where the source is no name or the disk is full.
    """
    check_source(source)
    if table.taken(batch):
        return 0
    known = customers.meet_many(source=source, newcomers=newcomers)
    people = [(new.key, known[new.key]) for new in newcomers]
    session.load("people", {"customer_key": "VARCHAR", "customer": "UUID"}, people)
    return table.append(
        session,
        batch=batch,
        select=f"SELECT md5($source || chr(31) || key)::UUID AS id, customer, $source AS source,"  # noqa: S608
        " * EXCLUDE (key, customer_key, customer)"
        f" FROM ({select}) JOIN people USING (customer_key)",
        params={"source": source, **params},
        along=lambda: check_there(customers=known.values()),
    )
