"""What one room does when another announces."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kfar.lake.outbox import when
from kfar.loop import reaching, reviewing
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.facts import Unmerged
from kfar.rooms.decisions import notices as announced
from kfar.rooms.decisions import queries as polls
from kfar.rooms.decisions.consultations import queries as consulted
from kfar.rooms.decisions.consultations.rules import State
from kfar.rooms.decisions.facts import (
    Asked,
    ChangeAnnounced,
    ChangeAnswered,
    ChangeClosed,
    ChangeDue,
    ChangeReplied,
    ChangeWithdrawn,
    Closed,
    ConsultationClosed,
    ConsultationOpened,
    Counted,
    StatementTakenOut,
    TookPart,
    Voted,
    Withdrawn,
)
from kfar.rooms.promises import commands as promises
from kfar.rooms.service import commands as service
from kfar.rooms.service import queries as cases
from kfar.rooms.service import together
from kfar.rooms.service.facts import (
    MoneyBack,
    RemedyGiven,
    RemedyUndone,
    ReturnArrived,
    ReturnAsked,
    ReturnRefused,
    ReturnStarted,
    ReturnTakenBack,
)
from kfar.rooms.service.returns import queries as returns
from kfar.rooms.service.returns.rules import State as Where
from kfar.rooms.touchpoints import commands as touchpoints
from kfar.rooms.village.facts import (
    MeetingAccepted,
    MeetingCancelled,
    MeetingHeld,
    MeetingPlanned,
)
from kfar.rooms.village.meetings import queries as meetings
from kfar.rooms.village.meetings.rules import Stands
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice import mailing
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.facts import (
    ClosedUntold,
    FollowedUp,
    FollowUpAnswered,
    Heard,
    Invited,
    Judged,
    Responded,
    Reviewed,
    SaidMore,
    Undelivered,
)
from kfar.rooms.voice.surveys import queries as surveys


@when(Heard)
def heard(fact: Heard) -> None:
    """A voice opens a case, and is a touchpoint on the journey."""
    channel = _where(fact.voice_id)
    service.open_case(voice_id=fact.voice_id, customer_id=fact.customer_id, kind=channel)
    touch(fact.customer_id, "voice", fact.at, fact.voice_id, channel)


@when(SaidMore)
def said_more(fact: SaidMore) -> None:
    """A customer who comes back to a voice puts its case before an employee again."""
    service.reopen(voice_id=fact.voice_id, at=fact.at)
    touch(fact.customer_id, "said-more", fact.at, fact.voice_id, _where(fact.voice_id))


@when(Invited)
def invited(fact: Invited) -> None:
    """Everyone who is invited to a survey gets it by mail, and so does who is reminded."""
    promises.tell(
        customers=surveys.invited(fact.survey_id, again=fact.again),
        what="survey-again" if fact.again else "survey-invited",
        about=fact.survey_id,
    )


@when(Responded)
def responded(fact: Responded) -> None:
    """That somebody answered a survey is on their journey; what they answered is not."""
    touch(fact.customer_id, "survey", fact.at, fact.survey_id)


@when(FollowedUp)
def followed_up(fact: FollowedUp) -> None:
    """Who is asked how it was gets one letter, and no other about it."""
    promises.tell(customers=[fact.customer_id], what="follow-up", about=fact.follow_up_id)


@when(FollowUpAnswered)
def follow_up_answered(fact: FollowUpAnswered) -> None:
    """That somebody said how it was is on their journey; a no is a voice of its own."""
    touch(fact.customer_id, "follow-up", fact.at, fact.follow_up_id)


@when(Reviewed)
def reviewed(fact: Reviewed) -> None:
    """A review is verified by the purchase, and is on the journey; what it says is not."""
    reviewing.look_up(fact.review_id)
    touch(fact.customer_id, "review", fact.at, fact.review_id)


@when(RemedyGiven)
def remedy_given(fact: RemedyGiven) -> None:
    """The customer is told of a remedy, once for each voice; then we wait for their word.

    Unless nothing reaches them, or it was taken back meanwhile: a fact that failed at first may
    come late. Who was answered by hand where they spoke is told by that, and gets no letter of it.
    """
    given = cases.remedy(fact.remedy_id)
    stands = given is not None and given.undone_at is None
    by_hand = channels.by_hand(fact.remedy_id)
    for one in cases.reach(fact.remedy_id):
        reached = reaching.reaches(one.voice_id, one.customer_id)
        if stands and (by_hand or reached):
            voice.tell(voice_id=one.voice_id)
        if by_hand and (one.about == fact.remedy_id or not reached):
            continue
        promises.tell(customers=[one.customer_id], what="remedy-given", about=one.about)
    touch(fact.customer_id, "remedy", fact.at, fact.remedy_id)


@when(RemedyUndone)
def remedy_undone(fact: RemedyUndone) -> None:
    """The customer is told why; where nothing else was decided, the voice waits again."""
    for one in cases.reach(fact.remedy_id):
        if one.waiting:
            voice.reopen(voice_id=one.voice_id)
        promises.tell(customers=[one.customer_id], what="remedy-undone", about=one.about)
    touch(fact.customer_id, "remedy-undone", fact.at, fact.remedy_id)


@when(ClosedUntold)
def closed_untold(fact: ClosedUntold) -> None:
    """A voice that was closed for a reason waits for nobody's decision any more."""
    service.decide(voice_id=fact.voice_id)


