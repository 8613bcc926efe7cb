"""What codes are called: acts, refusals of the gate, tables, names, demographics."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kfar.rooms.decisions.proving.shipping import Answer, Silence, Veto, Why
from kfar.rooms.promises.in_return.rules import Kind

#: What an audit line says was done, to the customer whose data it was done with.
ACTS = {
    "customers.compared": _("Somebody looked whether you are also known under another name."),
    "customers.chose_way": _("You chose how you want to hear of something."),
    "customers.consented": _("You agreed to a use of your data."),
    "customers.declined": _("You did not agree to a use of your data, or no longer."),
    "customers.dropped": _("You took away a name we knew you by."),
    "customers.exported": _("Your data was written to a file for you."),
    "customers.merged": _("You were known under two names; they are held for one person now."),
    "customers.read": _("Somebody looked at the names you are known by."),
    "customers.joined": _("You were noted as one of a company’s people."),
    "customers.left": _("You were noted as no longer one of a company’s people."),
    "customers.recognised": _("You signed in for the first time."),
    "customers.renamed": _("You changed your name."),
    "customers.tie_invited": _("You invited somebody you know."),
    "customers.tied": _("You and somebody else agreed that you know each other."),
    "customers.untied": _("You or somebody else said that you know each other no longer."),
    "customers.unmerged": _("Two names held for one person are two people again."),
    "insight.corrected": _("You corrected what is known of you."),
    "insight.read": _("Somebody looked at what is known of you."),
    "promises.asked_in_return": _("You were asked whether you would do something in return."),
    "promises.broken": _("A promise to you was broken."),
    "promises.did": _("You said that you did what you had promised."),
    "promises.kept": _("A promise to you was kept."),
    "promises.kept_in_return": _("Somebody noted that you did what you had promised."),
    "promises.moved": _("A promise to you was moved to another day."),
    "promises.planned": _("A plan was made of what you and others said."),
    "promises.promised": _("Something was promised to you."),
    "promises.promised_in_return": _("You promised something yourself."),
    "promises.read": _("A program of the company read what was promised, to you and by you."),
    "promises.released": _("You said that you need a promise no more."),
    "promises.told_all": _("You were to be told what changed because of what you said."),
    "promises.withdrew": _("You said no to what you were asked for, or took it back."),
    "service.asked": _("Somebody who may decide more was asked about your case."),
    "service.declined": _("Who was asked about your case said no to what was proposed."),
    "service.handed_on": _("Your case was handed to somebody who may decide more."),
    "service.merged": _("Several things you said are decided together."),
    "service.passed": _("The next who may decide more was asked about your case."),
    "service.return_arrived": _("What you sent back was noted as arrived."),
    "service.return_decided": _("Somebody decided about what you send back."),
    "service.remedied": _("Something was decided for you."),
    "service.split": _("Something you said is decided by itself again."),
    "service.undone": _("A decision for you was taken back."),
    "touchpoints.read": _("Your journey was read."),
    "village.accepted": _("You said that you come to a meeting."),
    "village.declined": _("You said that you do not come to a meeting."),
    "village.invited": _("You were invited to a meeting."),
    "village.met": _("It was noted what was said when we met you."),
    "village.noted": _("A note about you was written for others who work here."),
    "village.picked": _("You were drawn by lot as somebody to be met."),
    "voice.alarm_judged": _("Somebody judged an alarm at many voices at once, yours among them."),
    "voice.answered": _("A review of yours was answered."),
    "voice.answered_there": _("You were answered where you wrote."),
    "voice.corrected": _("Somebody said what your voice says, where it had been read otherwise."),
    "voice.closed": _(
        "Your voice was closed without telling you, for a reason that stands with it."
    ),
    "voice.read": _("Your voice was read, with your journey beside it."),
}

#: What a customer promises in return.
IN_RETURN = {
    Kind.REVIEW: _("A review, good or bad"),
    Kind.TRIAL: _("To try something, and to say how it was"),
    Kind.REFERRAL: _("To tell others about us"),
    Kind.OTHER: _("Something else, in words"),
}

#: Why the gate turns something away.
REASONS = {
    "bad_choice": _("Ballots that choose what cannot be chosen"),
    "bad_gzip": _("Packed data that cannot be unpacked"),
    "bad_id": _("Events whose id is no text or number"),
    "bad_voter": _("Ballots without a valid voter's token"),
    "body_too_large": _("Requests that are too large"),
    "disk_full": _("Put off: the disk is full"),
    "event_too_large": _("Events larger than 32 KB"),
    "headers_too_long": _("Requests whose head is too long"),
    "intake_away": _("Put off: the broker did not answer"),
    "malformed": _("What is not HTTP"),
    "nameless": _("Events that name nobody"),
    "no_event_name": _("Events without a name"),
    "no_group": _("Groups without an id"),
    "no_key": _("Requests without a key"),
    "no_previous": _("Aliases without an earlier id"),
    "nobody": _("Events of nobody"),
    "not_an_object": _("Events that are no object"),
    "not_by_link": _("Ballots by link where a link is not enough"),
    "not_json": _("Requests that are not JSON"),
    "not_open": _("Ballots before or after the vote"),
    "other_page": _("Ballots by link from another page"),
    "over_rate": _("Put off: faster than the key may send"),
    "overloaded": _("Put off: too much at once"),
    "pages_away": _("Put off: the pages were not open"),
    "too_deep": _("Events nested too deep"),
    "too_slow": _("Requests that took too long"),
    "too_many_voters": _("Put off: too many new voters from one address"),
    "unknown_key": _("Keys that open nothing"),
    "unknown_path": _("Addresses that are not here"),
    "unknown_question": _("Ballots for an unknown question"),
    "unknown_type": _("Events of an unknown kind"),
    "unreadable": _("Records nobody could read"),
    "wrong_method": _("Requests of a wrong method"),
}

#: Why a change may ship, or not.
SHIPPING = {
    Why.WITHDRAWN: _("No: the change was taken back."),
    Why.NOT_ASKED: _("No: this account was not asked about the change."),
    Why.VETO: _("No: a veto holds the change."),
    Why.OPEN: _("No: answers are still coming in, and not all have approved."),
    Why.OBJECTION: _("No: an objection has not been answered yet."),
    Why.CONDITIONS: _("No: there are conditions that have not been taken on yet."),
    Why.UNANSWERED: _("No: nothing was said, and silence is no yes."),
    Why.NOT_YET: _("No: it begins later, as announced."),
    Why.APPROVED: _("Yes: it was approved."),
    Why.CONDITIONS_TAKEN: _("Yes: the conditions were taken on."),
    Why.OBJECTION_ANSWERED: _("Yes: the objection was answered."),
    Why.VETO_OVER: _("Yes: the time that the veto bought is over."),
    Why.AGREEMENT: _("Yes: by a signed agreement, silence means yes here."),
    Why.ALL_CLEAR: _("Yes: nothing holds it any more."),
}

#: What an account answers, and what that means.
ANSWERS = {
    Answer.APPROVE: (_("We approve"), _("From our side the change may come.")),
    Answer.CONDITIONS: (
        _("We approve with conditions"),
        _("It comes to us once the conditions below are taken on."),
    ),
    Answer.OBJECT: (_("We object"), _("It comes to us once our objection has been answered.")),
    Answer.VETO: (_("We veto"), _("It does not come, as said above, until we ourselves let it.")),
}
ANSWERED = {
    Answer.APPROVE: _("approved"),
    Answer.CONDITIONS: _("approved with conditions"),
    Answer.OBJECT: _("objected"),
    Answer.VETO: _("vetoed"),
}

#: What silence means and what a veto does, as it is declared beforehand.
SILENCES = {
    Silence.WAITS: _(
        "Silence is no yes. Who says nothing keeps what they have; the change goes on for others."
    ),
    Silence.HOLDS: _("Silence is no yes. The change waits for all until everyone has answered."),
}
VETOES = {
    Veto.ALL: _("A veto holds the change for all, until the company that vetoed lets it go."),
    Veto.ACCOUNT: _("A veto holds the change for the company that vetoes, until it lets it go."),
    Veto.TIME: _(
        "A veto buys time: the company that vetoes keeps what it has until an agreed day."
    ),
}

#: What stands in a table of which an erasure took rows.
TABLES = {
    "customers.Handle": _("Names and addresses"),
    "customers.Consent": _("Consents"),
    "insight.Correction": _("Corrections"),
    "lake.Touchpoint": _("Touches of the journey"),
    "voice.FollowUp": _("Questions how it was"),
    "voice.Review": _("Reviews"),
    "voice.Post": _("Messages over channels"),
    "voice.Posted": _("Our answers over channels"),
    "voice.Response": _("Answers to surveys"),
    "voice.Voice": _("Voices"),
    "service.Remedy": _("Decisions"),
    "service.Return": _("Returns"),
    "promises.Promise": _("Promises"),
    "decisions.Voter": _("Questions"),
    "decisions.Answer": _("Answers to changes, kept without the person"),
    "decisions.Participant": _("Consultations"),
    "decisions.Statement": _("Statements in consultations"),
    "village.Guest": _("Invitations to meetings"),
    "village.Meeting": _("Meetings, kept without what was said"),
    "village.Note": _("Notes about the person"),
    "promises.Letter": _("Letters"),
    "lake.AuditLine": _("Lines of who did what"),
}

#: What demographics are called.
ABOUT = {
    "age": _("Age"),
    "home_ownership": _("Home"),
    "household_comp": _("Household"),
    "household_size": _("People"),
    "income": _("Income"),
    "kids_count": _("Children"),
    "marital_status": _("Marital status"),
}

#: What kinds of names are called; what a source calls people is called as the source is.
KINDS = {
    "email": _("E-mail"),
    "phone": _("Phone"),
    "told-email": _("E-mail, told by a page"),
    "told-phone": _("Phone, told by a page"),
}

#: Why two are held for one person, or may be one.
GROUNDS = {
    "alias": _("A source says that both are one"),
    "device": _("Seen on one device"),
    "email": _("The same e-mail address"),
    "match": _("Alike in what is known of them"),
    "phone": _("The same phone number"),
    "sign-in": _("Signed in with both addresses"),
    "staff": _("Decided here"),
}

#: What there is to see of a customer, in words.
SEEN = {
    "journey": _("The journey: purchases, visits, letters"),
    "profile": _("What we know: what follows from the journey"),
    "voices": _("What customers said"),
    "cases": _("Cases, and what was decided"),
    "promises": _("Promises"),
    "demographics": _("Age, household and the like"),
}
