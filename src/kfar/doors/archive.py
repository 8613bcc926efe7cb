"""All that is known of one customer, as an archive that they and their programs can read.

JSON has English keys, which stay as they are; CSV has the columns' names in the customer's
language, and begins with a mark by which spreadsheets know that it is UTF-8. Times are those of
the company's time zone.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kfar.doors import looking, words
from kfar.ground.ballots import Form, read_ballot, slots_of
from kfar.ground.errors import Refused
from kfar.ground.money import Money
from kfar.ground.text import cell
from kfar.lake import audit
from kfar.lake.touch import Touch
from kfar.loop import returning
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import notices
from kfar.rooms.decisions import queries as decisions
from kfar.rooms.decisions.consultations import queries as consultations
from kfar.rooms.promises import queries as promises
from kfar.rooms.service import queries as service
from kfar.rooms.service.approving import queries as approving
from kfar.rooms.service.approving.queries import Asked
from kfar.rooms.service.returns import queries as returns
from kfar.rooms.touchpoints import queries as touchpoints
from kfar.rooms.village.meetings import queries as meetings
from kfar.rooms.village.notes import queries as notes
from kfar.rooms.voice import mailing
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.follow_up import queries as follow_up
from kfar.rooms.voice.reviews import queries as reviews
from kfar.rooms.voice.surveys import queries as surveys

#: The files, and what each is.
FILES = {
    "about.json": _("Who you are to us: your names and addresses, and what you agreed to."),
    "journey.csv": _("Every contact between you and us, for a spreadsheet."),
    "journey.json": _("The same, for programs."),
    "voices.json": _("What you said, what we decided, and whether it was good."),
    "returns.json": _("What you sent back, and what is striking in it, if anything is."),
    "promises.json": _("What we promised you, and whether we kept it."),
    "answers.json": _("What we asked you, and what you answered."),
    "surveys.json": _("What you answered in surveys."),
    "how-it-was.json": _("When we asked you how it was, and your word."),
    "reviews.json": _("What you said of products, and what you said before."),
    "changes.json": _("What you said for a company about changes."),
    "consultations.json": _("What you said and voted where we asked what people think."),
    "meetings.json": _("When we wanted to meet you, whether we did, and what was said."),
    "notes.json": _("What those who work here wrote about you for each other."),
    "letters.csv": _("What we wrote to you about, and when."),
    "consents.csv": _("Every yes and no you gave to a use of your data."),
    "who-saw-it.csv": _("Who did what with your data."),
}

#: The columns of the journey: the name, and what it says of a touch.
JOURNEY: dict[str, tuple[Any, Callable[[Touch], object]]] = {
    "at": (_("When"), lambda touch: touch.at),
    "channel": (_("Where"), lambda touch: touch.channel),
    "kind": (_("What"), lambda touch: touch.kind),
    "source": (_("Who told us"), lambda touch: touch.source),
    "place": (_("Place"), lambda touch: touch.place),
    "basket": (_("Basket"), lambda touch: touch.basket),
    "product": (_("Product code"), lambda touch: touch.product),
    "product_name": (_("Product"), lambda touch: touch.product_name),
    "category": (_("Category"), lambda touch: touch.category),
    "department": (_("Department"), lambda touch: touch.department),
    "units": (_("Units"), lambda touch: touch.units),
    "measure": (_("Measure"), lambda touch: touch.measure),
    "measure_unit": (_("Unit of measure"), lambda touch: touch.measure_unit),
    "paid": (_("Paid"), lambda touch: _major(touch.paid, touch)),
    "discount": (_("Discount"), lambda touch: _major(touch.discount, touch)),
    "currency": (_("Currency"), lambda touch: touch.currency),
    "name": (_("Called"), lambda touch: touch.name),
    "url": (_("Address on the web"), lambda touch: touch.url),
    "properties": (_("What else we were told"), lambda touch: touch.properties),
    "consent": (_("Agreed to then"), lambda touch: touch.consent),
    "received": (_("When it reached us"), lambda touch: touch.received),
    "ref": (_("What of ours it tells of"), lambda touch: touch.ref),
    "id": (_("Number"), lambda touch: touch.id),
}


#: What a vote on a statement is called.
VOTES = {1: "agree", 0: "pass", -1: "disagree"}


def write(customer_id: UUID, file: IO[bytes]) -> None:
    """Write the archive of a customer, a zip, in the language that is spoken now.

    However long the journey, memory holds a few touches of it. Refuses with
    `customers.not_found` and `lake.damaged`.
    """
    person = customers.person(customer_id)
    if person is None:
        raise Refused("customers.not_found")
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", "\ufeff" + _readme(person.name))
        _json(archive, "about.json", _about(person))
        names = [str(name) for name, _of in JOURNEY.values()]
        touches = touchpoints.everything(customer_id)
        _csv(
            archive, "journey.csv", names, ([of(t) for _n, of in JOURNEY.values()] for t in touches)
        )
        _json_lines(archive, "journey.json", touchpoints.everything(customer_id))
        _json(archive, "voices.json", _voices(customer_id))
        _json(archive, "returns.json", _returns(customer_id))
        _json(archive, "promises.json", [_promised(p) for p in promises.to_customer(customer_id)])
        _json(archive, "answers.json", _answers(customer_id))
        _json(archive, "surveys.json", _surveys(customer_id))
        _json(archive, "how-it-was.json", [asdict(f) for f in follow_up.of_customer(customer_id)])
        _json(archive, "reviews.json", _reviews(customer_id))
        _json(archive, "changes.json", _changes(customer_id))
        _json(archive, "consultations.json", _consultations(customer_id))
        _json(archive, "meetings.json", _meetings(customer_id))
        _json(archive, "notes.json", _notes(customer_id))
        letters = promises.told(customer_id, most=None)
        _csv(
            archive,
            "letters.csv",
            [gettext("When"), gettext("What"), gettext("Sent")],
            ([letter.at, letter.what, letter.sent_at] for letter in letters),
        )
        _csv(
            archive,
            "consents.csv",
            [gettext("When"), gettext("What for"), gettext("Yes"), gettext("Where")],
            (
                [
                    word.at,
                    word.purpose,
                    gettext("yes") if word.given else gettext("no"),
                    word.source,
                ]
                for word in customers.words_of(customer_id)
            ),
        )
        lines = audit.lines(customers.selves(customer_id), most=None)
        _csv(
            archive,
            "who-saw-it.csv",
            [gettext("When"), gettext("What"), gettext("Who")],
            (
                [line.at, words.act_label(line.act), ", ".join(who)]
                for line, who in looking.who_looked(lines)
            ),
        )


def _readme(name: str) -> str:
    said = [
        gettext("What %(company)s knows of %(name)s")
        % {"company": settings.KFAR_COMPANY, "name": name or gettext("you")},
        words.moment(timezone.now()),
        "",
        gettext("This is yours: keep it, read it, take it wherever you like."),
        "",
        *(f"{file}: {what}" for file, what in FILES.items()),
        "",
        gettext("Times are those of %(zone)s.") % {"zone": settings.TIME_ZONE},
    ]
    return "\r\n".join(said) + "\r\n"


def _about(person: customers.Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "language": person.language,
        "known_since": person.met_at,
        "about": person.about,
        "agrees_to": sorted(person.consents),
        "hears": {
            purpose: way
            for purpose in customers.HEARING
            if (way := customers.ways(purpose, [person.id]).get(person.id))
        },
        "names": [asdict(named) for named in customers.names_of(person.id)],
    }


def _voices(customer_id: UUID) -> list[dict[str, Any]]:
    said = voices.of_customer(customer_id)
    ids = [voice.id for voice in said]
    given, judged, wrote = service.remedies_for(ids), voices.judgements(ids), mailing.mails(ids)
    posts, answers = channels.posts(ids), channels.answers(ids)
    asked: dict[UUID, list[Asked]] = {}
    for one in approving.asked_about(ids):
        asked.setdefault(one.voice_id, []).append(one)
    return [
        {
            "id": voice.id,
            "at": voice.heard_at,
            "text": voice.text,
            "language": voice.language,
            "about": voice.about_name,
            "about_touch": voice.about,
            "told_at": voice.told_at,
            "closed_at": voice.closed_at,
            "closed_untold": voice.untold,
            "closed_untold_words": voice.untold_words,
            "decisions": [
                {
                    "at": remedy.at,
                    "kind": remedy.kind,
                    "amount": remedy.amount.major,
                    "currency": remedy.amount.currency,
                    "words": remedy.words,
                    "by": remedy.by,
                    "taken_back_at": remedy.undone_at,
                    "why_taken_back": remedy.undone_why,
                }
                for remedy in given.get(voice.id, [])
            ],
            "asked_about": [
                {
                    "at": one.at,
                    "kind": one.kind,
                    "amount": one.amount.major,
                    "currency": one.amount.currency,
                    "words": one.words,
                    "by": one.by,
                    "of": one.approver_name,
                    "answer": one.outcome,
                    "answered_at": one.ended_at,
                    "why": one.why,
                }
                for one in asked.get(voice.id, [])
            ],
            "mails": [
                {
                    "at": mail.at,
                    "from": mail.address,
                    "subject": mail.subject,
                    "text": mail.text,
                    "attached": [file.name for file in mail.attachments],
                }
                for mail in wrote.get(voice.id, [])
            ],
            "posts": [
                {
                    "at": post.at,
                    "channel": post.channel.name,
                    "from": post.address,
                    "text": post.text,
                    "url": post.url,
                }
                for post in posts.get(voice.id, [])
            ],
            "answered": [
                {"at": said.at, "channel": said.channel.name, "url": said.url}
                for said in answers.get(voice.id, [])
                if said.ref
            ],
            "was_it_good": [{"at": at, "good": good} for at, good in judged.get(voice.id, [])],
        }
        for voice in said
    ]


def _returns(customer_id: UUID) -> dict[str, Any]:
    found = returning.pattern(customer_id)
    share = found.share if found else None
    return {
        "returns": [
            {
                "id": one.id,
                "code": one.code,
                "at": one.at,
                "amount": one.amount.major,
                "currency": one.amount.currency,
                "stands": one.state,
                "left_to_a_person_because": list(one.doubts),
                "money_back_at": one.money_at,
                "decided_by": one.by,
                "words": one.words,
                "sent_at": one.sent_at,
                "arrived_at": one.arrived_at,
                "taken_back_at": one.taken_back_at,
                "lines": [
                    {"touch": part.touch_id, "product": part.name, "units": part.units}
                    for part in one.parts
                ],
            }
            for one in returns.of_customer(customer_id)
        ],
        "striking": share and {**asdict(share), "beside": share.beside},
        "again_and_again": [list(one) for one in found.repeated] if found else [],
    }


def _promised(promise: promises.Promised) -> dict[str, Any]:
    return {
        "id": promise.id,
        "text": dict(promise.text),
        "made_at": promise.made_at,
        "due": promise.due,
        "by": promise.owner,
        "kept_at": promise.kept_at,
        "how": promise.how,
        "moved": [
            {"at": move.at, "from": move.before, "to": move.after, "why": move.why}
            for move in promise.moves
        ],
        "broken_at": promise.broken_at,
        "why_broken": promise.why,
        "released_at": promise.released_at,
        "for_voice": promise.voice_id,
        "for_question": promise.question_id,
    }


def _answers(customer_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "question": poll.id,
            "text": dict(poll.text),
            "asked_at": poll.asked_at,
            "closes_at": poll.closes_at,
            "options": [dict(option) for option in poll.options],
            "answer": None if ballot is None else _answer(poll, ballot),
        }
        for poll, ballot in decisions.asked_of(customer_id)
    ]


def _surveys(customer_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "survey": given.survey_id,
            "title": form.say(form.title, given.language),
            "at": given.at,
            "answers": [
                {
                    "question": form.called(element, given.language),
                    "answer": given.answers[element.name],
                }
                for element in form.elements
                if element.name in given.answers
            ],
        }
        for form, given in surveys.answers_of(customer_id)
    ]


def _reviews(customer_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "id": one.told.id,
            "product": one.told.code,
            "name": one.product,
            "at": one.told.at,
            "stars": one.told.stars,
            "text": one.told.text,
            "language": one.told.language,
            "with_your_name": one.named,
            "bought_it": one.told.verified,
            "taken_back_at": one.taken_back_at,
            "answer": one.told.answer.text if one.told.answer else None,
            "before": [
                {"until": until, "stars": stars, "text": text} for until, stars, text in one.before
            ],
        }
        for one in reviews.mine(customer_id)
    ]


def _consultations(customer_id: UUID) -> list[dict[str, Any]]:
    found = []
    for one, own in consultations.of_customer(customer_id):
        shown = {said.number: said for said in consultations.statements(one.id)}
        mine = {said.number for said in own.statements}
        found.append(
            {
                "consultation": one.id,
                "topic": dict(one.topic),
                "closes_at": one.closes_at,
                "statements": [
                    {
                        "at": said.said_at,
                        "text": said.text,
                        "language": said.language,
                        "stands": said.state,
                        "why_taken_out": said.reason,
                    }
                    for said in own.statements
                ],
                "votes": [
                    {"on": shown[number].text, "vote": VOTES[vote]}
                    for number, vote in own.votes.items()
                    if number in shown and number not in mine
                ],
            }
        )
    return found


def _meetings(customer_id: UUID) -> dict[str, Any]:
    ids = customers.selves(customer_id)
    met = []
    for one in meetings.of_customer(ids):
        mine = next(guest for guest in one.guests if guest.customer_id in ids)
        met.append(
            {
                "at": one.at,
                "minutes": one.minutes,
                "place": one.place,
                "with": one.employee,
                "you_come": mine.comes,
                "you_came": mine.came,
                "cancelled_at": one.cancelled_at,
                "why_cancelled": one.why,
                "said": one.said if mine.came else "",
            }
        )
    drawn = [
        {
            "at": pick.at,
            "for_department": pick.department,
            "as_quiet": pick.quiet,
            "with_known_value": pick.valued,
            "as_new": pick.new,
        }
        for pick in meetings.picks_of(ids)
    ]
    return {"meetings": met, "drawn": drawn}


def _notes(customer_id: UUID) -> list[dict[str, Any]]:
    return [
        {"at": one.at, "by": one.by, "text": one.text, "on_voice": one.voice_id}
        for one in notes.of_customer(customers.selves(customer_id))
    ]


def _answer(poll: decisions.Poll, ballot: str) -> list[Any]:
    """What somebody answered, options in their words: chosen, rank by rank, or with scores."""
    said = read_ballot(poll.manifest.paper.form, ballot)
    options = [dict(option) for option in poll.options]
    match poll.manifest.paper.form:
        case Form.CHOICES:
            return [options[number] for number in said if isinstance(number, int)]
        case Form.RANKING:
            return [[options[number] for number in slot] for slot in slots_of(said)]
        case _:
            return [{"option": options[o], "gets": number} for o, number in slots_of(said)]


def _changes(customer_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "change": notice.id,
            "text": dict(notice.manifest.text),
            "for": one.name,
            "at": said.at,
            "answer": said.answer,
            "words": said.words,
        }
        for notice, one, said in notices.given_by(customers.selves(customer_id))
    ]


def _json(archive: ZipFile, name: str, value: object) -> None:
    with _text(archive, name) as file:
        json.dump(value, file, ensure_ascii=False, indent=2, default=_plain)
        file.write("\n")


def _json_lines(archive: ZipFile, name: str, touches: Iterable[Touch]) -> None:
    """Write a list, an item a line, without ever having all of it."""
    with _text(archive, name) as file:
        between = "[\n"
        for touch in touches:
            said = {key: of(touch) for key, (_name, of) in JOURNEY.items()}
            said["properties"] = json.loads(touch.properties) if touch.properties else None
            there = {key: value for key, value in said.items() if value is not None}
            file.write(between + json.dumps(there, ensure_ascii=False, default=_plain))
            between = ",\n"
        file.write("\n]\n" if between == ",\n" else "[]\n")


def _csv(
    archive: ZipFile, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    with _text(archive, name) as file:
        file.write("\ufeff")
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


@contextmanager
def _text(archive: ZipFile, name: str) -> Iterator[io.TextIOWrapper]:
    with archive.open(name, "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as file:
        yield file


def _cell(value: object) -> object:
    """Return a cell; what a spreadsheet would take for a formula is text."""
    if isinstance(value, str):
        return cell(value)
    return "" if value is None else value if isinstance(value, int | float) else _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _major(minor: int | None, touch: Touch) -> Decimal | None:
    currency = touch.currency or settings.KFAR_CURRENCY
    return None if minor is None else Money(minor, currency).major
