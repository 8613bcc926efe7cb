"""Erasing: nothing of a person is left, in no byte of no file; and everybody else is there."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.utils import timezone

from kfar import erasing, loop
from kfar.doors.mail import post
from kfar.ground.errors import Refused
from kfar.lake import table
from kfar.lake.engines import engine
from kfar.lake.intake import log
from kfar.lake.intake.log import LogReader, LogWriter
from kfar.rooms.customers import commands as customers
from kfar.rooms.customers import erasure
from kfar.rooms.customers import queries as people
from kfar.rooms.customers.commands import Newcomer
from kfar.rooms.customers.erasure import Receipt
from kfar.rooms.customers.models import Customer, Erasure, Step
from kfar.rooms.decisions import changes, closing, notices
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions import queries as polls
from kfar.rooms.decisions.facts import Counted
from kfar.rooms.decisions.models import Ballot
from kfar.rooms.decisions.taking import Sent, take_ballots
from kfar.rooms.promises import commands as promises
from kfar.rooms.promises import queries as record
from kfar.rooms.touchpoints import commands as touchpoints
from kfar.rooms.village import commands as village
from kfar.rooms.village import queries as staff
from kfar.rooms.village.models import Login
from kfar.rooms.voice import commands as voice
from tests.changes import an_account, announce, known
from tests.clock import Clock
from tests.people import NONCE, a_customer, an_employee, announced, ask, email, outcome, refuses
from tests.programs import Home

LIVES = """
    import json
    from uuid import UUID
    from django.conf import settings
    from django.db import connection
    from kfar import erasing, loop
    from kfar.doors.mail import maildir, post
    from kfar.lake import audit, outbox, scrub, table
    from kfar.lake.intake.log import LogReader
    from kfar.rooms.customers import erasure
    from kfar.rooms.customers import queries as people
    from kfar.rooms.decisions import commands as decisions
    from kfar.rooms.decisions import queries as polls
    from kfar.rooms.decisions.consultations import commands as consultations
    from kfar.rooms.promises import queries as promises
    from kfar.rooms.touchpoints import queries as touchpoints
    from kfar.rooms.village import commands as village
    from kfar.rooms.voice import commands as voice
    from kfar.rooms.voice import queries as voices
    from tests.lives import Life, live
    from tests.programs import forked
    from tests.traces import found
    scrub.SOON = 60  # as in `conftest.py`

    zofia = Life("Zofiaplanted", "+48601222333", "203.0.113.77")
    borys = Life("Borysplanted", "+48601222444", "203.0.113.78")
    notes = settings.KFAR_DATA_DIR.parent / "notes.json"

    def told(**said):
        known = json.loads(notes.read_text()) if notes.exists() else {}
        notes.write_text(json.dumps(known | said))

    def sees(life):
        # What the rooms say of somebody.
        own = life.id
        portrait = touchpoints.portrait(own)
        return [
            people.person(own).name,
            sorted(said.text for said in voices.of_customer(own)),
            sorted(str(p.text) + p.how for p in promises.to_customer(own)),
            [answer for _poll, answer in polls.asked_of(own)],
            [portrait.visits, portrait.spent.minor],
            len(list(touchpoints.everything(own))),
            len(promises.told(own)),
        ]

    def begin():
        questions = live(zofia, borys)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # of what it sees, a database keeps examples
        traces = [*zofia.words, *people.selves(zofia.id)]
        missing = set(traces) - found(settings.KFAR_DATA_DIR, traces)
        told(
            ids=[str(own) for own in people.selves(zofia.id)],
            missing=sorted(map(str, missing)),
            borys=sees(borys),
            questions=[str(own) for own in questions],
            asked=[polls.question(own).asked for own in questions],
            answered=[polls.question(own).answered for own in questions],
            tally=str(polls.question(questions[0]).result),
            kept=promises.record().kept,
        )

    def leave():
        told(receipt=str(erasure.ask(customer_id=zofia.id)))

    def go_on():
        for _tick in range(8):
            erasing.go_on()
            post.say_goodbye()

    def end():
        go_on()
        known = json.loads(notes.read_text())
        traces = [*zofia.words, *map(UUID, known["ids"])]
        receipt = erasure.receipt(UUID(known["receipt"]))
        questions = [polls.question(UUID(own)) for own in known["questions"]]
        told(
            done=receipt.done_at is not None,
            left=sorted(map(str, found(settings.KFAR_DATA_DIR, traces))),
            rows=dict(receipt.rows),
            files=receipt.files,
            mails=receipt.mails,
            borys_after=sees(borys),
            borys_lost=sorted(set(borys.words) - found(settings.KFAR_DATA_DIR, borys.words)),
            asked_after=[question.asked for question in questions],
            answered_after=[question.answered for question in questions],
            tally_after=str(questions[0].result),
            kept_after=promises.record().kept,
        )
