"""The log of a change: what it says, and that anybody finds what was changed in it."""

from __future__ import annotations

from uuid import UUID

import pytest

from kfar.rooms.decisions import changes, ledger
from kfar.rooms.decisions.proving.change import Noticed, read_change, read_notices
from kfar.rooms.decisions.proving.verify import Source, check
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
    assert honest.change == known(change).manifest
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
