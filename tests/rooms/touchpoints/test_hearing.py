"""From the gate's records to touches: whose, when, what; nothing lost, nothing twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kfar.ground.ids import derived_id
from kfar.lake import inbox
from kfar.lake.models import Segment, Touchpoint
from kfar.lake.touch import COLUMNS
from kfar.rooms.customers import accounts
from kfar.rooms.customers import queries as customers
from kfar.rooms.touchpoints import hearing
from kfar.rooms.touchpoints.models import Rejected

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MS = round(NOON.timestamp() * 1000)

pytestmark = pytest.mark.django_db(transaction=True)


def record(
    *events: dict[str, Any], trusted: bool = True, source: str = "shop", **more: Any
) -> bytes:
    """A record of the intake: a batch that reached us at noon."""
    body = {"batch": list(events), **more.pop("body", {})}
    line = {"k": "events", "r": MS, "s": source, "t": trusted, "u": "f00d", **more, "b": body}
    return json.dumps(line).encode() + b"\n"


def track(name: str = "Looked", **fields: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, "userId": "u1", "messageId": name, **fields}


def hear(*lines: bytes) -> list[dict[str, Any]]:
    """Hear the records; return the inbox in the order of ids' first appearance in time."""
    hearing.hear(lines, batch="test", along=lambda: None)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in inbox.fresh()]
    return sorted(rows, key=lambda row: (row["at"], str(row["name"])))


def test_what_an_event_says_stands_in_its_touch(data_dir: Path) -> None:
    page = {"url": "https://shop.pl/tea?q=anna@x.pl#top", "title": "Teas"}
    [touch] = hear(
        record(
            track(
                properties={"product_id": "p7", "category": "Tea", "colour": "green"},
                context={"page": page},
                timestamp="2026-11-20T11:00:00Z",
            )
        )
    )
    assert touch == {
        **dict.fromkeys(COLUMNS),
        "id": derived_id("shop", "event/Looked"),
        "customer": customers.by_handle("shop", "u1"),
        "at": NOON - timedelta(hours=1),
        "channel": "web",
        "kind": "track",
        "source": "shop",
        "product": "p7",
        "category": "Tea",
        "name": "Looked",
        "url": "https://shop.pl/tea",
        "properties": '{"product_id":"p7","category":"Tea","colour":"green"}',
        "received": NOON,
    }


@pytest.mark.parametrize(
    ("event", "body", "at"),
    [
        ({}, {}, NOON),
        ({"timestamp": "2026-11-20T11:59:00.500Z"}, {}, NOON - timedelta(seconds=59.5)),
        # The client's clock is an hour ahead: what lay between its two times counts.
        (
            {"timestamp": "2026-11-20T12:59:50Z"},
            {"sentAt": "2026-11-20T13:00:00Z"},
            NOON - timedelta(seconds=10),
        ),
        (
            {"timestamp": "2026-11-20T14:59:50+02:00", "sentAt": "2026-11-20T13:00:00Z"},
            {},
            NOON - timedelta(seconds=10),
        ),
        (
            {"originalTimestamp": "2026-11-20T10:00:00Z", "timestamp": "2026-11-20T11:00:00Z"},
            {},
            NOON - timedelta(hours=2),
        ),
        ({"timestamp": str(MS - 5000)}, {}, NOON - timedelta(seconds=5)),
        ({"timestamp": "yesterday"}, {}, NOON),
        ({"timestamp": "2099-01-01T00:00:00Z"}, {}, NOON),
        ({"timestamp": "1970-01-01T00:00:00Z"}, {}, NOON),
    ],
    ids=["none", "told", "ahead", "zones", "original", "ms", "no-time", "future", "epoch"],
)
def test_its_time_is_corrected_by_the_clients_clock(
    data_dir: Path, event: dict[str, Any], body: dict[str, Any], at: datetime
) -> None:
    [touch] = hear(record(track(**event), body=body))
    assert touch["at"] == at


