"""From the gate's records to touches: what a tracking event says, read for a whole set at once.

The events are those of Segment's spec. Their time is corrected by the client's clock: what
passed between `timestamp` and `sentAt` by its clock passed before `received` by ours. An
`Order Completed` is a purchase: a line for each of its products. A company's own server may
say the channel and the kind of a touch in the event's properties. Addresses, phone numbers
and the like are not kept with what happened: they say who it was, and go to `customers`.
"""

from __future__ import annotations

from collections.abc import Sequence

from kfar.ground.money import DIGITS
from kfar.lake.engines import Session

#: What other tools call the purposes a customer agrees to.
PURPOSES = {
    "ask": ("ask", "feedback"),
    "understand": ("understand", "analytics", "performance", "statistics"),
    "personalise": ("personalise", "personalization", "functional", "preferences"),
    "advertise": ("advertise", "advertising", "marketing", "targeting", "ads"),
}
#: What says who somebody is, and does not stay with what they did.
PERSONAL = (
    "email", "phone", "name", "firstName", "lastName", "first_name", "last_name", "address",
    "ip", "userId", "anonymousId", "username", "birthday", "traits",
)  # fmt: skip
#: What a server may say of a touch in its properties, and what such a word looks like.
OURS = ("channel", "kind", "ref")
_CODE = "'[a-z][a-z0-9-]{0,39}'"
#: Beyond these an instant is a broken clock's, and the event happened when it reached us.
EARLIEST, AHEAD = "TIMESTAMPTZ '1990-01-01 00:00:00+00'", "INTERVAL 1 DAY"

_RECORD = (
    '{"r":"BIGINT","s":"VARCHAR","t":"BOOLEAN","u":"VARCHAR","x":"JSON","one":"VARCHAR","b":"JSON"}'
)
_BODY = '{"batch":["JSON"],"sentAt":"VARCHAR","context":"JSON"}'
_CONTEXT = (
    '{"page":{"url":"VARCHAR","title":"VARCHAR"},"traits":"JSON","locale":"VARCHAR",'
    '"consent":{"categoryPreferences":"JSON"}}'
)
_EVENT = (
    '{"type":"VARCHAR","messageId":"VARCHAR","userId":"VARCHAR","anonymousId":"VARCHAR",'
    '"previousId":"VARCHAR","groupId":"VARCHAR","event":"VARCHAR","name":"VARCHAR",'
    '"timestamp":"VARCHAR","originalTimestamp":"VARCHAR","sentAt":"VARCHAR","channel":"VARCHAR",'
    '"properties":"JSON","traits":"JSON","context":' + _CONTEXT + "}"
)
_TRAITS = (
    '{"email":"VARCHAR","phone":"VARCHAR","name":"VARCHAR","firstName":"VARCHAR",'
    '"lastName":"VARCHAR","language":"VARCHAR"}'
)
_SAID = (
    '{"url":"VARCHAR","title":"VARCHAR","path":"VARCHAR","store":"VARCHAR",'
    '"channel":"VARCHAR","kind":"VARCHAR","ref":"VARCHAR",'
    '"name":"VARCHAR","order_id":"VARCHAR","currency":"VARCHAR","category":"VARCHAR","product_id":"VARCHAR",'
    '"products":[{"product_id":"VARCHAR","sku":"VARCHAR","name":"VARCHAR","category":"VARCHAR",'
    '"quantity":"DOUBLE","price":"DOUBLE"}]}'
)


def _instant(text: str) -> str:
    """Return SQL that reads ISO 8601, or milliseconds since 1970; NULL for anything else."""
    return (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{12,14}}')"
        f" THEN to_timestamp({text}::BIGINT / 1000) ELSE try_cast({text} AS TIMESTAMPTZ) END"
    )


_GIVEN = "e.context.consent.categoryPreferences"
#: The names agreed to, in small letters; NULL where nothing was said.
_YES = f"""CASE WHEN json_type({_GIVEN}) = 'OBJECT' THEN
    list_transform(list_filter(json_keys({_GIVEN}),
        lambda k: {_GIVEN} ->> ('$."' || k || '"') = 'true'), lambda k: lower(k)) END"""
