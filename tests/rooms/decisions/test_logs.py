"""What the log of a question says, and when."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from kfar.ground.ballots import commitment
from kfar.ground.tokens import tracker
from kfar.rooms.customers import commands as customers
from kfar.rooms.decisions import closing, commands, ledger, queries, receipts, rules
from kfar.rooms.decisions.facts import Withdrawn
from kfar.rooms.decisions.models import Ballot, Question
from kfar.rooms.decisions.proving.heads import Head, read_head, read_key, signed_by_log
from kfar.rooms.decisions.proving.lines import read_log
from kfar.rooms.decisions.proving.manifest import read_manifest
from kfar.rooms.decisions.proving.merkle import (
    Tree,
    consistent,
    inclusion_proof,
    leaf_hash,
    root_by_inclusion,
)
from tests.clock import Clock
from tests.people import NONCE, a_customer, an_employee, announced, ask, outcome, refuses

pytestmark = pytest.mark.django_db


def asker() -> UUID:
    return an_employee("Tomasz", "brand")


def known(question: UUID, customer: UUID) -> str:
    """The tracker of a customer's ballot."""
    voter = queries.voter(question, customer)
    assert voter is not None
    return tracker(queries.ballot_key(), question.bytes, rules.unsigned(voter))


def after_the_manifest(question: UUID) -> list[str]:
    return list(ledger.lines(question, 1))


def test_the_manifest_is_the_first_line_and_signed_before_anybody_can_answer(clock: Clock) -> None:
    a_customer()
    closes = clock.now + timedelta(days=2)
    question = ask(
        asker(), method="approval", closes_at=closes, pledges={1: {"en": "We grow B"}}, quorum=1
    )
    [line] = ledger.lines(question)
    assert line == Question.objects.get().manifest
    manifest = read_manifest(line)
    assert manifest.line() == line
    assert manifest.log == f"127.0.0.1:8000/log/{question}"
    assert (manifest.question, manifest.quorum) == (str(question), 1)
    assert (manifest.opens, manifest.closes) == (queries.utc(clock.now), queries.utc(closes))
    assert [(p.option, p.text) for p in manifest.pledges] == [
        (None, {"en": "We grow them"}),
        (1, {"en": "We grow B"}),
    ]
    assert len(manifest.rule.lot) == 32
    found = read_head(ledger.note(question) or "")
    assert found is not None
    head, marks = found
    assert (head.origin, head.size, head.root) == (manifest.log, 1, leaf_hash(line.encode()))
    name, _, public = read_key(manifest.key) or ("", b"", b"")
    assert name == manifest.log
    assert signed_by_log(head, marks, public)


def test_a_log_keeps_its_name_when_the_company_moves(clock: Clock, settings: Settings) -> None:
    anna = a_customer()
    question = ask(asker(), closes_at=clock.now + timedelta(hours=1))
    settings.KFAR_URL = "https://elsewhere.example"
    commands.vote(by=anna, question_id=question, text="1")
    clock.forward(hours=1)
    closing.close_due()
    begun = Question.objects.get().declared.log
    assert [note.partition("\n")[0] for note in ledger.notes(question)] == [begun] * 3
    held = receipts.receipt(question, anna)
    assert held is not None
    assert held.log == begun