"""


#: Where it is killed, one process after the other, each further on than the one before.
DEATHS = """
    deaths = [
        (erasure, "wait"), (erasure, "claim"), (voice, "forget"), (decisions, "forget"),
        (consultations, "forget"), (village, "forget"), (audit, "forget"), (outbox, "erase"),
        (erasure, "go_on"), (village, "sign_out"), (table, "erase"), (erasure, "go_on"),
        (post, "_goodbye"), (maildir, "remove"), (erasure, "go_on"), (LogReader, "clear"),
        (LogReader, "release"), (erasure, "go_on"), (erasing, "scrub"), (erasure, "go_on"),
    ]
"""


@pytest.mark.parametrize(
    ("deaths", "counted"),
    # What a process did before it was killed it did not live to count; one goodbye came twice.
    [("    deaths = []", (27, 2, 19)), (DEATHS, (0, 0, 1))],
    ids=["at-once", "killed"],
)
def test_nothing_of_a_person_is_left_and_all_of_the_other(
    kfar: Home, deaths: str, counted: tuple[int, int, int]
) -> None:
    kfar.run(
        f"""{LIVES}
{deaths}
    forked(begin)
    forked(leave)
    forked(leave)
    for death in deaths:
        forked(go_on, killed_at=death)
    forked(end)
    """
    )
    told = json.loads((kfar.folder.parent / "notes.json").read_text())

    assert told["missing"] == []  # before: each could be found
    assert len(told["ids"]) == 3
    assert told["done"] is True
    assert told["left"] == []
    rows = told["rows"]
    assert {table: rows[table] for table in ROWS} == ROWS
    assert (rows.get("lake.Touchpoint", 0), told["files"], told["mails"]) == counted
    assert told["borys_after"] == told["borys"]
    assert told["borys_lost"] == ["203.0.113.78", "borysplantedmessage"]  # in the intake alone
    assert (told["asked"], told["answered"]) == ([2, 2], [2, 2])
    # What was counted stays as it was; the open question is asked of one.
    assert (told["asked_after"], told["answered_after"]) == ([2, 1], [2, 1])
    assert told["tally_after"] == told["tally"]
    assert (told["kept"], told["kept_after"]) == (2, 2)


#: How many rows of one life there are.
ROWS = {
    "customers.Consent": 4,
    "customers.Customer": 3,
    "customers.Handle": 6,
    "customers.Merge": 2,
    "customers.Proposal": 1,
    "customers.Tie": 1,
    "customers.TieInvitation": 2,
    "decisions.Ballot": 2,
    "decisions.Mark": 3,
    "decisions.Participant": 2,
    "decisions.Statement": 2,
    "decisions.Voter": 3,
    "insight.Correction": 2,
    "promises.Promise": 3,
    "service.Approval": 1,
    "service.Remedy": 1,
    "service.Return": 1,
    "service.ReturnLine": 1,
    "village.Guest": 1,
    "village.Login": 1,
    "village.Meeting": 1,
    "village.Mention": 1,
    "village.Note": 1,
    "village.Pick": 1,
    "voice.Invitation": 1,
    "voice.Response": 1,
    "voice.Mail": 1,
    "voice.Before": 1,
    "voice.Review": 1,
    "voice.Post": 1,
    "voice.Voice": 4,
}


# --- one by one ----------------------------------------------------------------------------


def gone(customer_id: UUID) -> Receipt:
    """Erase somebody, to the end."""
    erasure_id = erasure.ask(customer_id=customer_id)
    for _tick in range(4):
        erasing.go_on()
        post.say_goodbye()
    receipt = erasure.receipt(erasure_id)
    assert receipt is not None
    return receipt


@pytest.fixture
def _scrubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's files are the affair of the lives above, and of `lake/test_scrub.py`."""
    monkeypatch.setattr(erasing, "scrub", lambda: True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("data_dir", "_scrubbed")
class TestErasing:
    def test_what_they_said_for_a_company_stays_the_company_s(self) -> None:
        anna, borys = a_customer("Anna"), a_customer("Borys")
        acme = an_account("Acme", anna, borys)
        change = announce(acme)
        changes.answer(by=anna, change_id=change, account_id=acme, answer="veto", words="No")
        loop.tick()
        assert gone(anna).rows["decisions.Answer"] == 1
        notice = known(change)
        [one] = notice.asked
        assert [(said.answer, said.words, said.by) for said in one.said] == [("veto", "No", None)]
        assert notices.speakers(notice) == {acme: [borys]}
        assert notices.put_to(anna) == []
        changes.answer(by=borys, change_id=change, account_id=acme, answer="approve")
        assert known(change).shipping(acme).holds == ()

    def test_the_ballot_in_a_counted_question_stays_without_a_person(self, clock: Clock) -> None:
        anna, hania = a_customer("Anna"), a_customer("Hania")
        closes = clock.now + timedelta(days=1)
        question = ask(an_employee("Tomasz", "brand"), closes_at=closes, lot="1>0")
        for own, choice in ((anna, 0), (hania, 1)):
            decisions.vote(by=own, question_id=question, text=str(choice))
        clock.forward(days=2)
        closing.close_due()
        before = polls.question(question)
        gone(anna)
        assert polls.question(question) == before
        assert outcome(question) == ((1, 1), (1,), 2)
        ballot = Ballot.objects.get(voter__customer=None)
        assert (ballot.text, ballot.cast_at, ballot.first_at) == ("0", clock.now, clock.now)
        assert (polls.invited(question), polls.voters(question)) == ([hania], [hania])

    def test_the_ballot_in_an_open_question_is_withdrawn(self, clock: Clock) -> None:
        anna, hania = a_customer("Anna"), a_customer("Hania")
        question = ask(an_employee("Tomasz", "brand"))
        decisions.vote(by=anna, question_id=question, text="0")
        number = polls.voter(question, anna)
        assert number is not None
        gone(anna)
        poll = polls.question(question)
        assert poll is not None
        assert (poll.asked, poll.answered) == (1, 0)
        late = Sent(question, number, "0", NONCE, timezone.now())
        assert take_ballots(ballots=[late]) == 0
        with refuses("decisions.not_asked"):
            decisions.vote(by=anna, question_id=question, text="0")
        decisions.vote(by=hania, question_id=question, text="1")

    def test_a_kept_promise_stays_in_the_record_and_an_open_one_ends(self, clock: Clock) -> None:
        anna, ewa = a_customer("Anna"), an_employee("Ewa", "lead")
        said = voice.say(by=anna, text="Sour milk", language="en")
        kept, still_open = uuid4(), uuid4()
        for once in (kept, still_open):
            promises.promise(
                by=ewa, text={"en": "Milk"}, owner=ewa, due=clock.today, to=anna, voice_id=said,
                once=once,
            )  # fmt: skip
        promises.keep(by=ewa, promise_id=kept, how="Milk came")
        before = record.record()
        gone(anna)
        after = record.record()
        assert (before.kept, before.open, after.kept, after.open) == (1, 1, 1, 0)
        assert record.promise(still_open) is None
        emptied = record.promise(kept)
        assert emptied is not None
        assert (emptied.text, emptied.how, emptied.to, emptied.personal) == ({}, "", 0, True)

    def test_news_that_lists_many_keeps_the_others(self, clock: Clock) -> None:
        anna, hania = a_customer("Anna"), a_customer("Hania")
        question = ask(an_employee("Tomasz", "brand"))
        voters = [polls.voter(question, own) for own in (anna, hania)]
        sent = [Sent(question, v, "0", NONCE, clock.now) for v in voters if v is not None]
        take_ballots(ballots=sent)
        gone(anna)
        [counted] = [fact for fact in announced() if isinstance(fact, Counted)]
        assert counted.customers == [str(hania)]

    def test_who_works_here_keeps_the_login(self) -> None:
        employee = an_employee("Ewa", "lead")
        login = Login.objects.get(email=email("Ewa"))
        new = Newcomer(key="7", email=email("Ewa"))
        [as_customer] = customers.meet_many(source="shop", newcomers=[new]).values()
        Customer.objects.filter(pk=as_customer).update(login=login)
        gone(as_customer)
        assert people.by_handle("email", email("Ewa")) is None
        assert Login.objects.filter(pk=login.pk).exists()
        assert staff.staff(employee) is not None

    def test_a_login_nobody_came_through_yet_goes_too(self) -> None:
        anna = a_customer("Anna")
        village.admit(email=email("Anna"))
        gone(anna)
        assert not Login.objects.exists()

    def test_they_are_told_where_they_can_be_reached(self) -> None:
        receipt = gone(a_customer("Anna", language="he"))
        [letter] = mail.outbox
        assert letter.to == [email("Anna")]
        assert str(receipt.id) in letter.body
        assert receipt.done_at is not None
        assert Erasure.objects.get().who is None

    def test_a_mail_server_that_is_away_holds_it_up_for_a_day_at_most(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(_leaving: object) -> None:
            raise OSError("away")

        monkeypatch.setattr(post, "_goodbye", away)
        receipt = gone(a_customer("Anna"))
        assert (receipt.done_at, Customer.objects.count()) == (None, 0)
        clock.forward(days=1)
        erasing.go_on()
        erasing.go_on()
        erasing.go_on()
        found = erasure.receipt(receipt.id)
        assert found is not None
        assert found.done_at == clock.now

    def test_one_that_fails_is_tried_again_and_holds_up_nobody(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        anna, borys = a_customer("Anna"), a_customer("Borys")
        erase = table.erase

        def damaged(customers: Collection[UUID]) -> int:
            if anna in customers:
                raise Refused("lake.damaged", file="x")
            return erase(customers)

        monkeypatch.setattr(table, "erase", damaged)
        held_up = erasure.ask(customer_id=anna)
        assert gone(borys).done_at is not None
        assert (found := erasure.receipt(held_up)) is not None
        assert found.done_at is None
        monkeypatch.undo()
        for _tick in range(4):
            erasing.go_on()
            post.say_goodbye()
        assert (found := erasure.receipt(held_up)) is not None
        assert found.done_at is not None

    def test_asked_twice_it_is_done_once(self) -> None:
        anna = a_customer("Anna")
        assert erasure.ask(customer_id=anna) == erasure.ask(customer_id=anna)
        gone(anna)
        with refuses("customers.not_found"):
            erasure.ask(customer_id=anna)

    def test_only_who_may_erases_others_and_says_how_they_asked(self) -> None:
        anna, ewa, noa = a_customer("Anna"), an_employee("Ewa", "lead"), an_employee("Noa")
        with refuses("village.may_not", act="customers.erase"):
            erasure.ask(customer_id=anna, by=noa, how=erasure.LETTER)
        with refuses("customers.how_missing"):
            erasure.ask(customer_id=anna, by=ewa)
        receipt = erasure.receipt(erasure.ask(customer_id=anna, by=ewa, how=erasure.PHONE))
        assert receipt is not None
        assert (receipt.by, receipt.how) == (ewa, "phone")

    def test_a_browser_that_turns_out_to_be_theirs_meanwhile_goes_too(self, clock: Clock) -> None:
        anna, ewa = a_customer("Anna"), an_employee("Ewa", "lead")
        erasure.ask(customer_id=anna)
        web = Customer.objects.create().pk
        customers.merge(by=ewa, one=web, other=anna)
        assert gone(anna).rows["customers.Customer"] == 2
        assert not Customer.objects.exists()

    def test_an_import_that_met_them_before_does_not_bring_them_back(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = customers.meet_many

        def met_and_erased(**given: object) -> dict[str, UUID]:
            known = real(**given)  # type: ignore[arg-type]
            gone(known["Anna"])
            return known

        select = (
            "SELECT TIMESTAMPTZ '2026-03-01' AS at, 'Anna' AS customer_key, '1' AS key,"
            " 'web' AS channel, 'visit' AS kind"
        )
        monkeypatch.setattr(customers, "meet_many", met_and_erased)
        with engine().session() as session, pytest.raises(RuntimeError, match="erased meanwhile"):
            touchpoints.import_table(
                session=session, source="shop", batch="b", newcomers=[Newcomer(key="Anna")],
                select=select,
            )  # fmt: skip

    def test_it_waits_for_what_the_gate_took_in_and_still_holds(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        anna = a_customer("Anna")
        gate = LogWriter(data_dir / "intake")
        body = {"messageId": "1", "type": "page", "userId": "Anna"}
        said = {"k": "events", "r": 1, "s": "test", "t": True, "u": "f", "b": {"batch": [body]}}
        gate.commit([json.dumps(said, separators=(",", ":")).encode() + b"\n"])
        receipt = gone(anna)
        assert Erasure.objects.get().step == Step.ASKED  # nothing has settled yet
        loop.take_in()
        for _tick in range(4):
            erasing.go_on()
            post.say_goodbye()
        assert Erasure.objects.get().step == Step.TOLD  # the gate still writes to that file
        monkeypatch.setattr(log, "OLD", -1.0)
        gate.commit([])
        erasing.go_on()
        erasing.go_on()
        found = erasure.receipt(receipt.id)
        assert found is not None
        assert found.done_at is not None
        assert found.rows["lake.Touchpoint"] == 1
        kept = [path.stat().st_size for path in (data_dir / "intake").glob("*.log")]
        assert kept == [0]
        gate.commit([b"more\n"])
        assert LogReader(data_dir / "intake").read(0, 10**6).records == [b"more\n"]
        gate.close()
