"""Trackers and new voters: what they are made of, exactly."""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from kfar.ground.tokens import new_voter, sealed, tracker

KEYS, QUESTIONS = st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16)


@given(KEYS, QUESTIONS, st.integers(0, 2**64 - 1))
def test_a_tracker_is_a_keyed_hash_in_base32(key: bytes, question: bytes, voter: int) -> None:
    signed = question + voter.to_bytes(8, "big")
    made = blake2b(signed, key=key, digest_size=10, person=b"kfar.tracker").digest()
    assert tracker(key, question, voter) == b32encode(made).decode().lower()


@given(KEYS, QUESTIONS, st.text(max_size=64))
def test_a_new_voter_is_above_all_that_have_rows(key: bytes, question: bytes, once: str) -> None:
    number = new_voter(key, question, once)
    assert 2**63 <= number < 2**64
    assert number == new_voter(key, question, once)
    assert number != new_voter(key, question, once + ".")


def test_what_is_sealed_keeps_its_parts_apart() -> None:
    key = b"k" * 32
    assert (
        len({sealed(key, "a", "b"), sealed(key, "ab"), sealed(key, "a b"), sealed(b"", "a")}) == 4
    )
