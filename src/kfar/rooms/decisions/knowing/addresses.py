"""What stands behind an address: one mailbox, a country, a block of phone numbers.

Addresses with "+" after RFC 5233 (2008), phone numbers after ITU-T E.164 (2010).
"""

from __future__ import annotations

import phonenumbers

from kfar.rooms.customers.names import EMAIL, PHONE, mailbox, phone

#: The last digits of a phone number that somebody who owns a block of numbers goes through.
BLOCK = 4


def identity(kind: str, value: str) -> str:
    """Return the one voter an address stands for, "" for none: stricter than the address kept.

    `("email", "A.Nna+1@gmail.com")` is `"email:anna@gmail.com"`. What follows "+" is taken off
    whoever the provider is: for who somebody is that would be a guess, for one voice it is safe.
    """
    if kind == PHONE:
        value = phone(value)
    elif kind == EMAIL:
        local, _, domain = mailbox(value).rpartition("@")
        value = f"{local.partition('+')[0] or local}@{domain}" if local else ""
    else:
        return ""
    return f"{kind}:{value}" if value else ""


def country(number: str) -> str:
    """Return the country of a phone number in E.164 (ISO 3166, "IL"); "" where it has none."""
    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ""
    return found or ""


def block(number: str) -> str:
    """Return the block of ten thousand numbers in which a phone number stands: "+97250234"."""
    return number[:-BLOCK]