class TestSealing:
    def test_ballots_wait_for_one_another_and_enter_without_their_order(self, clock: Clock) -> None:
        people = [a_customer(f"Anna{n}") for n in range(closing.TOGETHER)]
        question = ask(asker())
        cast = [commands.vote(by=p, question_id=question, text="0") for p in people[:-1]]
        assert (closing.seal_due(), after_the_manifest(question)) == (0, [])
        cast.append(commands.vote(by=people[-1], question_id=question, text="1"))
        assert (closing.seal_due(), closing.seal_due()) == (len(people), 0)
        lines = after_the_manifest(question)
        assert [line.split()[3] for line in lines] == sorted(each.commitment for each in cast)
        assert set(lines) == {f"ballot {c.tracker} email {c.commitment}" for c in cast}
        assert set(Ballot.objects.values_list("sealed", flat=True)) == {len(people) + 1}

    def test_one_alone_waits_a_minute(self, clock: Clock) -> None:
        anna = a_customer()
        question = ask(asker())
        mine = commands.vote(by=anna, question_id=question, text="1", nonce=NONCE)
        assert mine.tracker == known(question, anna)
        assert mine.commitment == commitment(str(question), mine.tracker, NONCE, "1")
        clock.forward(seconds=59)
        assert closing.seal_due() == 0
        clock.forward(seconds=1)
        assert closing.seal_due() == 1
        assert after_the_manifest(question) == [f"ballot {mine.tracker} email {mine.commitment}"]

    def test_a_ballot_changed_has_a_new_line_and_one_sent_again_has_none(
        self, clock: Clock
    ) -> None:
        anna = a_customer()
        question = ask(asker())
        for text in ("1", "1", "0"):
            commands.vote(by=anna, question_id=question, text=text, nonce=NONCE)
            clock.forward(minutes=1)
            closing.seal_due()
        name = known(question, anna)
        assert after_the_manifest(question) == [
            f"ballot {name} email {commitment(str(question), name, NONCE, text)}" for text in "10"
        ]


class TestClosing:
    def test_all_that_waits_enters_and_then_the_log_is_closed(self, clock: Clock) -> None:
        anna = a_customer()
        question = ask(asker(), closes_at=clock.now + timedelta(hours=1))
        mine = commands.vote(by=anna, question_id=question, text="1")
        clock.forward(hours=1)
        closing.close_due()
        assert after_the_manifest(question) == [
            f"ballot {mine.tracker} email {mine.commitment}",
            f"close {queries.utc(clock.now)}",
        ]

    def test_a_ballot_of_somebody_who_voted_later_under_another_name_is_set_aside(
        self, clock: Clock
    ) -> None:
        anna, hania, ewa = a_customer("Anna"), a_customer("Hania"), an_employee("Ewa", "lead")
        question = ask(asker(), closes_at=clock.now + timedelta(hours=1))
        commands.vote(by=anna, question_id=question, text="1")
        clock.forward(minutes=1)
        commands.vote(by=hania, question_id=question, text="0")
        customers.merge(by=ewa, one=anna, other=hania)
        clock.forward(hours=1)
        closing.close_due()
        assert outcome(question) == ((1, 0), (0,), 1)
        found = read_log(after_the_manifest(question))
        assert found.aside == {known(question, anna): "same-person"}
        assert sorted(found.ballots) == sorted(known(question, own) for own in (anna, hania))
        poll = queries.question(question)
        assert poll is not None
        assert poll.result is not None
        assert poll.result.aside == 1

    def test_too_few_ballots_decide_nothing(self, clock: Clock) -> None:
        anna = a_customer()
        question = ask(asker(), closes_at=clock.now + timedelta(hours=1), quorum=2)
        commands.vote(by=anna, question_id=question, text="1")
        clock.forward(hours=1)
        closing.close_due()
        assert outcome(question) == ((0, 1), (), 1)

    def test_what_is_pledged_follows_what_won(self, clock: Clock) -> None:
        anna = a_customer()
        question = ask(
            asker(),
            closes_at=clock.now + timedelta(hours=1),
            pledges={0: {"en": "A grows"}, 1: {"en": "B grows"}},
        )
        commands.vote(by=anna, question_id=question, text="1")
        poll = queries.question(question)
        assert poll is not None
        assert poll.pledge == {"en": "We grow them"}
        clock.forward(hours=1)
        closing.close_due()
        poll = queries.question(question)
        assert poll is not None
        assert poll.pledge == {"en": "B grows"}


def test_who_is_erased_takes_their_ballot_out_of_an_open_question(clock: Clock) -> None:
    anna, hania = a_customer("Anna"), a_customer("Hania")
    question = ask(asker())
    for own in (anna, hania):
        commands.vote(by=own, question_id=question, text="0")
    clock.forward(minutes=1)
    closing.seal_due()
    name = known(question, anna)
    commands.forget(customers=[anna])
    assert after_the_manifest(question)[-1] == f"gone {name}"
    assert list(read_log(after_the_manifest(question)).ballots) == [known(question, hania)]