_PURPOSES = ", ".join(
    f"CASE WHEN list_has_any(yes, {list(names)!r}) THEN '{purpose}' END"
    for purpose, names in PURPOSES.items()
)
_PLAIN = (
    "CASE WHEN json_type(e.properties) = 'OBJECT' THEN json_merge_patch(e.properties, '{}') END"
)
_PLAIN = _PLAIN.format("{" + ",".join(f'"{name}":null' for name in PERSONAL + OURS) + "}")

#: Every event that was not rejected, with its record's time and source.
HEARD = f"""
CREATE OR REPLACE TEMP TABLE heard AS
WITH records AS (SELECT from_json(line, '{_RECORD}') AS l FROM lines),
bodies AS (SELECT l, from_json(l.b, '{_BODY}') AS b FROM records),
events AS (
    SELECT l, b, l.b AS raw, 0 AS place FROM bodies WHERE l.one IS NOT NULL
    UNION ALL BY NAME
    SELECT l, b, unnest(b.batch) AS raw, generate_subscripts(b.batch, 1) - 1 AS place
    FROM bodies WHERE l.one IS NULL
),
kept AS (
    SELECT l, b, place, from_json(raw, '{_EVENT}') AS e FROM events
    WHERE l.x IS NULL OR NOT list_contains(json_keys(l.x), place::VARCHAR)
),
timed AS (
    SELECT l, b, e, place, make_timestamptz(l.r * 1000) AS received,
        {_instant("coalesce(e.originalTimestamp, e.timestamp)")} AS told,
        {_instant("coalesce(e.sentAt, b.sentAt)")} AS sent
    FROM kept
),
said AS (
    SELECT *, coalesce(received - (sent - told), told, received) AS corrected,
        from_json(e.properties, '{_SAID}') AS p,
        from_json(coalesce(e.traits, e.context.traits), '{_TRAITS}') AS who, {_YES} AS yes
    FROM timed
)
SELECT l.s AS source, l.t AS trusted, received,
    CASE WHEN corrected BETWEEN {EARLIEST} AND received + {AHEAD} THEN corrected
        ELSE received END AS "at",
    coalesce(nullif(e.messageId, ''), l.u || '/' || place) AS message,
    coalesce(l.one, e.type) AS type, e.event AS event,
    coalesce(nullif(e.userId, ''), '') AS user_id,
    coalesce(nullif(e.anonymousId, ''), '') AS anonymous_id,
    CASE WHEN coalesce(l.one, e.type) = 'alias' THEN coalesce(e.previousId, '') ELSE '' END
        AS previous_id,
    CASE WHEN coalesce(l.one, e.type) = 'group' THEN coalesce(e.groupId, '') ELSE '' END
        AS group_id,
    CASE WHEN coalesce(l.one, e.type) = 'group' THEN NULL ELSE who END AS who,
    coalesce(who.name, '') AS called, coalesce(e.context.locale, '') AS locale,
    CASE WHEN l.t AND regexp_full_match(p.channel, {_CODE}) THEN p.channel
        WHEN coalesce(l.one, e.type) = 'screen' OR e.channel = 'mobile' THEN 'app'
        ELSE 'web' END AS channel,
    CASE WHEN l.t AND regexp_full_match(p.kind, {_CODE}) THEN p.kind
        ELSE coalesce(l.one, e.type) END AS kind,
    CASE WHEN l.t THEN left(p.ref, 254) END AS ref,
    left(coalesce(e.event, e.name, p.title, e.context.page.title), 254) AS name,
    left(regexp_extract(coalesce(p.url, e.context.page.url), '^[^?#]*'), 1000) AS url,
    nullif({_PLAIN}, '{{}}') AS properties, p,
    CASE WHEN yes IS NOT NULL THEN
        coalesce(nullif(concat_ws(',', {_PURPOSES}), ''), 'none') END AS consent
FROM said
"""  # noqa: S608 - constants of ours, here and below

#: What the events say of who it was, each thing said once, the first first.
CLAIMS = """
CREATE OR REPLACE TEMP TABLE claims AS
SELECT row_number() OVER (ORDER BY "at", source, anonymous_id, user_id) - 1 AS claim, *
FROM (
    SELECT source, trusted, user_id, anonymous_id, previous_id,
        coalesce(who.email, '') AS email, coalesce(who.phone, '') AS phone,
        coalesce(who.name, concat_ws(' ', who.firstName, who.lastName), '') AS name,
        coalesce(who.language, left(locale, 2), '') AS language,
        coalesce(consent, '') AS consent, min("at") AS "at"
    FROM heard GROUP BY ALL
)
"""

