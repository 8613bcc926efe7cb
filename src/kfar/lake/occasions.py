"""Occasions: which touches are told in one breath, and which of them somebody asks to see.

An occasion is a basket with all its lines; a visit, which is what one person does on the web
or in an app without a pause of more than half an hour; what a source tells of one thing at
one instant (five coupons of one mailing); or any other touch alone. It begins with its first
touch, and that is its place in the journey: what comes later to a visit or a basket does not
move it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kfar.lake.engines import Session
from kfar.lake.touch import OCCASION

#: What a site tells of somebody who looks around; all of it together is a visit.
BROWSING = ("alias", "group", "identify", "page", "screen", "track", "visit")
#: A longer pause, in minutes, ends a visit.
PAUSE = 30
#: The kind of a visit, whatever kinds its touches are of.
VISIT = "browsing"


@dataclass(frozen=True, kw_only=True)
class Only:
    """Which occasions are asked for; what is empty asks for all.

    An occasion is shown whole when it begins in the period (`since` ≤ began < `until`) and one
    touch of it fits all else: one of the `channels`, one of the `kinds` (`VISIT` for what was
    done on the web), of `departments`, `categories`, `people`, and `text` in the product's or
    event's name, in capital letters or small.
    """

    channels: Sequence[str] = ()
    kinds: Sequence[str] = ()
    departments: Sequence[str] = ()
    categories: Sequence[str] = ()
    people: Sequence[UUID] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


EVERYTHING = Only()

#: What each field of `Only` asks of a told touch.
FITS = {
    "channels": "list_contains($channels, channel)",
    "kinds": "list_contains($kinds, sort)",
    "departments": "list_contains($departments, department)",
    "categories": "list_contains($categories, category)",
    "people": "list_contains($people::UUID[], person)",
    "since": "began >= $since::TIMESTAMPTZ",
    "until": "began < $until::TIMESTAMPTZ",
    "text": "contains(lower(concat_ws(chr(31), product_name, name,"
    " json_extract_string(TRY_CAST(properties AS JSON), '$.name'))), lower($text))",
}

#: Whether a touch belongs to a visit.
BROWSES = f"(channel IN ('app', 'web') AND basket IS NULL AND kind IN {BROWSING})"

#: What of `mine` tells where it belongs, with whose each is. `unknown` is what was done on
#: the web before we learned who it was: under that id nothing had told it yet, and now it is
#: known, by an `identify` or since the id was found to be theirs.
NAMED = f"""
CREATE OR REPLACE TEMP TABLE named AS
WITH known AS (
    SELECT customer, min("at") FILTER (kind = 'identify' OR NOT {BROWSES}) AS at_last
    FROM mine GROUP BY customer
)
SELECT id, "at", customer, person, channel, source, basket, ref, product_name, category,
    department, paid, currency, name, properties, {BROWSES} AS browsing,
    CASE WHEN browsing THEN '{VISIT}' ELSE kind END AS sort,
    browsing AND "at" < coalesce(at_last, 'infinity')
        AND (at_last IS NOT NULL OR customer <> person) AS unknown
FROM mine JOIN people USING (customer) JOIN known USING (customer)
LEFT JOIN under_way USING (person)
WHERE NOT browsing OR $before::TIMESTAMPTZ IS NULL
    OR coalesce("at" <= under_way.until, "at" < $before)
"""  # noqa: S608 - constants of ours

#: The occasion each belongs to, and when that begins and ends.
TOLD = f"""
CREATE OR REPLACE TEMP TABLE told AS
WITH apart AS (
    SELECT id, person, "at",
        "at" - lag("at") OVER (PARTITION BY person ORDER BY "at", id) <= to_minutes({PAUSE})
            AS goes_on
    FROM named WHERE browsing
), counted AS (
    SELECT id, person, "at",
        count(*) FILTER (goes_on IS NOT true) OVER (PARTITION BY person ORDER BY "at", id) AS visit
    FROM apart
), visits AS (
    SELECT id, first_value(id) OVER (PARTITION BY person, visit ORDER BY "at", id) AS first_id
    FROM counted
), gathered AS (
    SELECT named.*, coalesce(first_id, CASE WHEN basket IS NULL AND ref IS NOT NULL
        THEN md5(concat_ws(chr(31), source, sort, ref, epoch_us("at"), customer))::UUID
        ELSE {OCCASION} END) AS occasion
    FROM named LEFT JOIN visits USING (id)
), timed AS (
    SELECT occasion, min("at") AS began, max("at") AS ended, arg_min(sort, ("at", id)) AS told_as
    FROM gathered GROUP BY occasion
)
SELECT *, {{fits}}, {" AND ".join(f"fits_{name}" for name in FITS)} AS hit
FROM gathered JOIN timed USING (occasion)
"""  # noqa: S608 - constants of ours


def tell(
    session: Session,
    customers: Sequence[UUID],
    owners: Mapping[UUID, UUID] | None,
    only: Only,
    *,
    before: datetime | None = None,
    under_way: Mapping[UUID, datetime] | None = None,
) -> None:
    """Make the table `told` of a session's table `mine`, which is its `touches`.

    `owners` says whose each of the ids is; None means that all are of the person whose own id
    comes first. `before` is where a reader who goes back stands:
    all visits that begin at that instant or later were shown, so of the web only what is
    earlier is told; but of whom `under_way` names, up to that instant: their visit had begun
    earlier, went on then, and is still to be shown. Thus what comes in meanwhile joins
    nothing that was shown to what was not.
    """
    owners = owners or dict.fromkeys(customers, *customers[:1])
    session.load("people", {"customer": "UUID", "person": "UUID"}, list(owners.items()))
    started = list((under_way or {}).items())
    session.load("under_way", {"person": "UUID", "until": "TIMESTAMPTZ"}, started)
    asked = {name: value for name, value in vars(only).items() if value}
    fits = ", ".join(
        f"coalesce({sql}, false) AS fits_{name}" if name in asked else f"true AS fits_{name}"
        for name, sql in FITS.items()
    )
    given = {n: list(v) if isinstance(v, (list, tuple)) else v for n, v in asked.items()}
    session.run(NAMED, before=before)
    session.run(TOLD.format(fits=fits), **given)