def test_who_changed_their_mind_a_moment_before_leaves_no_ballot_behind(clock: Clock) -> None:
    anna, hania = a_customer("Anna"), a_customer("Hania")
    question = ask(asker())
    for own in (anna, hania):
        commands.vote(by=own, question_id=question, text="0")
    clock.forward(minutes=1)
    closing.seal_due()
    commands.vote(by=anna, question_id=question, text="1")  # waits for its place in the log
    commands.forget(customers=[anna])
    assert list(read_log(after_the_manifest(question)).ballots) == [known(question, hania)]


def test_a_log_that_was_never_begun_stays_empty() -> None:
    log = uuid4()
    assert ledger.append(log, ["close"]) == 0
    assert (list(ledger.lines(log)), ledger.note(log)) == ([], None)


class TestWithdrawing:
    def test_everybody_is_told_why_and_the_log_says_so(self, clock: Clock) -> None:
        a_customer()
        tomasz = asker()
        question = ask(tomasz)
        for _twice in range(2):
            commands.withdraw(by=tomasz, question_id=question, reason={"en": " A typo ", "pl": ""})
        assert after_the_manifest(question) == [
            'withdrawn {"en":"A typo"}',
            f"close {queries.utc(clock.now)}",
        ]
        assert announced()[1:] == [Withdrawn(question_id=question, at=clock.now)]
        poll = queries.question(question)
        assert poll is not None
        assert (poll.withdrawn, poll.result, poll.open) == ({"en": "A typo"}, None, False)

    def test_what_may_not_be_taken_back(self, clock: Clock) -> None:
        anna, tomasz = a_customer(), asker()
        question = ask(tomasz, closes_at=clock.now + timedelta(hours=1))
        with refuses("village.may_not", act="decisions.ask"):
            commands.withdraw(by=anna, question_id=question, reason={"en": "A typo"})
        with refuses("decisions.no_reason"):
            commands.withdraw(by=tomasz, question_id=question, reason={"en": " "})
        with refuses("decisions.not_found"):
            commands.withdraw(by=tomasz, question_id=uuid4(), reason={"en": "A typo"})
        clock.forward(hours=1)
        closing.close_due()
        with refuses("decisions.closed"):
            commands.withdraw(by=tomasz, question_id=question, reason={"en": "A typo"})


class TestLedger:
    """A log kept by the page is the same tree as one in memory."""

    @pytest.fixture
    def log(self, monkeypatch: pytest.MonkeyPatch) -> UUID:
        monkeypatch.setattr(ledger, "LINES", 4)
        return uuid4()

    def test_however_it_grew(self, log: UUID) -> None:
        lines = [f"line {n}" for n in range(27)]
        tree = Tree(leaf_hash(line.encode()) for line in lines)
        before = ledger.begin(log, lines[0])
        sizes = [before]
        for step in (2, 1, 9, 0, 4, 10):
            before = ledger.append(log, lines[before : before + step])
            sizes.append(before)
        assert (ledger.size(log), list(ledger.lines(log))) == (27, lines)
        assert list(ledger.lines(log, 5, 18)) == lines[5:18]
        assert list(ledger.lines(log, 8, 8)) == []
        read = [read_head(note) for note in ledger.notes(log)]
        heads = [Head(ledger.origin(log), size, tree.root(size)) for size in dict.fromkeys(sizes)]
        assert [found[0] for found in read if found] == heads
        for size in range(1, 28):
            for index in range(size):
                path = ledger.inclusion(log, index, size)
                assert path == inclusion_proof(tree.subtree, index, size)
                leaf = leaf_hash(lines[index].encode())
                assert root_by_inclusion(leaf, index, size, path) == tree.root(size)
            for old in range(size + 1):
                proof = ledger.consistency(log, old, size)
                assert consistent(old, tree.root(old), size, tree.root(size), proof)
