"""Signing what one server tells another, as Standard Webhooks 1.0 and GitHub do it."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac

#: For how many seconds before and after now a message is of now: who listens in replays it later.
TOLERANCE = 300
#: How a secret of Standard Webhooks begins.
PREFIX = "whsec_"


def secret_of(key: bytes) -> str:
    """Return a key as the secret that people copy."""
    return PREFIX + b64encode(key).decode()


def sign(secret: str, message_id: str, at: int, body: bytes) -> str:
    """Return the `webhook-signature` of a body sent at `at` (seconds since 1970)."""
    said = f"{message_id}.{at}.".encode() + body
    return "v1," + b64encode(hmac(_key(secret), said, sha256).digest()).decode()


def signed(
    secret: str, message_id: str, timestamp: str, signatures: str, body: bytes, *, now: float
) -> bool:
    """Return whether one of the signatures is ours, and the message is of now."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 16):
        return False
    if not message_id or abs(now - int(timestamp)) > TOLERANCE:
        return False
    ours = sign(secret, message_id, int(timestamp), body).encode()
    return any(compare_digest(one.encode(), ours) for one in signatures.split(" ")[:10])


def hub_signature(secret: str, body: bytes) -> str:
    """Return `X-Hub-Signature-256`, by which GitHub signs, and Jira under a shorter name."""
    return "sha256=" + hmac(secret.encode(), body, sha256).hexdigest()


def hub_signed(secret: str, signature: str, body: bytes) -> bool:
    """Return whether the signature is that of the body; takes as long whatever is wrong."""
    return compare_digest(signature.encode(), hub_signature(secret, body).encode())


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()