@when(Undelivered)
def undelivered(fact: Undelivered) -> None:
    """What does not arrive was not decided: the case waits before an employee again."""
    service.reopen(voice_id=fact.voice_id, at=fact.at)


@when(Judged)
def judged(fact: Judged) -> None:
    """A customer's "not yet" puts the case before an employee again; "good" ends it."""
    service.judged(voice_id=fact.voice_id, good=fact.good)
    if fact.good:
        service.decide(voice_id=fact.voice_id)
    else:
        service.reopen(voice_id=fact.voice_id, at=fact.at)
    touch(fact.customer_id, "good" if fact.good else "not-good", fact.at, fact.voice_id)


@when(ReturnAsked)
def return_asked(fact: ReturnAsked) -> None:
    """The link goes to the address of the purchase."""
    promises.tell(customers=[fact.customer_id], what="return-link", about=fact.ask_id)


@when(ReturnStarted)
def return_started(fact: ReturnStarted) -> None:
    """A return is on the journey; where an employee decides, the customer is told so."""
    found = returns.one(fact.return_id)
    if found is not None and found.state is Where.WAITING:
        promises.tell(customers=[fact.customer_id], what="return-started", about=fact.return_id)
    touch(fact.customer_id, "return", fact.at, fact.return_id)


@when(MoneyBack)
def money_back(fact: MoneyBack) -> None:
    """The customer is told, with the code that goes on the parcel."""
    promises.tell(customers=[fact.customer_id], what="money-back", about=fact.return_id)
    touch(fact.customer_id, "money-back", fact.at, fact.return_id)


@when(ReturnRefused)
def return_refused(fact: ReturnRefused) -> None:
    """The customer is told why, by whom."""
    promises.tell(customers=[fact.customer_id], what="return-refused", about=fact.return_id)


@when(ReturnArrived)
def return_arrived(fact: ReturnArrived) -> None:
    """The customer is told that it came."""
    promises.tell(customers=[fact.customer_id], what="return-arrived", about=fact.return_id)
    touch(fact.customer_id, "return-arrived", fact.at, fact.return_id)


@when(ReturnTakenBack)
def return_taken_back(fact: ReturnTakenBack) -> None:
    """That they keep it after all is on the journey."""
    touch(fact.customer_id, "return-taken-back", fact.at, fact.return_id)


@when(Unmerged)
def unmerged(fact: Unmerged) -> None:
    """Cases that were put together while two people were held for one are apart again."""
    together.separate(one=fact.loser, other=fact.winner)


@when(Asked)
def asked(fact: Asked) -> None:
    """Everyone who is asked gets the question by mail."""
    promises.tell(
        customers=polls.invited(fact.question_id), what="question-asked", about=fact.question_id
    )


@when(Voted)
def voted(fact: Voted) -> None:
    """That somebody answered is on their journey; what they answered is not."""
    touch(fact.customer_id, "vote", fact.at, fact.question_id)


@when(Closed)
def closed(fact: Closed) -> None:
    """The result goes to everyone who answered, with what the company now owes them for it."""
    poll = polls.question(fact.question_id)
    if poll is None or poll.result is None:
        return
    voters = polls.voters(fact.question_id)
    if poll.result.enough:
        promises.pledge(
            owner=poll.asked_by,
            text=poll.pledge,
            due=poll.pledge_due,
            to=voters,
            question_id=poll.id,
        )
    promises.tell(customers=voters, what="question-closed", about=fact.question_id)


@when(Withdrawn)
def withdrawn(fact: Withdrawn) -> None:
    """Everyone who was asked, and everyone who answered, is told why a question is taken back."""
    told = [*polls.invited(fact.question_id), *polls.voters(fact.question_id)]
    promises.tell(customers=told, what="question-withdrawn", about=fact.question_id)


@when(ChangeAnnounced)
def change_announced(fact: ChangeAnnounced) -> None:
    """Everyone who speaks for an account that is asked gets the notice by mail."""
    _tell_accounts(fact.change_id, "change-announced")


@when(ChangeDue)
def change_due(fact: ChangeDue) -> None:
    """Who speaks for an account that has said nothing yet is reminded."""
    _tell_accounts(fact.change_id, "change-due", silent=True)


@when(ChangeAnswered)
def change_answered(fact: ChangeAnswered) -> None:
    """That somebody spoke for an account is on their journey; what they said is not."""
    touch(fact.customer_id, "change", fact.at, fact.change_id)


