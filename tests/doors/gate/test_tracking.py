"""The tracking API: which requests are taken, which events of a batch, and what is kept."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kfar.doors.gate.events import DEEPEST, EVENT, KINDS
from kfar.doors.gate.refusals import Refusal
from kfar.doors.gate.tracking import REQUEST
from kfar.lake.intake.notice import Notice, key_sum, post
from tests.doors.gate.gates import KEY, NOTICE, OK, SECRET_KEY, SLOW_KEY, Gate, basic, opened, until

SEEN = {"type": "track", "event": "Seen", "userId": "u"}


def filled(size: int, event: dict[str, Any] | None = None) -> bytes:
    """Return an event in JSON of exactly so many bytes."""
    empty = {**(event or SEEN), "x": ""}
    return json.dumps({**empty, "x": "x" * (size - len(json.dumps(empty)))}).encode()


# --- paths ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/", "?a=b"], ids=["plain", "slash", "query"])
@pytest.mark.parametrize("path", [*KINDS, *(letter for letter, _ in KINDS.values())])
def test_each_call_has_two_paths(gate: Gate, path: str, slash: str) -> None:
    kind = next(kind for kind, (letter, _) in KINDS.items() if path in (kind, letter))
    event = {"userId": "u", "event": "e", "groupId": "g", "previousId": "p", "type": "whatever"}
    assert gate.post(f"/v1/{path}{slash}", event).said == OK
    [record] = gate.records()
    del record["r"], record["u"]
    assert record == {"k": "events", "s": "site", "t": False, "one": kind, "b": event}


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import/", "/beacon/v1/batch"])
def test_batches_have_several(gate: Gate, path: str) -> None:
    body = {"batch": [SEEN, {**SEEN, "event": "Again"}], "sentAt": "2026-11-22T10:00:00Z"}
    assert gate.post(path, body, key=SECRET_KEY).said == OK
    [record] = gate.records()
    received, name = record.pop("r"), record.pop("u")
    assert record == {"k": "events", "s": "shop", "t": True, "b": body}
    assert received > 1_700_000_000_000
    assert len(bytes.fromhex(name)) == 12


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("POST", "/v1/nothing", 404, "unknown_path"),
        ("POST", "/v1/", 404, "unknown_path"),
        ("POST", "/v1/track/more", 404, "unknown_path"),
        ("GET", "/v1/batch", 405, "wrong_method"),
        ("PUT", "/v1/track", 405, "wrong_method"),
        ("DELETE", "/v1/ballot", 405, "wrong_method"),
        ("POST", "/v1/projects/web-key/settings", 405, "wrong_method"),
        ("POST", "/v1/pixel/track", 405, "wrong_method"),
        ("POST", "/sourceConfig", 405, "wrong_method"),
    ],
)
def test_other_paths_and_methods_are_refused(
    gate: Gate, method: str, path: str, status: int, error: str
) -> None:
    answer = gate.ask(method, path, SEEN)
    assert (answer.status, answer.error) == (status, error)
    assert ("allow" in answer.headers) == (status == 405)
    assert gate.records() == []


def test_what_clients_tell_of_themselves_is_forgotten(gate: Gate) -> None:
    assert gate.post("/v1/m", b'{"series":[]}', key=None, Content_Type="text/plain").said == OK
    assert gate.records() == []


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"Authorization": basic(KEY)},
        {"authorization": "basic d2ViLWtleTo="},
        {"Authorization": "Basic d2ViLWtleQ=="},
        {"Authorization": "Bearer web-key"},
    ],
    ids=str,
)
def test_the_key_comes_in_a_header(gate: Gate, given: dict[str, str]) -> None:
    assert gate.post("/v1/track", SEEN, key=None, **given).status == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic !"}, {"Authorization": "X"}], ids=str
)
def test_or_in_the_body_or_the_query(gate: Gate, headers: dict[str, str]) -> None:
    one = {**SEEN, "writeKey": KEY}
    assert gate.post("/v1/track", one, key=None, **headers).status == 200
    many = {"batch": [SEEN], "writeKey": KEY}
    assert gate.post("/v1/batch", many, key=None, **headers).status == 200
    assert (
        gate.post("/v1/batch?writeKey=web-key", {"batch": [SEEN]}, key=None, **headers).status
        == 200
    )
    assert len(gate.events()) == 3


@pytest.mark.parametrize("written", [None, "", 5, ["web-key"], {"web-key": 1}, True], ids=str)
def test_without_a_key_nothing_is_taken(gate: Gate, written: Any) -> None:
    answer = gate.post("/v1/batch", {"batch": [SEEN], "writeKey": written}, key=None)
    assert (answer.status, answer.error) == (401, "no_key")
    assert gate.records() == []


def test_with_a_wrong_key_nothing_is_taken(gate: Gate) -> None:
    for key, body in (("nobody", SEEN), (None, {**SEEN, "writeKey": "\x00\ud800 כפר"})):
        answer = gate.post("/v1/track", body, key=key)
        assert (answer.status, answer.error) == (401, "unknown_key")
    # A key that is none does no harm beside one that is.
    assert gate.post("/v1/track", {**SEEN, "writeKey": KEY}, key="nobody").status == 200
    assert len(gate.records()) == 1


def test_a_key_that_is_revoked_opens_nothing_any_more(gate: Gate) -> None:
    def refused() -> bool | None:
        return gate.post("/v1/track", SEEN).status == 401 or None

    without = {name: key for name, key in NOTICE.keys.items() if name != key_sum(KEY)}
    post(Notice(keys=without, questions=NOTICE.questions, ballots=NOTICE.ballots), gate.data)
    try:
        until(refused)
    finally:
        post(NOTICE, gate.data)
    until(lambda: not refused() or None)


def test_a_key_sends_no_faster_than_it_may_and_a_batch_counts_as_its_events(gate: Gate) -> None:
    """Five a second: a batch of twenty is taken whole, and paid for before the next."""
    assert gate.post("/v1/batch", {"batch": [SEEN] * 20}, key=SLOW_KEY).status == 200
    answer = gate.post("/v1/track", SEEN, key=SLOW_KEY)
    assert (answer.status, answer.error, answer.headers["retry-after"]) == (429, "over_rate", "1")
    assert gate.post("/v1/track", SEEN).status == 200  # others are not held up
    assert len(gate.events()) == 21


# --- bodies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress], ids=["gzip", "zlib"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Encoding": "gzip"},
        {},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "text/plain", "Content-Encoding": "identity"},
    ],
    ids=str,
)
def test_what_is_packed_is_unpacked_whatever_it_is_called(
    gate: Gate, packed: Any, headers: dict[str, str]
) -> None:
    body = packed(json.dumps({"batch": [SEEN]}).encode())
    assert gate.post("/v1/batch", body, **headers).said == OK
    assert gate.events() == [SEEN]


def test_what_is_called_packed_and_is_not_is_taken_as_it_is(gate: Gate) -> None:
    assert gate.post("/v1/track", SEEN, Content_Encoding="gzip").said == OK
    assert gate.events() == [SEEN]


@pytest.mark.parametrize(
    "body",
    [b"\x1f\x8b", b"\x1f\x8bnonsense", gzip.compress(json.dumps(SEEN).encode())[:-9]],
    ids=["head", "nonsense", "cut"],
)
def test_what_can_not_be_unpacked_is_refused(gate: Gate, body: bytes) -> None:
    answer = gate.post("/v1/track", body)
    assert (answer.status, answer.error) == (400, "bad_gzip")


@pytest.mark.parametrize("megabytes", [1, 50])
def test_a_bomb_is_not_unpacked(gate: Gate, megabytes: int) -> None:
    packing = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packing.compress(b" " * (1 << 20)) for _ in range(megabytes)) + packing.flush()
    assert len(bomb) < 60_000
    answer = gate.post("/v1/batch", bomb)
    assert (answer.status, answer.error) == (413, "body_too_large")


@pytest.mark.parametrize("packed", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_request_has_500_kb(gate: Gate, packed: Any) -> None:
    def batch(size: int) -> bytes:
        events = b",".join([json.dumps(SEEN).encode()] * 9)
        return b'{"batch":[%b],"x":"%b"}' % (events, b"x" * (size - len(events) - 19))

    assert len(batch(REQUEST)) == REQUEST == 512_000
    assert gate.post("/v1/batch", packed(batch(REQUEST))).status == 200
    assert len(gate.events()) == 9
    answer = gate.post("/v1/batch", packed(batch(REQUEST + 1)))
    assert (answer.status, answer.error) == (413, "body_too_large")
    assert gate.records() == []


def test_an_event_has_32_kb(gate: Gate) -> None:
    assert gate.post("/v1/track", filled(EVENT)).status == 200
    answer = gate.post("/v1/track", filled(EVENT + 1))
    assert (answer.status, answer.error) == (413, "event_too_large")
    both = b'{"batch":[%b,%b]}' % (filled(EVENT), filled(EVENT + 1))
    assert gate.post("/v1/batch", both).said == OK
    one, many = gate.records()
    assert "x" not in one
    assert many["x"] == {"1": "event_too_large"}


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("/v1/track", b"", "not_json"),
        ("/v1/track", b"[]", "not_json"),
        ("/v1/track", b'"track"', "not_json"),
        ("/v1/track", b"event=Seen&userId=u", "not_json"),
        ("/v1/batch", b"{}", "not_json"),
        ("/v1/batch", b'{"batch":{}}', "not_json"),
        ("/v1/batch", b'{"batch":"x"}', "not_json"),
        ("/v1/batch", b'{"batch":null}', "not_json"),
        ("/v1/batch", json.dumps([SEEN]).encode(), "not_json"),
        ("/v1/track", b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        ("/v1/track", b'{"userId":"u","event":"e","x":' + b"[" * 9000, "too_deep"),
        ("/v1/track", b'{"userId":"u","event":"e","x":%b}' % (b"[" * 100 + b"]" * 100), "too_deep"),
        ("/v1/batch", b'{"batch":[],"x":%b1%b}' % (b"[" * 300, b"]" * 300), "too_deep"),
        ("/v1/batch", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "body_too_large"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_is_no_event_is_refused(gate: Gate, path: str, body: bytes, error: str) -> None:
    answer = gate.post(path, body)
    assert (answer.status, answer.error) == (413 if error == "body_too_large" else 400, error)
    assert answer.said["message"]
    assert gate.records() == []


def test_an_empty_batch_is_nothing(gate: Gate) -> None:
    assert gate.post("/v1/batch", {"batch": []}).said == OK
    assert gate.records() == []


# --- events --------------------------------------------------------------------------------------

WRONG: list[tuple[Any, Refusal]] = [
    (5, Refusal.NOT_AN_OBJECT),
    (None, Refusal.NOT_AN_OBJECT),
    ("track", Refusal.NOT_AN_OBJECT),
    ([SEEN], Refusal.NOT_AN_OBJECT),
    ({}, Refusal.UNKNOWN_TYPE),
    ({**SEEN, "type": "Track"}, Refusal.UNKNOWN_TYPE),
    ({**SEEN, "type": ["track"]}, Refusal.UNKNOWN_TYPE),
    ({"type": "track", "event": "Seen"}, Refusal.NOBODY),
    ({"type": "page", "userId": None, "anonymousId": ""}, Refusal.NOBODY),
    ({**SEEN, "userId": True}, Refusal.BAD_ID),
    ({**SEEN, "userId": ["u"]}, Refusal.BAD_ID),
    ({**SEEN, "userId": "u" * 255}, Refusal.BAD_ID),
    ({**SEEN, "anonymousId": {"id": 5}}, Refusal.BAD_ID),
    ({"type": "track", "userId": "u"}, Refusal.NO_EVENT_NAME),
    ({**SEEN, "event": ""}, Refusal.NO_EVENT_NAME),
    ({**SEEN, "event": None}, Refusal.NO_EVENT_NAME),
    ({**SEEN, "event": {"name": "Seen"}}, Refusal.NO_EVENT_NAME),
    ({"type": "group", "userId": "u"}, Refusal.NO_GROUP),
    ({"type": "group", "userId": "u", "groupId": ""}, Refusal.NO_GROUP),
    ({"type": "alias", "userId": "u"}, Refusal.NO_PREVIOUS),
]
RIGHT: list[dict[str, Any]] = [
    SEEN,
    {**SEEN, "userId": None, "anonymousId": "a"},
    {**SEEN, "userId": 5},
    {**SEEN, "userId": 0},
    {**SEEN, "userId": 2.5},
    {**SEEN, "userId": "כ" * 254},
    {**SEEN, "event": 7},
    {"type": "identify", "anonymousId": "a", "userId": ""},
    {"type": "page", "userId": "u"},
    {"type": "screen", "userId": "u", "name": None},
    {"type": "group", "userId": "u", "groupId": 0},
    {"type": "alias", "userId": "u", "previousId": "a", "anonymousId": None},
]


#: On its own path an event is of that path's kind.
WRONG_ALONE = [
    (event, why) for event, why in WRONG if why not in {Refusal.NOT_AN_OBJECT, Refusal.UNKNOWN_TYPE}
]


@pytest.mark.parametrize(("event", "why"), WRONG_ALONE, ids=lambda value: str(value)[:50])
def test_one_bad_event_is_refused(gate: Gate, event: Any, why: Refusal) -> None:
    answer = gate.post(f"/v1/{event['type']}", event)
    assert (answer.status, answer.error) == (400, why)
    assert gate.records() == []


def test_bad_events_of_a_batch_are_noted_and_the_others_kept(gate: Gate) -> None:
    """A 400 would make the client throw all of them away."""
    batch: list[Any] = []
    for n in range(max(len(WRONG), len(RIGHT))):
        batch += [RIGHT[n % len(RIGHT)], WRONG[n % len(WRONG)][0]]
    assert gate.post("/v1/batch", {"batch": batch}).said == OK
    [record] = gate.records()
    expected = {str(2 * n + 1): str(WRONG[n % len(WRONG)][1]) for n in range(len(batch) // 2)}
    assert record["x"] == expected
    assert record["b"] == {"batch": batch}


def test_an_event_that_is_too_deep_is_cut_out_of_its_batch(gate: Gate) -> None:
    """Whoever reads the record could not read it otherwise; the rest is as it was sent."""
    deepest = {**SEEN, "x": json.loads("[" * (DEEPEST - 1) + "]" * (DEEPEST - 1))}
    deeper = {**SEEN, "x": json.loads("[" * DEEPEST + "]" * DEEPEST)}
    body = {"sentAt": "now", "batch": [SEEN, deepest, deeper, SEEN], "context": {"a": {}}}
    assert gate.post("/v1/batch", body).said == OK
    [record] = gate.records()
    assert record["x"] == {"2": "too_deep"}
    assert record["b"] == {**body, "batch": [SEEN, deepest, None, SEEN]}


def test_all_is_counted(folder: Path) -> None:
    with opened(folder) as gate:
        _check_counts(gate)


def _check_counts(gate: Gate) -> None:
    before = gate.counted()
    gate.post("/v1/batch", {"batch": [SEEN, 5, SEEN, {}]})
    gate.post("/v1/track", SEEN)
    gate.post("/v1/track", {})

    def counted() -> bool | None:
        now = gate.counted()
        new = {name: now[name] - before.get(name, 0) for name in now}
        return {name: number for name, number in new.items() if number} == expected or None

    expected = {"requests": 3, "events": 3, "not_an_object": 1, "unknown_type": 1, "nobody": 1}
    until(counted)


# --- pages of other sites ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/t", "/v1/batch", "/v1/anything", "/v1/projects/x/settings"])
def test_a_page_of_any_site_may_ask_and_send(gate: Gate, path: str) -> None:
    answer = gate.ask(
        "OPTIONS", path, key=None, Origin="https://shop.example",
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="authorization,content-type,anonymousid",
    )  # fmt: skip
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert (
        answer.headers["access-control-allow-headers"] == "authorization,content-type,anonymousid"
    )
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("body", [json.dumps(SEEN).encode(), b"no json", b"x" * 600_000])
def test_a_page_may_read_every_answer(gate: Gate, body: bytes) -> None:
    answer = gate.post("/v1/t", body, Origin="https://shop.example")
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert gate.post("/v1/t", body).headers["access-control-allow-origin"] == "*"


# --- whatever is accepted can be read ------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
#: What others put into JSON, right or wrong.
ODD = st.sampled_from(
    [b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\udfff\\ud800", b"\\u0000", b"\x00", b"\x7f", b"\r\n",
     b"\n", "\u2028".encode(), "\u0085".encode(), b"\xef\xbb\xbf", b"\\", b'"', b"}", b",",
     b"1e999", b"-", b"NaN", b'"a":1,', b"[[[", b"\\n", "כפר😀".encode()]
)  # fmt: skip


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Draw a body: an event or a batch, written in one of the ways there are, then damaged."""
    event = {**draw(st.sampled_from(RIGHT)), "properties": draw(VALUES), "messageId": draw(VALUES)}
    whole: Any = event
    if draw(st.booleans()):
        whole = {"batch": [event, draw(VALUES), event], "sentAt": draw(VALUES)}
    text = json.dumps(
        whole,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, 0, 2])),
    )
    body = text.encode("utf-8", "surrogatepass")
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(body)))
        body = body[:place] + draw(ODD) + body[place + draw(st.integers(0, 2)) :]
    return gzip.compress(body) if draw(st.booleans()) else body


