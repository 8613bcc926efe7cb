"""What is checked in one go says the same as what is checked step by step."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kfar.doors.gate import events
from kfar.doors.gate.events import DEEPEST, EVENT, KINDS, SOUND, all_fit, is_deep, refused
from kfar.doors.gate.refusals import Refusal
from kfar.doors.gate.tracking import clean

#: What may stand where an id or a name belongs.
ANY_ID = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "u", "0", "x" * 254, "x" * 255, "כפר" * 84, "כפר" * 85]),
    st.just([]),
    st.just({"a": 1}),
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*KINDS, "Track", "merge", "", None, 5]),
        "userId": ANY_ID,
        "anonymousId": ANY_ID,
        "previousId": ANY_ID,
        "groupId": ANY_ID,
        "event": ANY_ID,
        "writeKey": ANY_ID,
        "properties": st.just({"a": [1, {"b": None}]}),
    },
)


def slowly(event: dict[str, Any], kind: Any) -> Refusal | None:
    return refused(events.loose(json.dumps(event).encode()), kind)


@settings(max_examples=500)
@given(EVENTS, st.sampled_from([*KINDS]))
def test_one_event_in_one_go_is_as_step_by_step(event: dict[str, Any], kind: str) -> None:
    """On its own path an event's type is the path's, whatever it says."""
    try:
        sound = SOUND[kind](json.dumps(event).encode())
    except msgspec.DecodeError:
        return
    if sound.user_id or sound.anonymous_id:
        assert slowly(event, kind) is None


@settings(max_examples=500)
@given(st.lists(EVENTS, max_size=3))
def test_a_batch_in_one_go_is_as_step_by_step(batch: list[dict[str, Any]]) -> None:
    body = json.dumps({"batch": batch}).encode()
    try:
        sound = SOUND["batch"](body).batch
    except msgspec.DecodeError:
        return
    if all(event.user_id or event.anonymous_id for event in sound):
        assert {slowly(event, event["type"]) for event in batch} <= {None}


def nested(depth: int, opener: str = "[", closer: str = "]") -> bytes:
    return (opener * depth + "1" + closer * depth).encode()


def deep(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(deep, value.values()), default=0)
    return 1 + max(map(deep, value), default=0) if isinstance(value, list) else 0


@pytest.mark.parametrize(("opener", "closer"), [("[", "]"), ('{"a":', "}"), ('[{},{"[":', "}]")])
def test_depth_is_counted_exactly(opener: str, closer: str) -> None:
    each = deep(json.loads(nested(1, opener, closer)))
    for depth in (1, DEEPEST // each, DEEPEST // each + 1, 5 * DEEPEST):
        assert is_deep(nested(depth, opener, closer)) == (depth * each > DEEPEST)


@settings(max_examples=300)
@given(
    st.recursive(
        st.text('[]{}\\"ab', max_size=4) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text('[{\\"', max_size=2), inner)
        ),
        max_leaves=30,
    ),
    st.integers(0, 6),
)
def test_depth_is_what_it_is(value: Any, limit: int) -> None:
    """Brackets in texts are letters."""
    assert is_deep(json.dumps(value).encode(), limit) == (deep(value) > limit)


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([1, 3, 40, 98, 99, 100, 101, 150]), min_size=1, max_size=30),
    st.sampled_from([0, 1, 60, 97, 98, 99, 100, 101, 200]),
    st.sampled_from([1, 400, EVENT - 200, EVENT]),
    st.sampled_from([(", ", ": "), (",", ":")]),
)
@example([40] * 100, 0, 400, (",", ":"))
@example([3] * 100, 101, 400, (",", ":"))
def test_a_batch_fits_only_if_everything_in_it_does(
    depths: list[int], around: int, size: int, separators: tuple[str, str]
) -> None:
    batch = [{"a": json.loads(nested(depth - 1))} for depth in depths]
    batch[0]["b"] = "x" * size
    whole = {"batch": batch, "context": json.loads(nested(around))}
    body = json.dumps(whole, separators=separators).encode()
    longest = max(len(json.dumps(event, separators=separators)) for event in batch)
    if all_fit(body, len(batch)):
        assert max(map(deep, batch)) <= DEEPEST
        assert deep(whole) <= DEEPEST + 2
        assert longest <= EVENT


def test_usual_batches_are_not_doubted() -> None:
    """Or every batch would be checked step by step."""
    event = {"type": "track", "context": {"page": {}}, "properties": {"tags": [], "more": {}}}
    for events_ in (1, 20, 100, 500):
        whole = {"batch": [event] * events_, "sentAt": "2026-11-22T10:00:00Z", "writeKey": "k" * 20}
        assert all_fit(json.dumps(whole).encode(), events_)
        assert all_fit(json.dumps(whole, separators=(",", ":")).encode(), events_)


# --- JSON that others write ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b'{"a":NaN,"b":[Infinity,-Infinity]}', {"a": None, "b": [None, None]}),
        (b'{"a":NaN,"b":1e999,"c":1.5,"d":-1e-999}', {"a": None, "b": None, "c": 1.5, "d": -0.0}),
        (b'{"a":"\\ud800"}', {"a": "�"}),
        (b'{"\\udc00":"\\ud83d\\ude00 \\ud83d"}', {"�": "😀 �"}),
        (b'{"a":"\xff\xfe"}', {"a": "��"}),
        (b'{"a":"\xed\xa0\x80"}', {"a": "���"}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a":"\xd7\x9b"}', {"a": "כ"}),
        (b'{"a":1,"a":2,"b":NaN}', {"a": 2, "b": None}),
        (b'{"a":12345678901234567890123,"b":NaN}', {"a": 12345678901234567890123, "b": None}),
    ],
    ids=str,
)
def test_what_is_nearly_json_is_mended(sent: bytes, kept: dict[str, Any]) -> None:
    body, _ = clean(sent, events.loose)
    assert json.loads(body) == kept
    assert b"\n" not in body


@pytest.mark.parametrize(
    "sent",
    [b"", b" ", b"[]", b'"a"', b"5", b"null", b"true", b"NaN", b"{", b'{"a":1}}', b'{"a":1,}',
     b"{'a':1}", b'{"a":\x01}', b'{"a":"\x01"}', b'{"a":01}', b"\xff", '{"a":1}'.encode("utf-16"),
     b"a=1&b=2", b"1" * 5000],
    ids=str,
)  # fmt: skip
def test_what_is_no_object_in_json_is_not(sent: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever
        clean(sent, events.loose)