@when(ChangeReplied)
def change_replied(fact: ChangeReplied) -> None:
    """The account is told what the company replied, and owed what it took on."""
    found = announced.of_reply(fact.reply_id)
    if found is None:
        return
    notice, asked, said = found
    told, reply = announced.speakers(notice)[asked.account_id], said.reply
    if reply is None:
        return
    if reply.due is not None:
        promises.undertake(
            owner=reply.by, text=reply.text, due=reply.due, to=told, reply_id=reply.id
        )
    promises.tell(customers=told, what="change-replied", about=reply.id)


@when(ChangeClosed)
def change_closed(fact: ChangeClosed) -> None:
    """Every account that was asked is told what came out, and what follows for it."""
    _tell_accounts(fact.change_id, "change-closed")


@when(ChangeWithdrawn)
def change_withdrawn(fact: ChangeWithdrawn) -> None:
    """Every account that was asked is told why a change was taken back."""
    _tell_accounts(fact.change_id, "change-withdrawn")


def _tell_accounts(change_id: UUID, what: str, *, silent: bool = False) -> None:
    """Tell who speaks for the accounts, or (`silent`) for those that said nothing."""
    notice = announced.notice(change_id)
    if notice is None:
        return
    quiet = {one.account_id for one in notice.asked if not one.said}
    told = [
        person
        for account, people in announced.speakers(notice).items()
        if account in quiet or not silent
        for person in people
    ]
    promises.tell(customers=told, what=what, about=change_id)


@when(ConsultationOpened)
def consultation_opened(fact: ConsultationOpened) -> None:
    """Every customer who agreed to be asked gets a way in by mail, unless it is over."""
    one = consulted.consultation(fact.consultation_id)
    if one is not None and (one.open or one.ahead):
        promises.tell(
            customers=customers.agreed(customers.ASK),
            what="consultation-opened",
            about=fact.consultation_id,
        )


@when(TookPart)
def took_part(fact: TookPart) -> None:
    """That somebody took part is on their journey; what they said and voted is not."""
    touch(fact.customer_id, "consult", fact.at, fact.consultation_id)


@when(StatementTakenOut)
def statement_taken_out(fact: StatementTakenOut) -> None:
    """Its author is told why, unless it was let in again meanwhile."""
    said = consulted.statement(fact.statement_id)
    if said is not None and said.state is State.OUT:
        promises.tell(
            customers=[fact.customer_id], what="statement-taken-out", about=fact.statement_id
        )


@when(ConsultationClosed)
def consultation_closed(fact: ConsultationClosed) -> None:
    """What came out goes to everyone who took part, with what the company now owes them for it."""
    one = consulted.consultation(fact.consultation_id)
    if one is None:
        return
    people = consulted.took_part(fact.consultation_id)
    if one.due is not None:
        promises.pledge(
            owner=one.asked_by, text=one.pledge, due=one.due, to=people, question_id=one.id
        )
    promises.tell(customers=people, what="consultation-closed", about=fact.consultation_id)


@when(Counted)
def counted(fact: Counted) -> None:
    """That customers answered through the gate is on their journeys."""
    for customer_id in fact.customers:
        touch(UUID(customer_id), "vote", fact.at, fact.question_id)


@when(MeetingPlanned)
def meeting_planned(fact: MeetingPlanned) -> None:
    """Everyone who is invited to a meeting gets a letter, unless it was cancelled meanwhile."""
    one = meetings.meeting(fact.meeting_id)
    if one is not None and one.stands is Stands.PLANNED:
        guests = meetings.invited(fact.meeting_id)
        promises.tell(customers=guests, what="meeting-invited", about=fact.meeting_id)


@when(MeetingAccepted)
def meeting_accepted(fact: MeetingAccepted) -> None:
    """Who comes gets the meeting for their calendar; the employee's is mailed anew, as ever."""
    promises.tell(customers=[fact.customer_id], what="meeting-accepted", about=fact.meeting_id)


@when(MeetingCancelled)
def meeting_cancelled(fact: MeetingCancelled) -> None:
    """Whoever has not declined is told why it does not take place."""
    one = meetings.meeting(fact.meeting_id)
    guests = [guest.customer_id for guest in one.guests if guest.comes is not False] if one else []
    promises.tell(customers=guests, what="meeting-cancelled", about=fact.meeting_id)


@when(MeetingHeld)
def meeting_held(fact: MeetingHeld) -> None:
    """A meeting is on the journey of everybody who came."""
    one = meetings.meeting(fact.meeting_id)
    for guest in one.guests if one else ():
        if guest.came:
            touch(guest.customer_id, "meeting", fact.at, fact.meeting_id, "person")


def _where(voice_id: UUID) -> str:
    """Return by which channel a voice came."""
    return "email" if mailing.mails([voice_id]) else channels.met(voice_id) or "web"


def touch(customer_id: UUID, kind: str, at: datetime, ref: UUID, channel: str = "web") -> None:
    """Put what happened on a customer's journey."""
    touchpoints.meet(customer_id=customer_id, channel=channel, kind=kind, at=at, ref=str(ref))
