"""What every client is asked to tell, and what has to stand in the intake then."""

from __future__ import annotations

from typing import Any

from tests.doors.gate.gates import Gate, kept

#: The six calls, as each client says them in its own words.
TOLD: list[dict[str, Any]] = [
    {"type": "identify", "userId": "דנה", "traits": {"email": "dana@example.com", "plan": 3}},
    {"type": "track", "userId": "דנה", "event": "Bought", "properties": {"price": 12.5}},
    {"type": "page", "userId": "דנה", "name": "Home", "properties": {"url": "https://x.example/"}},
    {"type": "screen", "userId": "דנה", "name": "Menu", "properties": {"dark": True}},
    {"type": "group", "userId": "דנה", "groupId": "g1", "traits": {"name": "Żółw"}},
    {"type": "alias", "userId": "דנה", "previousId": "before"},
]


def gist(event: dict[str, Any]) -> dict[str, Any]:
    """Return what was told by an event, without what the client adds: ids, times, itself.

    RudderStack's clients put the traits of an identify into its context.
    """
    told = next(t for t in TOLD if t["type"] == event["type"])
    found = {name: event.get(name) for name in told}
    for bag in ("traits", "properties"):
        if bag in told:
            bags = event.get(bag) or event["context"][bag]
            found[bag] = {name: bags.get(name) for name in told[bag]}
    return found


def check_all_told(
    gate: Gate, *, trusted: bool = True, source: str = "shop", missing: str = ""
) -> None:
    """Check that the calls, and nothing else, have come in, each with an id of its own.

    `missing` is a call that a client does not know.
    """
    records = gate.records()
    events = [event for record in records for event in kept(record)]
    told = [call for call in TOLD if call["type"] != missing]
    assert sorted(map(gist, events), key=str) == sorted(told, key=str)
    assert len({event["messageId"] for event in events}) == len(told)
    assert {(record["k"], record["s"], record["t"]) for record in records} == {
        ("events", source, trusted)
    }
    for record in records:
        assert ("sentAt" in record["b"]) or all("sentAt" in event for event in kept(record))
        assert all("timestamp" in e or "originalTimestamp" in e for e in kept(record))
