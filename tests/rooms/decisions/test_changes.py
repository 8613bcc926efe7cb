"""Changes: declared before anybody is told, answered by who speaks for an account, and held."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from kfar.ground.ballots import commitment
from kfar.rooms.customers import accounts
from kfar.rooms.customers import commands as customers
from kfar.rooms.decisions import agreements, changes, files, ledger, notices
from kfar.rooms.decisions.change_rules import Upload
from kfar.rooms.decisions.facts import (
    ChangeAnnounced,
    ChangeAnswered,
    ChangeClosed,
    ChangeDue,
    ChangeReplied,
    ChangeWithdrawn,
)
from kfar.rooms.decisions.models import Answer, Attachment, Change
from kfar.rooms.decisions.proving import change as proving
from kfar.rooms.decisions.proving.change import Noticed, read_change, read_notices
from kfar.rooms.decisions.proving.shipping import Silence, Veto, Why
from kfar.rooms.decisions.receipts import Cast
from tests.at_once import at_once
from tests.changes import a_manager, agree, an_account, announce, known, log
from tests.clock import Clock
from tests.people import a_customer, an_employee, announced, refuses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_dir")]


def say(by: UUID, change: UUID, account: UUID, answer: str, words: str = "because") -> Cast:
    return changes.answer(by=by, change_id=change, account_id=account, answer=answer, words=words)


def read(change: UUID) -> Noticed:
    first, *rest = log(change)
    return read_notices(read_change(first), rest)


def reply(change: UUID, account: UUID, text: str = "We do", **given: object) -> None:
    [last] = [one.last for one in known(change).asked if one.account_id == account]
    assert last is not None
    said = {"by": a_manager(), "once": uuid4(), "text": {"en": text}} | given
    changes.reply(change_id=change, answer_id=last.id, **said)  # type: ignore[arg-type]


class TestAnnounce:
    def test_all_of_it_is_the_first_line_before_anybody_is_told(self, clock: Clock) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        acme, bolt = an_account("Acme", anna), an_account("Bolt", borys, part="quality")
        agreement = agree(bolt)
        change = announce(
            text={"en": " New\x00 steel ", "pl": " "},
            products=[" H-12  Hinge ", "", "H-12 Hinge"],
            asked={acme: ["buyer", "buyer"], bolt: ["quality"], uuid4(): []},
            veto="time",
            veto_until=clock.today + timedelta(days=40),
            files=[Upload("C:\\plans/hinge\n.step", b"ISO-10303-21;"), Upload("empty", b"")],
        )
        [first] = log(change)
        said = read_change(first)
        assert json.loads(first)["kind"] == "change"
        assert (said.text, said.products) == ({"en": "New steel"}, ("H-12 Hinge",))
        assert (said.starts, said.answers_by) == (
            "2026-03-03T00:00:00.000Z",
            "2026-03-12T12:00:00.000Z",
        )
        assert (said.silence, said.veto) == (Silence.WAITS, Veto.TIME)
        assert said.veto_until == "2026-04-11T00:00:00.000Z"
        total = sha256(b"ISO-10303-21;").hexdigest()
        assert said.files == (proving.Attached("hinge.step", 13, total),)
        assert files.path(total).read_bytes() == b"ISO-10303-21;"
        found = known(change)
        assert [one.parts for one in said.asked] == [one.parts for one in found.asked]
        assert [one.tracker for one in said.asked] == [one.tracker for one in found.asked]
        bound = {one.name: p.agreement for one, p in zip(found.asked, said.asked, strict=True)}
        held = {one.name: one.agreement for one in found.asked}
        assert held["Acme"] is None
        assert held["Bolt"] is not None
        assert (held["Bolt"].id, bound["Acme"], len(bound["Bolt"])) == (agreement, "", 64)
        for secret in ("Acme", "Bolt", "Kowalska", "Supply", "Anna", str(acme), str(anna)):
            assert secret not in first
        assert announced() == [ChangeAnnounced(change_id=change, at=clock.now)]
        note = ledger.note(change)
        assert note is not None
        assert note.split("\n")[:2] == [ledger.origin(change), "1"]

    def test_sent_twice_it_is_announced_once_and_nothing_of_it_changes(self) -> None:
        acme, once = an_account("Acme", a_customer()), uuid4()
        announce(acme, once=once)
        before = log(once)
        assert announce(acme, once=once, text={"en": "Another"}) == once
        assert (log(once), Change.objects.count()) == (before, 1)

    @pytest.mark.django_db(transaction=True)
    def test_sent_twice_at_once_it_is_announced_once(self) -> None:
        acme, once, by = an_account("Acme", a_customer()), uuid4(), a_manager()
        send = partial(announce, acme, once=once, by=by)
        assert at_once(send, send) == [once, once]
        assert (len(log(once)), Change.objects.count()) == (1, 1)

    def test_what_is_not_said_is_asked_for(self, clock: Clock) -> None:
        acme = an_account("Acme", a_customer())
        today, now = clock.today, clock.now
        for code, given in (
            ("no_change_text", {"text": {"en": " "}}),
            ("no_products", {"products": [" "]}),
            ("nobody_to_tell", {"asked": {acme: []}}),
            ("answers_in_past", {"answers_by": now}),
            ("starts_in_past", {"starts": today - timedelta(days=1)}),
            ("unknown_terms", {"silence": "accepted"}),
            ("unknown_terms", {"veto": ""}),
            ("veto_until_missing", {"veto": "time"}),
            ("veto_until_missing", {"veto": "time", "veto_until": today + timedelta(days=10)}),
        ):
            with refuses(f"decisions.{code}"):
                announce(acme, **given)
        with refuses("decisions.answers_too_late", days=366):
            announce(acme, answers_by=now + timedelta(days=367))
        with refuses("decisions.too_long", most=500, length=501):
            announce(acme, text={"en": "x" * 501})
        with refuses("decisions.too_many_products", most=100):
            announce(acme, products=[str(n) for n in range(101)])
        with refuses("decisions.too_many_files", most=10):
            announce(acme, files=[Upload("a", b"x")] * 11)
        with refuses("decisions.files_too_large", most=3.5):
            announce(acme, files=[Upload("a", b"x" * 1_750_001)] * 2)
        with refuses("customers.account_not_found"):
            announce(uuid4())
        with refuses("village.may_not", act="decisions.change"):
            announce(acme, by=an_employee("Noa"))
        assert (Change.objects.count(), Attachment.objects.count()) == (0, 0)

    def test_an_account_is_asked_only_if_somebody_who_speaks_for_it_has_an_address(self) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna, part="user")
        with refuses("decisions.nobody_speaks", account="Acme"):
            announce(acme)
        silent = customers.meet_many(
            source="test", newcomers=[customers.Newcomer(key="S", name="S")]
        )["S"]
        with refuses("decisions.nobody_speaks", account="Bolt"):
            announce(an_account("Bolt", silent))


class TestAnswer:
    def test_what_was_said_is_bound_in_the_log_and_not_told(self, clock: Clock) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        change = announce(acme)
        given = say(anna, change, acme, "conditions", " Same\r\nprice\x00 ")
        assert given.text == '{"answer":"conditions","words":"Same\\nprice"}'
        bound = commitment(str(change), given.tracker, given.nonce, given.text)
        assert (given.commitment, given.again) == (bound, False)
        assert log(change)[1:] == [f"answer {given.tracker} {bound}"]
        assert announced()[1:] == [
            ChangeAnswered(change_id=change, account_id=acme, customer_id=anna, at=clock.now)
        ]
        assert read(change) == Noticed(answers={given.tracker: bound})

    def test_the_same_again_is_no_new_answer(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        acme = an_account("Acme", anna, borys)
        change = announce(acme)
        first = say(anna, change, acme, "object")
        assert say(borys, change, acme, "object") == first
        assert (Answer.objects.count(), len(log(change))) == (1, 2)

    def test_the_last_word_of_any_who_speaks_for_it_counts(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        acme = an_account("Acme", anna, borys)
        change = announce(acme)
        say(anna, change, acme, "approve")
        assert say(borys, change, acme, "veto").again
        [asked] = known(change).asked
        assert [(said.answer, said.by) for said in asked.said] == [
            ("approve", anna),
            ("veto", borys),
        ]
        assert known(change).shipping(acme).why is Why.VETO
        say(anna, change, acme, "approve", "because")
        assert known(change).shipping(acme).why is Why.NOT_YET

    def test_who_speaks_is_who_has_the_part_today(self) -> None:
        anna, borys, celina = a_customer(), a_customer("Borys"), a_customer("Celina")
        lead, acme = an_employee("Dana", "lead"), an_account("Acme", anna)
        bolt = an_account("Bolt", borys)
        accounts.join(by=lead, account_id=acme, customer_id=celina, part="user")
        change = announce(acme)
        for who, account in ((borys, acme), (borys, bolt), (celina, acme), (anna, bolt)):
            with refuses("decisions.not_your_account"):
                say(who, change, account, "approve")
        say(anna, change, acme, "veto")
        accounts.leave(by=lead, account_id=acme, customer_id=anna, part="buyer")
        with refuses("decisions.not_your_account"):
            say(anna, change, acme, "approve")
        assert known(change).shipping(acme).why is Why.VETO  # it is the account's
        accounts.join(by=lead, account_id=acme, customer_id=borys, part="buyer")
        say(borys, change, acme, "approve")
        assert [own.name for own in notices.speaks_for(known(change), borys)] == ["Acme"]
        assert notices.speakers(known(change)) == {acme: [borys]}

    def test_who_turns_out_to_be_one_person_speaks_under_every_name(self) -> None:
        anna, work = a_customer(), a_customer("Work")
        acme = an_account("Acme", work)
        change = announce(acme)
        lead = an_employee("Dana", "lead")
        customers.merge(by=lead, one=anna, other=work)
        say(anna, change, acme, "approve")
        assert [(notice.id, [one.name for one in own]) for notice, own in notices.put_to(anna)] == [
            (change, ["Acme"])
        ]
        [person] = notices.speakers(known(change))[acme]
        assert person in {anna, work}

    def test_words_are_needed_for_all_but_an_approval(self) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        change = announce(acme)
        for answer in ("conditions", "object", "veto"):
            with refuses("decisions.no_words"):
                say(anna, change, acme, answer, " ")
        with refuses("decisions.unknown_answer"):
            say(anna, change, acme, "accepted")
        with refuses("decisions.too_long", most=2000, length=2001):
            say(anna, change, acme, "veto", "x" * 2001)
        with refuses("decisions.not_a_ballot"):
            changes.answer(
                by=anna, change_id=change, account_id=acme, answer="approve", nonce="short"
            )
        with refuses("decisions.no_such_change"):
            say(anna, uuid4(), acme, "approve")
        say(anna, change, acme, "approve", "")

    @pytest.mark.django_db(transaction=True)
    def test_two_who_speak_at_once_stand_one_after_the_other(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        acme = an_account("Acme", anna, borys)
        change = announce(acme)
        at_once(
            partial(say, anna, change, acme, "approve"), partial(say, borys, change, acme, "veto")
        )
        assert [said.answer for said in Answer.objects.order_by("number")] in (
            ["approve", "veto"],
            ["veto", "approve"],
        )
        assert (len(log(change)), read(change).wrong) == (3, [])


class TestClose:
    def test_at_the_date_the_outcome_stands(self, clock: Clock) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        acme, bolt = an_account("Acme", anna), an_account("Bolt", borys)
        change = announce(acme, bolt)
        say(anna, change, acme, "approve")
        assert changes.close_due() == 0
        clock.forward(days=10)
        assert [changes.close_due(), changes.close_due()] == [1, 0]
        assert log(change)[-1] == "close 2026-03-12T12:00:00.000Z"
        assert announced()[-1] == ChangeClosed(change_id=change, at=clock.now)
        with refuses("decisions.outcome_stands"):
            say(anna, change, acme, "veto")
        found = known(change)
        whys = [found.shipping(own).why for own in (acme, bolt, None)]
        assert whys == [Why.APPROVED, Why.UNANSWERED, Why.UNANSWERED]
        assert not found.open

    def test_who_holds_it_may_let_go_and_the_log_says_so(self, clock: Clock) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        change = announce(acme, veto="all")
        say(anna, change, acme, "veto")
        clock.forward(days=10)
        with refuses("decisions.outcome_stands"):
            say(anna, change, acme, "object")
        # Before the tick: what comes after the date comes after that line.
        given = say(anna, change, acme, "conditions", "Same price")
        assert log(change)[-2:] == [
            "close 2026-03-12T12:00:00.000Z",
            f"lifted {given.tracker} {given.commitment}",
        ]
        assert known(change).shipping().why is Why.CONDITIONS
        reply(change, acme, due=clock.today + timedelta(days=3))
        assert known(change).shipping().why is Why.ALL_CLEAR
        assert changes.close_due() == 0
        assert read(change).wrong == []

    def test_silence_under_an_agreement_that_ended_later_still_means_yes(
        self, clock: Clock
    ) -> None:
        acme, bolt = an_account("Acme", a_customer()), an_account("Bolt", a_customer("Borys"))
        first = agree(acme)
        second = agree(acme, title="Supply terms 2027", once=uuid4())
        ended = {found.id: found.ended_at is not None for found in agreements.everything()}
        assert ended == {first: True, second: False}
        change = announce(acme, bolt)
        agreements.end(by=a_manager(), agreement_id=second)
        assert known(change).shipping(acme).why is Why.OPEN
        clock.forward(days=10)
        assert [known(change).shipping(own).why for own in (acme, bolt)] == [
            Why.AGREEMENT,
            Why.UNANSWERED,
        ]
        later = announce(acme)
        assert [one.agreement for one in known(later).asked] == [None]

    def test_who_said_nothing_is_reminded_once_three_days_before(self, clock: Clock) -> None:
        change = announce(an_account("Acme", a_customer()))
        short = announce(an_account("Bolt", a_customer("Borys")),
                         answers_by=clock.now + timedelta(days=2))  # fmt: skip
        done = []
        for days in (0, 1, 6, 0, 2):
            clock.forward(days=days)
            done.append(changes.remind_due())
        assert done == [0, 1, 1, 0, 0]
        due = [fact for fact in announced() if isinstance(fact, ChangeDue)]
        assert [fact.change_id for fact in due] == [short, change]
        assert due[1].at == datetime(2026, 3, 9, 12, tzinfo=UTC)


class TestReply:
    def test_conditions_are_taken_on_by_a_day_and_an_objection_is_answered(
        self, clock: Clock
    ) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        change = announce(acme)
        given, once = say(anna, change, acme, "conditions", "Same price"), uuid4()
        for due in (None, clock.today - timedelta(days=1)):
            with refuses("decisions.reply_due_missing"):
                reply(change, acme, due=due)
        with refuses("decisions.no_reply"):
            reply(change, acme, " ", due=clock.today)
        reply(change, acme, " We keep it ", due=clock.today, once=once)
        reply(change, acme, "Another", due=clock.today, once=once)
        [asked] = known(change).asked
        assert asked.last is not None
        assert asked.last.reply is not None
        assert (asked.last.reply.text, asked.last.reply.due) == (
            {"en": "We keep it"},
            clock.today,
        )
        assert announced()[-1] == ChangeReplied(
            change_id=change, account_id=acme, reply_id=once, at=clock.now
        )
        assert list(read(change).replies) == [given.tracker]
        # Another answer is another matter.
        say(anna, change, acme, "object")
        assert (read(change).replies, known(change).shipping().why) == ({}, Why.OPEN)
        reply(change, acme)
        clock.forward(days=10)
        assert known(change).shipping(acme).why is Why.OBJECTION_ANSWERED

    def test_nothing_the_company_says_lets_go_of_a_veto(self) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        change = announce(acme)
        for answer in ("veto", "approve"):
            say(anna, change, acme, answer)
            with refuses("decisions.nothing_to_reply"):
                reply(change, acme)
        say(anna, change, acme, "object")
        with refuses("village.may_not", act="decisions.change"):
            reply(change, acme, by=an_employee("Noa"))
        reply(change, acme)
        with refuses("decisions.nothing_to_reply"):
            reply(change, acme)

    def test_a_reply_to_what_was_said_before_is_none(self) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        change = announce(acme)
        say(anna, change, acme, "object")
        old = Answer.objects.get().pk
        say(anna, change, acme, "veto")
        with refuses("decisions.nothing_to_reply"):
            changes.reply(
                by=a_manager(), change_id=change, answer_id=old, text={"en": "So"}, once=uuid4()
            )


class TestWithdraw:
    @pytest.mark.parametrize("days", [1, 11])
    def test_it_is_taken_back_once_for_a_reason_and_nothing_follows(
        self, days: int, clock: Clock
    ) -> None:
        anna = a_customer()
        acme = an_account("Acme", anna)
        change = announce(acme)
        say(anna, change, acme, "approve")
        clock.forward(days=days)
        changes.close_due()
        take = partial(changes.withdraw, by=a_manager(), change_id=change)
        with refuses("decisions.no_reason"):
            take(reason={"en": " "})
        with refuses("village.may_not", act="decisions.change"):
            changes.withdraw(by=an_employee("Noa"), change_id=change, reason={"en": "No"})
        take(reason={"en": " No steel "})
        take(reason={"en": "Another"})
        assert log(change)[-1] == 'withdrawn {"en":"No steel"}'
        assert announced()[-1] == ChangeWithdrawn(change_id=change, at=clock.now)
        for answer in ("approve", "veto"):
            with refuses("decisions.change_withdrawn"):
                say(anna, change, acme, answer, "again")
        clock.forward(days=20)
        assert [changes.close_due(), changes.remind_due()] == [0, 0]
        assert {known(change).shipping(own).why for own in (acme, None)} == {Why.WITHDRAWN}
        assert read(change).wrong == []


class TestForget:
    def test_the_answer_stays_the_account_s_without_the_person(self) -> None:
        anna, borys = a_customer(), a_customer("Borys")
        acme = an_account("Acme", anna, borys)
        change = announce(acme)
        say(borys, change, acme, "approve")
        say(anna, change, acme, "veto")
        before, lines = known(change).shipping(acme), log(change)
        assert changes.forget(customers=[anna]).rows == {"decisions.Answer": 1}
        [asked] = known(change).asked
        assert [(said.answer, said.by) for said in asked.said] == [
            ("approve", borys),
            ("veto", None),
        ]
        assert (known(change).shipping(acme), log(change)) == (before, lines)
        assert notices.given_by([anna]) == []
        say(borys, change, acme, "approve", "all well")
