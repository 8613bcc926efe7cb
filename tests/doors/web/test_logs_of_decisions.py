"""What is published of a decision can be fetched and verified, and receipts are looked up."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from kfar.ground.ballots import commitment
from kfar.rooms.decisions import closing, commands, ledger, receipts
from kfar.rooms.decisions.proving.bundle import bundle
from kfar.rooms.decisions.proving.checking import check, check_receipt
from kfar.rooms.decisions.proving.heads import WITNESS, cosign, read_head, verifier_key
from kfar.rooms.decisions.proving.merkle import consistent
from kfar.rooms.decisions.proving.receipt import Receipt
from tests.clock import Clock
from tests.people import a_customer, an_employee, ask

pytestmark = pytest.mark.django_db

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes_raw()
NAME = "witness.example"


def fetch(question: UUID, name: str) -> bytes:
    answer = Client().get(reverse("web:published", args=[question, name]))
    if answer.status_code == 404:
        raise FileNotFoundError(name)
    assert answer["Access-Control-Allow-Origin"] == "*"
    return b"".join(answer)


def voted(clock: Clock, close: bool = True) -> tuple[UUID, list[UUID]]:
    people = [a_customer(name) for name in ("Anna", "Borys", "Celina")]
    question = ask(
        an_employee("Tomasz", "brand"), method="irv", closes_at=clock.now + timedelta(hours=1)
    )
    for person, text in zip(people, ("1>0", "0", "1"), strict=True):
        commands.vote(by=person, question_id=question, text=text)
    clock.forward(minutes=1)
    closing.seal_due()
    if close:
        clock.forward(hours=1)
        closing.close_due()
    return question, people


def receipt(question: UUID, person: UUID) -> Receipt:
    found = receipts.receipt(question, person)
    assert found is not None
    return found


def test_what_is_published_is_right_and_so_is_every_receipt(clock: Clock) -> None:
    question, people = voted(clock)
    checked = check(lambda name: fetch(question, name))
    assert checked.wrong == []
    assert checked.result["winners"] == [1]
    assert checked.head is not None
    assert checked.head.size == 5
    for person in people:
        held = receipt(question, person)
        assert held.proof
        assert check_receipt(held, checked) == ("counted", "")
    assert fetch(question, "verify.py").decode() == bundle()


def test_until_the_close_nobody_sees_a_ballot(clock: Clock) -> None:
    question, people = voted(clock, close=False)
    for name in ("ballots.csv", "result.json", "secrets.txt"):
        with pytest.raises(FileNotFoundError):
            fetch(question, name)
    lines = fetch(question, "log.txt").decode().splitlines()
    assert [line.split(" ")[0] for line in lines[1:]] == ["ballot"] * 3
    checked = check(lambda name: fetch(question, name))
    assert [wrong.code for wrong in checked.wrong] == ["not_closed"]
    assert check_receipt(receipt(question, people[0]), checked) == ("waiting", "")


def test_what_does_not_exist_is_not_there(clock: Clock) -> None:
    with pytest.raises(FileNotFoundError):
        fetch(uuid4(), "log.txt")
    question, _ = voted(clock)
    assert Client().get(f"/log/{question}/consistency/0/6").status_code == 404
    assert Client().get(f"/log/{question}/consistency/3/2").status_code == 404


def test_a_witness_sees_that_the_log_goes_on_from_what_it_was(
    clock: Clock, settings: Settings
) -> None:
    settings.KFAR_WITNESSES = [verifier_key(NAME, WITNESS, PUBLIC)]
    question, _ = voted(clock)
    early, late = (read_head(ledger.note(question, size) or "") for size in (1, 5))
    assert early is not None
    assert late is not None
    said = Client().get(f"/log/{question}/consistency/1/5").content.decode()
    path = [b64decode(line) for line in said.splitlines()]
    assert consistent(1, early[0].root, 5, late[0].root, path)

    note = fetch(question, "checkpoint").decode()
    line = cosign(late[0], NAME, PUBLIC, KEY.sign, when=1_772_971_201)
    for _twice in range(2):
        answer = Client(enforce_csrf_checks=True).post(
            f"/log/{question}/cosign", note + line, content_type="text/plain"
        )
        assert answer.status_code == 204
    assert fetch(question, "checkpoint").decode() == note + line
    checked = check(lambda name: fetch(question, name))
    assert (checked.wrong, checked.seen) == ([], {NAME: (5, 1_772_971_201)})


def test_no_witness_but_those_declared_and_of_no_other_head(
    clock: Clock, settings: Settings
) -> None:
    settings.KFAR_WITNESSES = [verifier_key(NAME, WITNESS, PUBLIC)]
    question, _ = voted(clock)
    note = fetch(question, "checkpoint").decode()
    read = read_head(note)
    assert read is not None
    stranger = Ed25519PrivateKey.generate()
    raw = stranger.public_key().public_bytes_raw()
    lines = {
        "decisions.unknown_witness": note + cosign(read[0], NAME, raw, stranger.sign, when=1),
        "decisions.other_head": note.replace("\n5\n", "\n4\n"),
        "decisions.not_found": note.replace("\n5\n", "\n9\n"),
    }
    for code, body in lines.items():
        answer = Client().post(f"/log/{question}/cosign", body, content_type="text/plain")
        assert answer.content.decode() == f"{code}\n"
        assert answer.status_code == (404 if code.endswith("not_found") else 409)
    assert fetch(question, "checkpoint").decode() == note


class TestReceiptPage:
    def said(self, question: UUID, **posted: object) -> str:
        answer = Client().post(reverse("web:receipt", args=[question]), posted)
        assert answer.status_code == 200
        return answer.content.decode()

    def test_by_the_tracker_as_people_type_it(self, clock: Clock) -> None:
        question, people = voted(clock)
        tracker = receipt(question, people[0]).tracker
        typed = "-".join(tracker[n : n + 4] for n in range(0, 16, 4)).upper()
        said = self.said(question, receipt=f" {typed} ")
        assert "This ballot stands in the log and is counted." in said
        assert "B &gt; A" in said

    def test_before_the_close_it_does_not_say_what_was_voted(self, clock: Clock) -> None:
        question, people = voted(clock, close=False)
        said = self.said(question, receipt=receipt(question, people[0]).tracker)
        assert "This ballot has come in." in said
        assert "The ballot says" not in said

    def test_by_the_file_that_was_kept(self, clock: Clock) -> None:
        question, people = voted(clock, close=False)
        held = receipt(question, people[0])
        file = SimpleUploadedFile("receipt.json", held.text().encode())
        assert "This ballot has come in." in self.said(question, file=file)
        commands.vote(by=people[0], question_id=question, text="0")
        clock.forward(hours=1)
        closing.close_due()
        replaced = "This ballot was replaced by a later one of the same voter."
        assert replaced in self.said(question, receipt=held.text())
        said = json.loads(held.text()) | {"ballot": "0"}
        assert "does not agree with itself" in self.said(question, receipt=json.dumps(said))
        said |= {
            "commitment": commitment(held.question, held.tracker, held.nonce, "0"),
            "head": "",
        }
        assert replaced in self.said(question, receipt=json.dumps(said))

    def test_what_was_never_given(self, clock: Clock) -> None:
        question, _ = voted(clock)
        assert "Nothing stands under this tracker." in self.said(question, receipt="a" * 16)
        assert "This is no receipt." in self.said(question, receipt='{"kfar": 1}')
        other, _ = voted(clock)
        held = receipt(other, a_customer("Anna")).text()
        assert "This receipt is of another log." in self.said(question, receipt=held)
        assert Client().get(reverse("web:receipt", args=[uuid4()])).status_code == 404

    def test_who_was_erased(self, clock: Clock) -> None:
        question, people = voted(clock, close=False)
        tracker = receipt(question, people[0]).tracker
        commands.forget(customers=[people[0]])
        assert "asked to be erased" in self.said(question, receipt=tracker)