def test_whatever_is_accepted_is_one_line_that_everyone_reads(gate: Gate, tmp_path: Path) -> None:
    lines: list[bytes] = []
    statuses: set[int] = set()

    @settings(max_examples=400)
    @given(bodies(), st.sampled_from(["/v1/track", "/v1/batch", "/v1/identify"]))
    def send(body: bytes, path: str) -> None:
        status = gate.post(path, body).status
        new = gate.lines()
        assert (status, len(new)) in {(200, 1), (400, 0)}
        statuses.add(status)
        for line in new:
            assert line.endswith(b"\n")
            assert line.count(b"\n") == 1
            assert b"\r" not in line
            record = json.loads(line, parse_constant=pytest.fail)
            assert (record["k"], record["s"]) == ("events", "site")
        lines.extend(new)

    send()
    assert statuses == {200, 400}
    file = tmp_path / "records.ndjson"
    file.write_bytes(b"".join(lines))
    asked = "SELECT k, s, b FROM read_json(?, format='newline_delimited', columns={columns})"
    columns = "{k: 'VARCHAR', s: 'VARCHAR', b: 'JSON'}"
    with duckdb.connect() as engine:
        engine.execute(asked.replace("{columns}", columns), [str(file)])
        read = engine.fetchall()
        assert [(kind, source) for kind, source, _ in read] == [("events", "site")] * len(lines)
        engine.execute("SELECT count(*) FROM read_json_objects(?)", [str(file)])
        assert engine.fetchone() == (len(lines),)
