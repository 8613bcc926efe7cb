"""The log of a change: what it says, and that anybody finds what was changed in it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from django.conf import settings

from kfar.rooms.decisions import changes, ledger, notices, receipts
from kfar.rooms.decisions.proving.change import Noticed, read_change, read_notices
from kfar.rooms.decisions.proving.checking import Source, check, check_receipt
from kfar.rooms.decisions.proving.findings import Wrong
from kfar.rooms.decisions.proving.heads import read_head, sign_head
from kfar.rooms.decisions.proving.merkle import Tree, leaf_hash
from kfar.rooms.decisions.proving.receipt import Receipt, read_receipt
from tests.changes import a_manager, an_account, announce, known, log
from tests.clock import Clock
from tests.people import a_customer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def published(change: UUID, **other: str) -> Source:
    texts = {
        "log.txt": "\n".join(log(change)) + "\n",
        "heads.txt": "\n".join(ledger.notes(change)),
    }
    return lambda name: (texts | other)[name].encode()


def test_anybody_checks_it_and_finds_what_was_changed(clock: Clock) -> None:
    anna = a_customer()
    acme = an_account("Acme", anna)
    change = announce(acme, veto="all")

    def say(word: str) -> None:
        changes.answer(by=anna, change_id=change, account_id=acme, answer=word, words="So")

    say("veto")
    clock.forward(days=10)
    say("approve")
    changes.withdraw(by=a_manager(), change_id=change, reason={"en": "No steel"})
    honest = check(published(change), key=ledger.public_key(change))
    assert honest.wrong == []
    assert honest.declared == known(change).manifest
    assert honest.head is not None
    assert honest.head.size == 5
    lines = log(change)
    for number, line, code in (
        (0, lines[0].replace("H-12", "H-13"), "other_root"),
        (1, lines[1].replace("answer", "lifted"), "unknown_line"),
        (2, lines[2].replace("2026", "2025"), "other_root"),
    ):
        changed = [*lines[:number], line, *lines[number + 1 :], ""]
        found = check(published(change, **{"log.txt": "\n".join(changed)}))
        assert code in {wrong.code for wrong in found.wrong}
    added = "\n".join([*lines, lines[1], ""])
    found = check(published(change, **{"log.txt": added}))
    assert {wrong.code for wrong in found.wrong} == {"after_withdrawal", "longer"}


def test_a_receipt_of_an_answer_leads_to_a_signed_head(clock: Clock) -> None:
    anna = a_customer()
    acme = an_account("Acme", anna)
    change = announce(acme)

    def say(word: str) -> Receipt:
        changes.answer(by=anna, change_id=change, account_id=acme, answer=word, words="So")
        [one] = known(change).asked
        found = notices.receipt(known(change), one)
        assert found is not None
        assert read_receipt(found.text()) == found
        assert found.proves(ledger.public_key(change)) is not None
        return found

    first = say("veto")
    assert (first.line.split(" ")[0], first.index) == ("answer", 1)
    clock.forward(days=10)
    last = say("approve")
    assert (last.line.split(" ")[0], last.index) == ("lifted", 3)
    honest = check(published(change))
    assert check_receipt(last, honest) == ("said", "")
    assert check_receipt(first, honest) == ("said_again", "")
    assert honest.wrong == []
    assert receipts.standing(change, last.tracker, last).code == "said"
    assert receipts.standing(change, first.tracker, first).code == "said_again"
    assert receipts.standing(change, "a" * 16).code == "receipt_missing"
    forged = replace(last, ballot=last.ballot.replace("approve", "veto"))
    assert check_receipt(forged, honest) == ("", "")
    assert honest.wrong == [Wrong("receipt_forged")]
    assert receipts.standing(change, forged.tracker, forged).code == "receipt_forged"

    # In a log that never heard it, signed by the company all the same, it is proof.
    other = dict(zip(("log.txt", "heads.txt"), _without(change, 3), strict=True))
    found = check(published(change, **other))
    assert found.wrong == []
    assert check_receipt(last, found) == ("", "")
    assert found.wrong == [Wrong("receipt_rewritten")]

    changes.withdraw(by=a_manager(), change_id=change, reason={"en": "No steel"})
    assert check_receipt(last, check(published(change))) == ("withdrawn", "")
    assert receipts.standing(change, last.tracker, last).code == "withdrawn"


def _without(change: UUID, number: int) -> tuple[str, str]:
    """The log of a change with another line in the place of one, and a head that is signed."""
    lines = log(change)
    lines[number] = lines[number][:-64] + "0" * 64
    read = read_head(ledger.note(change) or "")
    assert read is not None
    tree = Tree(leaf_hash(line.encode()) for line in lines)
    head, key = replace(read[0], root=tree.root()), ledger._key(settings.SECRET_KEY)
    note = sign_head(head, key.public_key().public_bytes_raw(), key.sign)
    return "\n".join([*lines, ""]), note


def test_lines_that_should_not_stand_there_are_named() -> None:
    change = announce(an_account("Acme", a_customer()))
    first = read_change(log(change)[0])
    own = first.asked[0].tracker
    lines = [
        f"lifted {own} c",
        "answer somebody c",
        f"reply {own} c",
        f"answer {own} c",
        "close t",
        f"answer {own} d",
        "close u",
        f"lifted {own} e",
        "withdrawn {}",
        f"reply {own} f",
    ]
    found = read_notices(first, lines)
    assert found == Noticed(
        answers={own: "e"},
        closed="t",
        withdrawn="{}",
        wrong=[
            *((n, "unknown_line") for n in (1, 2, 3, 6, 7)),
            (10, "after_withdrawal"),
        ],
    )


@pytest.mark.parametrize("line", ["x", "{}", '{"kfar":1,"kind":"question"}', "[]"])
def test_what_is_no_change_is_not_read(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_change(line)
