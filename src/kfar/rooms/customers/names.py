"""Names people go by, as they are kept: each kind in one form, so that the same name is found.

E-mail addresses after RFC 6532 (2012), their domains as they stand on the wire (UTS #46); phone
numbers after ITU-T E.164 (2010); the names of social networks as they stand in a profile's
address. What a source calls people is kept as it says it. Text in, text out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from unicodedata import normalize
from urllib.parse import unquote

import idna
import phonenumbers

EMAIL, PHONE, ANONYMOUS, SHARED = "email", "phone", "anonymous", "shared"
#: Where a network's profiles stand.
NETWORKS = {
    "facebook": ("facebook.com", "fb.com"),
    "instagram": ("instagram.com",),
    "tiktok": ("tiktok.com",),
    "x": ("x.com", "twitter.com"),
}
#: Names by which a person can be reached, the surest first.
ADDRESSES = (EMAIL, PHONE, *NETWORKS)
#: Before the kind of an address that only a page told, which no letter goes to.
TOLD = "told-"
#: No source may be called so.
RESERVED = frozenset(
    {*ADDRESSES, *(TOLD + kind for kind in ADDRESSES), ANONYMOUS, SHARED, "whatsapp", "twitter"}
)
#: The longest name that is kept as it is, in characters.
LONGEST = 254

#: Who takes `anna+shop@` for `anna@`; Gmail takes `a.nna@` for it too.
GMAIL = {"gmail.com", "googlemail.com"}
PLUS = GMAIL | {
    "fastmail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "me.com",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
}

_WA = re.compile(r"(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?(\d+).*", re.I)


@lru_cache(maxsize=100_000)
def named(kind: str, value: str, country: str = "") -> tuple[str, str] | None:
    """Return kind and value as they are kept; None where it names nobody ("anna@", "12").

    `country` (ISO 3166, two letters) is where phone numbers without "+" belong; without it
    they are not taken. A WhatsApp name is a phone number, a Twitter name one of X. Any other
    kind than an address is an id: trimmed, and its SHA-256 where it is too long to keep.
    """
    value = value.replace("\x00", "").strip()
    if not value.isascii():  # half a letter, as "\\ud83d" in JSON, cannot be kept
        value = value.encode("utf-8", "replace").decode()
    if kind == "whatsapp":
        found = _WA.fullmatch(value)
        kind, value = PHONE, f"+{found[1]}" if found else value
    elif kind == "twitter":
        kind = "x"
    if kind == EMAIL:
        value = email(value)
    elif kind == PHONE:
        value = phone(value, country)
    elif kind in NETWORKS:
        value = profile(kind, value)
    elif len(value) > LONGEST:
        value = sha256(value.encode()).hexdigest()
    return (kind, value) if value else None


def email(value: str) -> str:
    """Return an address in small letters, its domain as it stands on the wire; "" for none.

    Dots and what follows "+" stay: they are part of who it is (`mailbox` takes them off).
    """
    value = _settled(value.strip(), lambda text: normalize("NFC", text).lower())
    local, _, domain = value.rpartition("@")
    if not local or not domain or re.search(r"[\s,;<>]", value):
        return ""
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            return ""
    found = f"{local}@{domain}"
    return found if len(found) <= LONGEST else ""


def mailbox(value: str) -> str:
    """Return the mailbox an address delivers to, where its provider's rule is known.

    `"A.Nna+shop@googlemail.com"` delivers to `"anna@gmail.com"`. For limits, not for who it is.
    """
    local, _, domain = email(value).rpartition("@")
    if domain in PLUS:
        local = local.partition("+")[0] or local
    if domain in GMAIL:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}" if local else ""


def phone(value: str, country: str = "") -> str:
    """Return a valid number as "+48221234567" (E.164), "" for any other text."""
    try:
        found = phonenumbers.parse(value.strip(), country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(found):
        return ""
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def profile(network: str, value: str) -> str:
    """Return a profile's name in small letters, without "@" or its address; "" for none."""
    hosts = "|".join(re.escape(host) for host in NETWORKS[network])
    value = value.strip()
    found = re.fullmatch(rf"(?i)(?:https?://)?(?:[a-z]+\.)?(?:{hosts})/(.*)", value)
    if found:
        numbered = re.fullmatch(r"(?i)profile\.php\?(?:.*&)?id=(\d+).*", found[1])
        value = numbered[1] if numbered else unquote(re.split(r"[/?#]", found[1])[0])
    value = _settled(value, lambda text: normalize("NFKC", text).casefold().strip().lstrip("@"))
    return "" if re.search(r"[\s/?#@:\x00]", value) or len(value) > LONGEST else value


def _settled(value: str, step: Callable[[str], str]) -> str:
    """Return what `step` leaves as it is: a few letters need it twice."""
    while (again := step(value)) != value:
        value = again
    return value
