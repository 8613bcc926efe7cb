"""Signatures of webhooks, with the vectors that their makers publish."""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.webhooks import TOLERANCE, hub_signature, hub_signed, secret_of, sign, signed

#: standard-webhooks/standard-webhooks, libraries/python/tests/test_webhooks.py.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_standard_webhooks_own_vector() -> None:
    assert sign(SECRET, MESSAGE, AT, BODY) == SIGNATURE
    assert secret_of(b64decode(SECRET.removeprefix("whsec_"))) == SECRET


def test_githubs_own_vector() -> None:
    """docs.github.com, Validating webhook deliveries."""
    secret, body = "It's a Secret to Everybody", b"Hello, World!"
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert hub_signature(secret, body) == expected
    assert hub_signed(secret, expected, body)
    assert not hub_signed(secret, expected, body + b"!")
    assert not hub_signed(secret, "", body)


@pytest.mark.parametrize(
    ("message", "stamp", "signatures", "late", "believed"),
    [
        (MESSAGE, str(AT), SIGNATURE, 0, True),
        (MESSAGE, str(AT), f"v1,AAAA v2,{SIGNATURE[3:]} {SIGNATURE}", 0, True),
        (MESSAGE, str(AT), SIGNATURE, TOLERANCE, True),
        (MESSAGE, str(AT), SIGNATURE, TOLERANCE + 1, False),
        (MESSAGE, str(AT), SIGNATURE, -TOLERANCE - 1, False),
        (MESSAGE, str(AT + 1), SIGNATURE, 0, False),
        ("msg_other", str(AT), SIGNATURE, 0, False),
        ("", str(AT), SIGNATURE, 0, False),
        (MESSAGE, "", SIGNATURE, 0, False),
        (MESSAGE, "²", SIGNATURE, 0, False),
        (MESSAGE, "9" * 400, SIGNATURE, 0, False),
        (MESSAGE, str(AT), "", 0, False),
        (MESSAGE, str(AT), "v1,ü", 0, False),
    ],
)
def test_what_is_forged_or_old_is_not_believed(
    message: str, stamp: str, signatures: str, late: int, believed: bool
) -> None:
    assert signed(SECRET, message, stamp, signatures, BODY, now=AT + late) is believed


@given(st.binary(min_size=24, max_size=64), st.binary(max_size=200), st.integers(0, 2**33))
def test_what_is_signed_is_believed_and_nothing_else_is(key: bytes, body: bytes, at: int) -> None:
    said = sign(secret_of(key), "id", at, body)
    assert signed(secret_of(key), "id", str(at), said, body, now=at)
    assert not signed(secret_of(key + b"x"), "id", str(at), said, body, now=at)
    assert not signed(secret_of(key), "id", str(at), said, body + b"x", now=at)
