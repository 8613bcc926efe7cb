"""Names as they are kept: one form for each, whoever writes it."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.customers import names
from kfar.rooms.customers.names import NETWORKS, mailbox, named

KINDS = ["email", "phone", "anonymous", "shop", "whatsapp", "twitter", *NETWORKS]
WRITTEN = st.text() | st.sampled_from(
    [
        *("Anna@Bücher.example", "a.n+x@GMAIL.com", "@@", "a@", "İ@İ.example", "ß@x", "x" * 300),
        *("+48 22 123 45 67", "022 123-45-67", "https://wa.me/48221234567"),
        *("https://www.instagram.com/Anna.K/?hl=en", "fb.com/profile.php?id=7", "x.com/@@Anna"),
    ]
)


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("email", " Anna.K+shop@Village.Example\n", ("email", "anna.k+shop@village.example")),
        ("email", "anna@BÜCHER.example", ("email", "anna@xn--bcher-kva.example")),
        ("email", "Zoe\u0308@village.example", ("email", "zoë@village.example")),
        ("email", "anna@", None),
        ("email", "anna", None),
        ("email", "an na@village.example", None),
        ("email", "a" * 250 + "@b.pl", None),
        ("phone", "+48 (22) 123-45-67", ("phone", "+48221234567")),
        ("phone", "0048221234567", None),
        ("phone", "+4822123", None),
        ("phone", "call me", None),
        ("whatsapp", "https://wa.me/48221234567?text=hi", ("phone", "+48221234567")),
        ("whatsapp", "+48 22 123 45 67", ("phone", "+48221234567")),
        ("instagram", "@Anna.K", ("instagram", "anna.k")),
        ("instagram", "https://www.instagram.com/Anna.K/?hl=en", ("instagram", "anna.k")),
        ("facebook", "https://m.facebook.com/profile.php?id=718&ref=x", ("facebook", "718")),
        ("facebook", "facebook.com/anna.k", ("facebook", "anna.k")),
        ("twitter", "https://twitter.com/Anna", ("x", "anna")),
        ("tiktok", "https://www.tiktok.com/@Anna", ("tiktok", "anna")),
        ("x", "two words", None),
        ("shop", " 7 ", ("shop", "7")),
        ("shop", "A7", ("shop", "A7")),
        ("shop", " \x00", None),
        ("shop", "\ud83d", ("shop", "?")),
    ],
)
def test_a_name_is_kept_in_one_form(kind: str, written: str, kept: tuple[str, str] | None) -> None:
    assert named(kind, written) == kept


def test_a_number_without_plus_is_taken_where_a_country_is_set() -> None:
    assert named("phone", "22 123 45 67") is None
    assert named("phone", "22 123 45 67", "PL") == ("phone", "+48221234567")
    assert named("phone", "02-123-4567", "IL") == ("phone", "+97221234567")
    assert named("phone", "+48221234567", "IL") == ("phone", "+48221234567")


def test_a_name_too_long_to_keep_is_known_by_its_digest() -> None:
    digest = sha256(b"x" * 255).hexdigest()
    assert named("shop", "x" * 255) == named("shop", f" {'x' * 255} ") == ("shop", digest)
    assert named("shop", "x" * 256) != ("shop", digest)
    assert named("shop", "x" * 254) == ("shop", "x" * 254)


@given(st.sampled_from(KINDS), WRITTEN, st.sampled_from(["", "PL", "IL"]))
def test_what_is_kept_is_kept_as_it_is(kind: str, written: str, country: str) -> None:
    kept = named(kind, written, country)
    if kept is not None:
        assert named(*kept, country) == kept
        assert len(kept[1]) <= names.LONGEST


@given(st.sampled_from(["email", *NETWORKS]), WRITTEN)
def test_small_and_capital_letters_are_one_name(kind: str, written: str) -> None:
    kept = named(kind, written)
    if kept is not None and kept[1].isascii():
        assert named(kind, kept[1].upper()) == kept


@pytest.mark.parametrize(
    ("address", "box"),
    [
        ("A.N.Na+shop@googlemail.com", "anna@gmail.com"),
        ("anna+shop@outlook.com", "anna@outlook.com"),
        ("an.na@outlook.com", "an.na@outlook.com"),
        ("an.na+shop@village.example", "an.na+shop@village.example"),
        ("+shop@gmail.com", "+shop@gmail.com"),
        ("nobody", ""),
    ],
)
def test_a_mailbox_is_one_under_all_its_addresses(address: str, box: str) -> None:
    assert mailbox(address) == box
    assert mailbox(mailbox(address)) == box
