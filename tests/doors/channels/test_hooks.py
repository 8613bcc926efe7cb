"""Webhooks are signed as Standard Webhooks says, by its own vectors and its own library."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from kfar.doors.channels import hooks
from kfar.ground.errors import Refused

#: The vector of the project's own tests (libraries/python/tests/test_webhooks.py, test_sign).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
AT = datetime.fromtimestamp(STAMP, UTC)
FIELDS = {"webhook-id": ID, "webhook-timestamp": str(STAMP), "webhook-signature": SIGNED}
#: Signatures that stand beside the right one in its tests (test_multi_sig_payload).
OTHERS = ["v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=",
          "v2,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="]  # fmt: skip


def why(fields: dict[str, str], body: bytes = BODY, now: datetime = AT) -> str:
    try:
        return f"taken: {hooks.check(fields, body, [SECRET], now=now)}"
    except Refused as refused:
        return refused.code


def test_a_signature_is_the_one_that_is_published() -> None:
    assert hooks.sign(SECRET, delivery=ID, at=AT, body=BODY) == FIELDS
    assert why(FIELDS) == f"taken: {ID}"
    bare = SECRET.removeprefix("whsec_")
    assert hooks.check(FIELDS, BODY, [bare], now=AT) == ID


def test_one_right_signature_among_others_is_enough() -> None:
    several = " ".join([*OTHERS, SIGNED, OTHERS[0]])
    assert why(FIELDS | {"webhook-signature": several}) == f"taken: {ID}"
    other = "whsec_" + b64encode(b"another secret of ours, 24+").decode()
    assert hooks.check(FIELDS, BODY, [other, SECRET], now=AT) == ID


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="},
        {"webhook-signature": SIGNED.replace("v1", "v2")},
        {"webhook-signature": SIGNED.removeprefix("v1,")},
        {"webhook-signature": "v1,שלום"},
        {"webhook-signature": " ".join([*OTHERS * 5, SIGNED])},  # beyond those looked at
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": str(STAMP + 1)},
    ],
    ids=["mark", "version", "bare", "letters", "many", "id", "time"],
)
def test_what_is_changed_is_forged(change: dict[str, str]) -> None:
    assert why(FIELDS | change) == "hooks.forged"


def test_another_body_or_secret_is_forged() -> None:
    assert why(FIELDS, BODY + b" ") == "hooks.forged"
    with pytest.raises(Refused, match=r"hooks\.forged"):
        hooks.check(FIELDS, BODY, [], now=AT)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", ["", None])
def test_without_a_field_it_is_not_signed(name: str, value: str | None) -> None:
    fields = {key: said for key, said in FIELDS.items() if key != name}
    assert why(fields if value is None else fields | {name: value}) == "hooks.unsigned"


@pytest.mark.parametrize("stamp", ["hello", "-1", "1e9", "٣", "1" * 13])
def test_a_time_that_is_none_is_not_signed(stamp: str) -> None:
    assert why(FIELDS | {"webhook-timestamp": stamp}) == "hooks.unsigned"


@pytest.mark.parametrize("seconds", [301, -301])
def test_five_minutes_are_the_most(seconds: int) -> None:
    assert why(FIELDS, now=AT + timedelta(seconds=seconds)) == "hooks.too_old"
    near = seconds - 1 if seconds > 0 else seconds + 1
    assert why(FIELDS, now=AT + timedelta(seconds=near)) == f"taken: {ID}"


@given(st.binary(min_size=1, max_size=64), st.text("abc_-1", min_size=1), st.text())
def test_the_library_of_the_standard_signs_alike(key: bytes, delivery: str, text: str) -> None:
    secret = "whsec_" + b64encode(key).decode()
    body = json.dumps({"text": text}).encode()
    said = Webhook(secret).sign(delivery, AT, body.decode())
    fields = hooks.sign(secret, delivery=delivery, at=AT, body=body)
    assert said == fields["webhook-signature"]
    assert b64decode(said.removeprefix("v1,"))


GOOD: dict[str, Any] = {
    "id": "1",
    "text": "The fridge is warm.",
    "author": {"id": "u7", "name": "Zosia", "email": "Zosia@Shop.example"},
    "at": "2026-11-22T10:00:00+02:00",
    "url": "https://shop.example/r/1",
    "thread": "t1",
}


def test_a_message_is_read() -> None:
    said = hooks.read(json.dumps(GOOD).encode())
    assert (said.id, said.text, said.author, said.name, said.thread) == (
        *("1", "The fridge is warm.", "u7", "Zosia", "t1"),
    )
    assert said.at == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert (said.address, said.url) == ("zosia@shop.example", "https://shop.example/r/1")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b"[" * 100_000, "body"),
        ({"id": 1}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 501}, "id"),
        ({"text": None}, "text"),
        ({"text": "x" * 100_001}, "text"),
        ({"author": "Zosia"}, "author"),
        ({"author": {"name": "Zosia"}}, "author.id"),
        ({"author": {"id": "1", "phone": "2"}}, "author.phone"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-11-22T10:00:00"}, "at"),
        ({"url": ["x"]}, "url"),
        ({"more": 1}, "more"),
    ],
)
def test_what_is_not_understood_says_where(body: Any, where: str) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(GOOD | body).encode()
    with pytest.raises(Refused) as refused:
        hooks.read(raw)
    assert (refused.value.code, refused.value.params["where"]) == ("hooks.not_understood", where)
    assert "Zosia" not in str(refused.value.params["why"])