def test_a_retry_is_one_touch_whatever_its_time(data_dir: Path) -> None:
    said = track(timestamp="2026-11-20T11:00:00Z")
    first = record(said, body={"sentAt": "2026-11-20T11:00:01Z"})
    again = record(said, body={"sentAt": "2026-11-20T11:00:09Z"})
    assert len(hear(first, again)) == 1
    assert len(hear(again)) == 1


def test_events_without_a_message_id_are_each_one(data_dir: Path) -> None:
    plain = {"type": "track", "event": "E", "userId": "u1"}
    assert len(hear(record(plain, plain), record(plain, u="beef"))) == 3


def test_one_event_alone_is_its_kind(data_dir: Path) -> None:
    body = {"event": "E", "anonymousId": "a", "messageId": "m", "writeKey": "k"}
    line = {"k": "events", "r": MS, "s": "web", "t": False, "u": "f", "one": "track", "b": body}
    [touch] = hear(json.dumps(line).encode())
    assert (touch["kind"], touch["name"], touch["customer"]) == (
        "track",
        "E",
        customers.by_handle("anonymous", "a"),
    )


def test_numbers_and_nulls_are_ids_and_nothing(data_dir: Path) -> None:
    [touch] = hear(record(track(userId=97980, anonymousId=None)))
    assert touch["customer"] == customers.by_handle("shop", "97980")


def test_an_order_is_a_purchase_with_a_line_for_each_product(data_dir: Path) -> None:
    products = [
        {"product_id": "p1", "name": "Tea", "category": "Drinks", "quantity": 2, "price": 3.49},
        {"sku": "s2", "name": "Cup", "price": 10},
    ]
    order = track("Order Completed", properties={"order_id": "o1", "products": products})
    said = ("kind", "basket", "product", "product_name", "category", "units", "paid", "currency")
    lines = [tuple(touch[name] for name in said) for touch in hear(record(order))]
    assert sorted(lines) == [
        ("purchase", "o1", "p1", "Tea", "Drinks", 2, 698, "USD"),
        ("purchase", "o1", "s2", "Cup", None, None, 1000, "USD"),
    ]
    order = {"order_id": "o2", "currency": "jpy", "products": [{"sku": "s", "price": 500}]}
    touches = hear(record(track("Order Completed", messageId="y", properties=order)))
    assert [touch["paid"] for touch in touches if touch["basket"] == "o2"] == [500]


def test_a_product_has_its_name_and_a_person_keeps_none(data_dir: Path) -> None:
    seen = track("Product Viewed", properties={"product_id": "p1", "name": "Tea"})
    typed = track("Typed", properties={"name": "Anna"})
    touches = hear(record(seen, typed))
    assert [touch["product_name"] for touch in touches] == ["Tea", None]


@pytest.mark.parametrize("enough", [1, 10_000])
def test_a_group_is_an_account_with_its_people(
    data_dir: Path, enough: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "ENOUGH", enough)

    def group(user: str, group_id: str = "acme", **traits: str) -> dict[str, Any]:
        return {"type": "group", "userId": user, "groupId": group_id, "traits": traits}

    ours = record(group("u1", name="Acme"), group("u2"), group("u2", "other"), track())
    theirs = record(group("u3", name="Ha ha"), group("u3", "new", name="New"), trusted=False)
    for n in range(2):
        hearing.hear([ours, theirs], batch=f"{n}", along=lambda: None)
    found = {account.name: account for account in accounts.accounts()}
    assert {name: account.people for name, account in found.items()} == {
        "Acme": 3,
        "New": 1,
        "": 1,
    }
    assert found["Acme"].handles == (("shop", "acme"),)
    u1 = customers.by_handle("shop", "u1")
    assert u1 is not None
    [(account, member)] = accounts.accounts_of(u1)
    assert (account.name, member.part, member.since) == ("Acme", "user", NOON)


def test_what_says_who_it_is_does_not_stay_with_what_they_did(data_dir: Path) -> None:
    [touch] = hear(
        record(
            track(
                properties={"email": "anna@x.pl", "firstName": "Anna", "size": "M"},
                context={"traits": {"email": "anna@x.pl"}, "ip": "203.0.113.9"},
            )
        )
    )
    assert touch["properties"] == '{"size":"M"}'
    assert "anna" not in str([v for v in touch.values() if v is not None]).lower()
    assert customers.by_handle("email", "anna@x.pl") == touch["customer"]


