"""Secrets of channels as they are kept: sealed by this Kfar's own, since HMAC needs them whole.

Whoever reads the database alone, or a copy of it, reads none of them.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import blake2b

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from kfar.ground import tokens
from kfar.ground.errors import Refused


def seal(secret: str) -> str:
    """Return a secret as it is kept."""
    return Fernet(urlsafe_b64encode(_key())).encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the secret; refuses `voice.channel_sealed` where it was sealed by another Kfar."""
    try:
        return Fernet(urlsafe_b64encode(_key())).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Refused("voice.channel_sealed") from error


def mark(*parts: str) -> str:
    """Return the keyed hash by which what was heard is known again, and nobody found out."""
    return tokens.sealed(_key(), *parts)


def _key() -> bytes:
    return blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"kfar.channels").digest()