_NUMBERED = """
SELECT h.*, c.claim FROM heard h JOIN claims c ON
    h.source = c.source AND h.trusted = c.trusted AND h.user_id = c.user_id
    AND h.anonymous_id = c.anonymous_id AND h.previous_id = c.previous_id
    AND coalesce(h.who.email, '') = c.email AND coalesce(h.who.phone, '') = c.phone
    AND coalesce(h.who.name, concat_ws(' ', h.who.firstName, h.who.lastName), '') = c.name
    AND coalesce(h.who.language, left(h.locale, 2), '') = c.language
    AND coalesce(h.consent, '') = c.consent
"""

_MINOR = " ".join(f"WHEN '{code}' THEN {10**digits}" for code, digits in DIGITS.items())

#: The touches, for `table.append`; `people` says which claim is which customer.
TOUCHES = f"""
WITH numbered AS ({_NUMBERED}),
known AS (SELECT numbered.*, people.customer FROM numbered JOIN people USING (claim)),
orders AS (
    SELECT * EXCLUDE (p), p, unnest(p.products) AS item,
        generate_subscripts(p.products, 1) AS line,
        coalesce(nullif(upper(p.currency), ''), $currency) AS money
    FROM known WHERE type = 'track' AND event = 'Order Completed' AND len(p.products) > 0
)
SELECT md5(source || chr(31) || 'event/' || message)::UUID AS id, customer, "at", channel,
    kind, source, ref, p.store AS place, NULL AS basket, p.product_id AS product,
    CASE WHEN p.product_id IS NOT NULL THEN left(p.name, 254) END AS product_name,
    p.category AS category, NULL::INTEGER AS units, NULL::BIGINT AS paid,
    NULL AS currency, name, url, properties, consent, received
FROM known WHERE NOT (type = 'track' AND event = 'Order Completed'
    AND len(coalesce(p.products, [])) > 0)
UNION ALL BY NAME
SELECT md5(source || chr(31) || 'event/' || message || '/' || line)::UUID AS id, customer,
    "at", channel, 'purchase' AS kind, source, p.store AS place,
    coalesce(p.order_id, message) AS basket,
    coalesce(item.product_id, item.sku) AS product, left(item.name, 254) AS product_name,
    item.category AS category, round(item.quantity)::INTEGER AS units,
    round(item.price * coalesce(item.quantity, 1)
        * CASE money {_MINOR} ELSE 100 END)::BIGINT AS paid,
    money AS currency, NULL AS name, NULL AS url, NULL AS properties, consent, received
FROM orders
"""  # noqa: S608


#: Who was said to belong to which group: source, group, customer, when first, what the group is
#: called, and whether that was said by the company's own systems.
GROUPS = f"""
WITH numbered AS ({_NUMBERED})
SELECT source, left(group_id, 254) AS of, customer, min("at"),
    coalesce(arg_max(left(called, 200), "at") FILTER (called <> ''), ''), trusted
FROM numbered JOIN people USING (claim) WHERE group_id <> ''
GROUP BY source, of, customer, trusted ORDER BY ALL
"""  # noqa: S608

#: What the gate rejected in batches: how much, of whom, why.
REJECTED = f"""
WITH records AS (SELECT from_json(line, '{_RECORD}') AS l FROM lines)
SELECT day, source, reason, count(*) FROM (
    SELECT make_timestamptz(l.r * 1000)::DATE AS day, l.s AS source,
        unnest(list_transform(json_keys(l.x), lambda k: l.x ->> ('$."' || k || '"'))) AS reason
    FROM records WHERE l.x IS NOT NULL
) GROUP BY ALL
"""  # noqa: S608


def read(session: Session, lines: Sequence[bytes]) -> None:
    """Make the tables `heard` and `claims` of the gate's records of events.

    Raises what the engine raises where a line is not JSON as it reads it.
    """
    session.load("lines", {"line": "VARCHAR"}, [(line.decode(),) for line in lines])
    session.run(HEARD)
    session.run(CLAIMS)