@pytest.mark.parametrize(
    ("trusted", "said"), [(True, ("mail", "campaign", "18")), (False, ("web", "track", None))]
)
def test_a_server_may_say_channel_and_kind_a_page_may_not(
    data_dir: Path, trusted: bool, said: tuple[str | None, ...]
) -> None:
    properties = {"channel": "mail", "kind": "campaign", "ref": "18", "colour": "red"}
    [touch] = hear(record(track(properties=properties), trusted=trusted))
    assert (touch["channel"], touch["kind"], touch["ref"]) == said
    assert touch["properties"] == '{"colour":"red"}'


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        ({"Analytics": True, "Advertising": False}, "understand"),
        ({"marketing": True, "functional": True}, "personalise,advertise"),
        ({"Analytics": False}, "none"),
        ("all", None),
    ],
    ids=["not-said", "one", "two", "none", "not-an-object"],
)
def test_consent_travels_with_the_touch(data_dir: Path, given: Any, kept: str | None) -> None:
    consent = {} if given is None else {"consent": {"categoryPreferences": given}}
    [touch] = hear(record(track(context=consent)))
    assert touch["consent"] == kept


def test_rejected_events_are_counted_and_not_heard(data_dir: Path) -> None:
    lines = [
        record(
            track("A"), {"type": "zz"}, {"type": "page"}, x={"1": "unknown_type", "2": "nobody"}
        ),
        record({"type": "zz"}, x={"0": "unknown_type"}, source="site"),
    ]
    assert [touch["name"] for touch in hear(*lines)] == ["A"]
    counted = Rejected.objects.values_list("day", "source", "reason", "count")
    assert sorted(counted) == [
        (NOON.date(), "shop", "nobody", 1),
        (NOON.date(), "shop", "unknown_type", 1),
        (NOON.date(), "site", "unknown_type", 1),
    ]


def test_a_record_the_engine_cannot_read_is_mended(data_dir: Path) -> None:
    """Half a character: Python reads it, DuckDB does not."""
    odd = record(track("Odd", properties={"n": "N"})).replace(b'"N"', b'"\\ud83d"')
    touches = hear(record(track("A")), odd, record(track("B")))
    assert [touch["name"] for touch in touches] == ["A", "B", "Odd"]
    assert touches[2]["properties"] == '{"n":"\ufffd"}'


def test_one_that_nobody_can_read_is_counted_and_holds_up_no_other(data_dir: Path) -> None:
    assert [t["name"] for t in hear(record(track("A")), b'{"k":"events","r":[[')] == ["A"]
    [row] = Rejected.objects.values_list("reason", "count")
    assert row == ("unreadable", 1)


def test_first_a_visitor_then_by_mail_then_in_the_store_is_one_journey(data_dir: Path) -> None:
    visit = {"type": "page", "anonymousId": "a1", "messageId": "1", "name": "Home"}
    named = {
        "type": "identify",
        "anonymousId": "a1",
        "userId": "u1",
        "messageId": "2",
        "traits": {"email": "anna@x.pl"},
    }
    opened = {
        **track("Mail opened", messageId="3", userId="m9"),
        "context": {"traits": {"email": "Anna@X.pl"}},
    }
    order = {"order_id": "o", "products": [{"sku": "s", "price": 1}]}
    bought = track("Order Completed", messageId="4", properties=order)
    hear(record(visit, source="site"), record(named, source="site"))
    touches = hear(record(opened, source="mail"), record(bought, source="site"))
    ids = [UUID(str(touch["customer"])) for touch in touches]
    assert len(ids) == 4
    assert len(set(customers.person_of(ids).values())) == 1


def test_many_go_to_the_table_at_once(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "ENOUGH", 3)
    lines = [record(track("A"), track("B"), track("A"), {"type": "page", "userId": "u"})]
    done: list[str] = []
    assert hearing.hear(lines, batch="b1", along=lambda: done.append("along")) == 3
    assert (Segment.objects.get().rows, Touchpoint.objects.count(), done) == (3, 0, ["along"])
