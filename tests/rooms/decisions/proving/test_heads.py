"""Heads as other logs write them, and signatures as the standard has them."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kfar.rooms.decisions.proving.ed25519 import signed
from kfar.rooms.decisions.proving.heads import (
    LOG,
    WITNESS,
    Head,
    cosign,
    read_head,
    read_key,
    seen_by,
    sign_head,
    signed_by_log,
    verifier_key,
)

# RFC 8032, 7.1: tests 1 to 3: secret key, public key, message, signature
PUBLISHED = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
HEAD = Head("kfar.example/questions/1", 3, bytes(32))


@pytest.mark.parametrize(("secret", "public", "message", "signature"), PUBLISHED)
def test_published_signatures_are_right(
    secret: str, public: str, message: str, signature: str
) -> None:
    key, said, mark = map(bytes.fromhex, (public, message, signature))
    made = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert made.sign(said) == mark
    assert signed(key, said, mark)
    assert not signed(key, said + b"!", mark)
    assert not signed(key, said, mark[:-1])


@settings(max_examples=20)
@given(st.binary(max_size=100), st.integers(0, 511))
def test_a_signature_with_one_bit_turned_is_wrong(message: bytes, bit: int) -> None:
    mark = KEY.sign(message)
    assert signed(PUBLIC, message, mark)
    turned = bytearray(mark)
    turned[bit // 8] ^= 1 << bit % 8
    assert not signed(PUBLIC, message, bytes(turned))


def test_a_head_says_which_log_how_long_and_the_root() -> None:
    note = sign_head(HEAD, PUBLIC, KEY.sign)
    text, _, line = note.partition("\n\n")
    assert text == "kfar.example/questions/1\n3\n" + "A" * 43 + "="
    assert line.startswith("— kfar.example/questions/1 ")
    found = read_head(note)
    assert found is not None
    head, marks = found
    assert head == HEAD
    assert signed_by_log(head, marks, PUBLIC)
    assert not signed_by_log(Head(head.origin, 4, head.root), marks, PUBLIC)
    assert not signed_by_log(head, marks, bytes(32))


def test_the_example_of_the_specification_is_read() -> None:
    # c2sp.org/tlog-cosignature
    found = read_head(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
        "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJN"
        "iIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    assert found is not None
    head, marks = found
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    assert [mark.name for mark in marks] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    assert int.from_bytes(marks[1].raw[:8], "big") == 1679315147


def test_a_witness_says_when_it_saw_a_head() -> None:
    witness = Ed25519PrivateKey.generate()
    public = witness.public_key().public_bytes_raw()
    line = cosign(HEAD, "witness.example", public, witness.sign, when=1679315147)
    found = read_head(sign_head(HEAD, PUBLIC, KEY.sign) + line)
    assert found is not None
    head, marks = found
    assert signed_by_log(head, marks, PUBLIC)
    assert seen_by(head, marks, "witness.example", public) == 1679315147
    assert seen_by(head, marks, "witness.example", PUBLIC) is None
    assert seen_by(Head(HEAD.origin, 4, HEAD.root), marks, "witness.example", public) is None


def test_keys_are_handed_around_as_text() -> None:
    text = verifier_key("kfar.example", LOG, PUBLIC)
    assert read_key(text) == ("kfar.example", LOG, PUBLIC)
    assert read_key(text.replace("example", "exomple")) is None
    assert read_key("kfar.example") is None
    # c2sp.org/signed-note: the Go checksum database's
    known = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert read_key(known) is not None
    assert verifier_key(*(read_key(known) or ("", LOG, b""))) == known
    assert read_key(verifier_key("w", WITNESS, PUBLIC)) == ("w", WITNESS, PUBLIC)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a\n1\n\n",
        "a\n01\n" + "A" * 43 + "=\n\n",
        "a\n+1\n" + "A" * 43 + "=\n\n",
        "a\n1\n" + "A" * 43 + "=\n",
        "a\n1\nAAAA\n\n",
        "a\n1\n" + "A" * 43 + "=\n\nno signature\n",
    ],
    ids=["nothing", "no-root", "zero-before", "plus", "no-gap", "short-root", "no-signature"],
)
def test_what_is_no_head_is_not_read(note: str) -> None:
    assert read_head(note) is None
