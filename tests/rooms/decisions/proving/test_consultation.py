"""A consultation as it is published: anybody finds what was changed in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.customers import commands as customers
from kfar.rooms.decisions import ledger, receipts
from kfar.rooms.decisions.consultations import closing, commands, publishing, queries, sealing
from kfar.rooms.decisions.consultations.commands import Speaker
from kfar.rooms.decisions.consultations.rules import State
from kfar.rooms.decisions.proving.checking import check, check_receipt
from kfar.rooms.decisions.proving.consultation import (
    published_words,
    read_votes,
    votes_text,
    words_of,
)
from kfar.rooms.decisions.proving.findings import Checked, Wrong
from kfar.rooms.decisions.proving.lines import ballot_line, withdrawn_line
from kfar.rooms.decisions.proving.receipt import Receipt
from kfar.rooms.decisions.proving.verify import main
from tests.clock import Clock
from tests.people import a_customer, an_employee
from tests.rooms.decisions.consultations.consulting import consult, vote

Files = dict[str, bytes]


def published(one: UUID) -> Files:
    texts = {
        "log.txt": "".join(f"{line}\n" for line in ledger.lines(one)),
        "heads.txt": "\n".join(ledger.notes(one)),
        "ballots.csv": "".join(f"{row}\n" for row in publishing.ballots(one)),
        "result.json": json.dumps(publishing.result(one)),
        "statements.csv": publishing.statements_csv(one),
    }
    return {name: text.encode() for name, text in texts.items()}


def checked(files: Files) -> Checked:
    return check(files.__getitem__)


def found(files: Files) -> list[tuple[str, str]]:
    return [(wrong.code, wrong.about) for wrong in checked(files).wrong]


def held(one: UUID, by: UUID) -> Receipt:
    receipt = queries.receipt(one, Speaker(by))
    assert receipt is not None
    return receipt


@pytest.mark.django_db
@pytest.mark.usefixtures("data_dir")
class TestPublished:
    """Anna and Borys vote on bread and on salt; sugar is taken out; it is closed."""

    @pytest.fixture
    def people(self) -> tuple[UUID, UUID]:
        return a_customer("Anna"), a_customer("Borys")

    @pytest.fixture
    def one(self, people: tuple[UUID, UUID], clock: Clock) -> UUID:
        anna, borys = people
        tomasz = an_employee("Tomasz", "brand")
        one = consult(tomasz, audience="link", moderation="after")
        vote(anna, one, 1, 1, -1)
        for text in ("Salt it.", "Sugar, too."):
            commands.say(by=Speaker(borys), consultation_id=one, text=text, language="en")
        vote(anna, one, 1, 1, 0, -1, 1)
        vote(None, one, -1)
        sugar = queries.statements(one)[-1]
        commands.take_out(by=tomasz, statement_id=sugar.id, reason="Not bread")
        clock.forward(days=7)
        closing.close_due()
        return one

    @pytest.fixture
    def files(self, one: UUID) -> Files:
        return published(one)

    def row(self, files: Files, receipt: Receipt) -> bytes:
        row = f"{receipt.tracker},{receipt.nonce},{receipt.ballot}\n".encode()
        assert row in files["ballots.csv"]
        return row

    def test_what_is_honest_agrees(self, files: Files, one: UUID) -> None:
        honest = checked(files)
        assert honest.wrong == []
        assert honest.result == {
            "people": 3,
            "votes": 6,
            "statements": {"1": [1, 0, 1], "2": [0, 0, 1], "3": [0, 1, 0], "4": [1, 0, 1]},
        }
        outcome = queries.outcome(one)
        assert outcome is not None
        assert honest.result["statements"] == {
            str(n): [*counted.everybody] for n, counted in outcome.counted.items()
        }
        assert honest.head is not None
        assert honest.head.size == 8  # three statement lines, three people, manifest, close

    def test_votes_as_polis_has_them_say_the_same(self, files: Files, one: UUID) -> None:
        rows = [row.split(",") for row in files["ballots.csv"].decode().splitlines()[1:]]
        said = {
            (int(who), *pair)
            for who, _, ballot in rows
            for pair in read_votes(ballot) or ()
            if pair[0] != 5
        }
        votes = "".join(publishing.votes_csv(one)).splitlines()[1:]
        assert {tuple(map(int, vote.split(","))) for vote in votes} == said

    def test_an_opinion_that_was_changed(
        self, files: Files, one: UUID, people: tuple[UUID, UUID]
    ) -> None:
        own = held(one, people[0])
        row = self.row(files, own)
        files["ballots.csv"] = files["ballots.csv"].replace(row, row.replace(b",1:1", b",1:-1"))
        assert found(files)[0] == ("changed", own.tracker)
        assert found(files)[-1] == ("other_result", "votes")

    def test_an_opinion_that_was_dropped(
        self, files: Files, one: UUID, people: tuple[UUID, UUID]
    ) -> None:
        own = held(one, people[1])
        files["ballots.csv"] = files["ballots.csv"].replace(self.row(files, own), b"")
        told = json.loads(files["result.json"])
        told |= {"people": 2, "votes": 5, "statements": told["statements"] | {"4": [1, 0, 0]}}
        files["result.json"] = json.dumps(told).encode()  # and out of the result, too
        assert found(files) == [("dropped", own.tracker)]

    def test_an_opinion_that_nobody_has(self, files: Files) -> None:
        files["ballots.csv"] += b"99999999999999999,nnnnnnnnnnnnnnnnnnnnnnn,1:1\n"
        assert found(files) == [("added", "99999999999999999")]

    def test_an_opinion_that_was_added_after_the_close(self, one: UUID) -> None:
        late = ballot_line("99999999999999999", "link", "a" * 64)
        ledger.append(one, [late])  # and signed by the company
        files = published(one)
        files["ballots.csv"] += b"99999999999999999,nnnnnnnnnnnnnnnnnnnnnnn,1:1\n"
        assert found(files) == [("after_close", "8"), ("added", "99999999999999999")]

    @pytest.mark.parametrize(
        ("before", "after", "code", "about"),
        [
            (b"Rye is best.", b"Rye is worst.", "statement_changed", "1"),
            (b"Salt it.", b"Salt it not.", "statement_changed", "4"),
            (b",en,Salt it.", b",pl,Salt it.", "statement_changed", "4"),
            (b"3,1,,en,Sell it warm.\n", b"", "statement_dropped", "3"),
            (b"3,1,,en", b"5,0,x,en,Sugar.\n3,1,,en", "statement_added", "5"),
            (b"nonce", b"none", "unreadable", "statements.csv"),
        ],
        ids=["seed", "said", "language", "dropped", "added", "unreadable"],
    )
    def test_a_statement_that_is_not_the_one(
        self, files: Files, before: bytes, after: bytes, code: str, about: str
    ) -> None:
        assert before in files["statements.csv"]
        files["statements.csv"] = files["statements.csv"].replace(before, after)
        assert found(files) == [(code, about)]

    def test_a_count_that_does_not_follow(self, files: Files) -> None:
        files["result.json"] = files["result.json"].replace(b'"people": 3', b'"people": 4')
        assert found(files) == [("other_result", "people")]

    def test_a_manifest_that_was_changed(self, files: Files) -> None:
        files["log.txt"] = files["log.txt"].replace(b"We bake it", b"We burn it")
        assert {code for code, _ in found(files)} == {"other_root", "longer"}

    @pytest.mark.parametrize("name", ["ballots.csv", "result.json", "statements.csv"])
    def test_a_file_that_is_missing(self, files: Files, name: str) -> None:
        files[name] = b"\xff"
        assert ("unreadable", name) in found(files)

    def test_words_of_who_was_erased_are_gone_and_all_else_agrees(
        self, one: UUID, people: tuple[UUID, UUID]
    ) -> None:
        commands.forget(customers=[people[1]])
        files = published(one)
        assert b"4,0,,,\n" in files["statements.csv"]
        assert found(files) == []

    def test_no_words_are_a_formula_for_a_spreadsheet_and_all_agree(
        self, people: tuple[UUID, UUID], clock: Clock
    ) -> None:
        one = consult(an_employee("Ewa", "brand"), audience="link", moderation="after")
        for text in ("=1+1", "'Quoted'"):
            commands.say(by=Speaker(people[0]), consultation_id=one, text=text, language="en")
        clock.forward(days=8)
        closing.close_due()
        files = published(one)
        assert b",en,'=1+1\n" in files["statements.csv"]
        assert b",en,''Quoted'\n" in files["statements.csv"]
        assert found(files) == []

    def test_receipts(self, files: Files, one: UUID, people: tuple[UUID, UUID]) -> None:
        honest = checked(files)
        for person in people:
            own = held(one, person)
            assert own.proof
            assert check_receipt(own, honest) == ("counted", "")
            assert receipts.standing(one, own.tracker, own).code == "counted"
        assert honest.wrong == []

    @pytest.mark.parametrize(
        ("forge", "code"),
        [
            (lambda r: replace(r, ballot="1:-1"), "receipt_forged"),
            (lambda r: replace(r, tracker="7"), "receipt_forged"),
            (lambda r: replace(r, proof=r.proof[1:]), "receipt_forged"),
            (lambda r: replace(r, log="kfar.example/log/2"), "receipt_other"),
        ],
        ids=["ballot", "tracker", "path", "log"],
    )
    def test_a_forged_receipt(
        self,
        files: Files,
        one: UUID,
        people: tuple[UUID, UUID],
        forge: Callable[[Receipt], Receipt],
        code: str,
    ) -> None:
        receipt, honest = forge(held(one, people[0])), checked(files)
        assert check_receipt(receipt, honest) == ("", "")
        assert honest.wrong == [Wrong(code)]
        assert receipts.standing(one, receipt.tracker, receipt).code == code

    def test_an_invented_receipt(self, files: Files, one: UUID) -> None:
        receipt, honest = receipts.bare(one, "7", "n" * 22, "1:1"), checked(files)
        check_receipt(receipt, honest)
        assert honest.wrong == [Wrong("receipt_missing")]
        assert receipts.standing(one, "7", receipt).code == "receipt_missing"

    def test_from_the_command_line(
        self,
        files: Files,
        one: UUID,
        people: tuple[UUID, UUID],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        receipt = tmp_path / "receipt.json"
        receipt.write_text(held(one, people[0]).text())
        assert main([str(tmp_path), "--receipt", str(receipt)]) == 0
        said = capsys.readouterr().out
        assert said.startswith("Bread\n")
        assert "counted  6 votes of 3 people on 4 statements\n" in said
        assert "groups   and common ground are not computed here\n" in said
        assert "receipt  your ballot is counted as you cast it\nAll agrees.\n" in said


@pytest.mark.django_db
@pytest.mark.usefixtures("data_dir")
class TestOnTheWay:
    """What the log says while a consultation is open."""

    def test_all_votes_of_a_visit_enter_together_and_replace_those_before(
        self, clock: Clock
    ) -> None:
        one, anna, borys = consult(an_employee("Tomasz", "brand")), a_customer(), a_customer("B")
        vote(anna, one, 1, 1)
        vote(borys, one, -1)
        early = held(one, anna)
        assert early.proof == ()
        clock.forward(seconds=599)
        assert sealing.seal_due() == 0
        clock.forward(seconds=1)
        assert (sealing.seal_due(), sealing.seal_due()) == (2, 0)
        own = held(one, anna)
        assert own.proof
        bounds = [line.split(" ")[3] for line in ledger.lines(one, 1)]
        assert bounds == sorted([own.commitment, held(one, borys).commitment])
        vote(anna, one, 1)  # the same again
        clock.forward(minutes=10)
        assert sealing.seal_due() == 0
        vote(anna, one, -1)
        assert held(one, anna).nonce != own.nonce
        clock.forward(minutes=10)
        assert sealing.seal_due() == 1
        assert receipts.standing(one, own.tracker, own).code == "replaced"
        assert receipts.standing(one, own.tracker).code == "waiting"
        clock.forward(days=7)
        closing.close_due()
        honest = checked(published(one))
        assert honest.wrong == []
        assert check_receipt(own, honest) == ("replaced", "")
        assert check_receipt(held(one, anna), honest) == ("counted", "")

    def test_the_nonce_is_the_browsers_where_it_makes_one(self) -> None:
        one, anna = consult(an_employee("Tomasz", "brand")), a_customer()
        commands.vote(by=Speaker(anna), consultation_id=one, number=1, vote=1, nonce="n" * 22)
        assert held(one, anna).nonce == "n" * 22

    def test_who_is_erased_leaves_and_so_do_their_words(self, clock: Clock) -> None:
        one = consult(an_employee("Tomasz", "brand"), moderation="after")
        anna, borys = a_customer(), a_customer("B")
        commands.say(by=Speaker(anna), consultation_id=one, text="Salt it.", language="en")
        vote(anna, one, 1)
        vote(borys, one, -1, 1, 1, 1)
        own = held(one, anna)
        commands.forget(customers=[anna])
        assert [line.split(" ")[0] for line in ledger.lines(one, 1)] == [
            *("statement", "ballot", "ballot", "out", "gone")
        ]
        assert receipts.standing(one, own.tracker).code == "gone"
        assert receipts.standing(one, own.tracker[:-1]).code == "receipt_missing"
        clock.forward(days=7)
        closing.close_due()
        honest = checked(published(one))
        assert (honest.wrong, honest.result["people"]) == ([], 1)
        assert list(honest.result["statements"]) == ["1", "2", "3"]
        assert check_receipt(own, honest) == ("gone", "")

    def test_who_turns_out_to_be_one_person_is_set_aside_once(self, clock: Clock) -> None:
        lead, one = an_employee("Dana", "lead"), consult(an_employee("Tomasz", "brand"))
        anna, ania = a_customer("Anna"), a_customer("Ania")
        vote(anna, one, 1, 1, 1)
        before = held(one, anna)
        clock.forward(minutes=1)
        vote(ania, one, -1, -1)
        customers.merge(by=lead, one=anna, other=ania)
        clock.forward(days=7)
        closing.close_due()
        honest = checked(published(one))
        assert (honest.wrong, honest.result["people"], honest.result["votes"]) == ([], 1, 2)
        assert check_receipt(before, honest) == ("aside", "same-person")
        assert receipts.standing(one, before.tracker, before).code == "aside"

    def test_a_statement_taken_out_and_let_in_again(self, clock: Clock) -> None:
        tomasz = an_employee("Tomasz", "brand")
        one, anna = consult(tomasz), a_customer()
        commands.say(by=Speaker(anna), consultation_id=one, text="Salt it.", language="en")
        assert list(ledger.lines(one, 1)) == []  # nobody is asked about it yet
        [said] = queries.statements(one, State.WAITING)
        for number, act in enumerate((commands.let_in, commands.take_out, commands.let_in), 1):
            why = {"reason": "No"} if act is commands.take_out else {}
            for _twice in range(2):
                act(by=tomasz, statement_id=said.id, **why)  # type: ignore[operator]
            assert ledger.size(one) == 1 + number
        first = queries.statements(one)[0]
        commands.take_out(by=tomasz, statement_id=first.id, reason="No")
        commands.let_in(by=tomasz, statement_id=first.id)
        clock.forward(days=7)
        closing.close_due()
        honest = checked(published(one))
        assert (honest.wrong, honest.result["people"]) == ([], 1)
        assert list(honest.result["statements"]) == ["1", "2", "3", "4"]

    def test_lines_that_no_consultation_has(self, clock: Clock) -> None:
        one = consult(an_employee("Tomasz", "brand"))
        lines = [
            withdrawn_line({"en": "No"}),
            *("out 9", "out 1 x", "statement 2 c", "statement 07 c", "statement x c", "votes 0"),
        ]
        ledger.append(one, lines)
        clock.forward(days=7)
        closing.close_due()
        wrong = [("unknown_line", str(n)) for n in range(1, 8)]
        assert found(published(one)) == wrong


@given(st.dictionaries(st.integers(0, 2**31), st.integers(-1, 1), min_size=1))
def test_votes_are_read_as_they_were_written(votes: dict[int, int]) -> None:
    assert read_votes(votes_text(votes)) == tuple(sorted(votes.items()))


@given(st.text() | st.text("=+-@'\t\r\na", max_size=3))
def test_published_words_are_no_formula_and_say_the_same(text: str) -> None:
    shown = published_words(text)
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert words_of(shown) == text


@pytest.mark.parametrize("text", ["", "1", "1:2", "2:1 1:1", "1:1 1:0", "-1:1", "1:+1", "1:1:1"])
def test_what_is_no_vote(text: str) -> None:
    assert read_votes(text) is None
