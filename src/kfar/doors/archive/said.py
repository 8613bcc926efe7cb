"""What a customer said, sent back and was promised, and how they were met."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from kfar.loop import returning
from kfar.rooms.customers import queries as customers
from kfar.rooms.customers.ties import queries as ties
from kfar.rooms.promises import queries as promises
from kfar.rooms.promises.in_return.queries import Given
from kfar.rooms.service import queries as service
from kfar.rooms.service.approving import queries as approving
from kfar.rooms.service.approving.queries import Asked
from kfar.rooms.service.by_mail import queries as by_mail
from kfar.rooms.service.returns import queries as returns
from kfar.rooms.village.meetings import queries as meetings
from kfar.rooms.village.notes import queries as notes
from kfar.rooms.voice import mailing
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.channels import queries as channels
from kfar.rooms.voice.reviews import queries as reviews
from kfar.rooms.voice.surveys import queries as surveys


def in_voices(customer_id: UUID) -> list[dict[str, Any]]:
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


def sent_back(customer_id: UUID) -> dict[str, Any]:
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
        "links_asked_for": [
            {"at": one.at, "address": one.address, "return": one.return_id}
            for one in by_mail.of_customer(customer_id)
        ],
        "striking": share and {**asdict(share), "beside": share.beside},
        "again_and_again": [list(one) for one in found.repeated] if found else [],
    }


def promised(promise: promises.Promised) -> dict[str, Any]:
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


def given(one: Given) -> dict[str, Any]:
    return {
        "id": one.id,
        "what": one.kind,
        "of_product": one.about,
        "words": dict(one.text),
        "asked_by": one.asked_by,
        "asked_at": one.asked_at if one.asked_by else None,
        "for_voice": one.voice_id,
        "due": one.due,
        "you_said_yes_at": one.agreed_at,
        "reminded_at": one.reminded_at,
        "kept_at": one.kept_at,
        "how": one.how,
        "by_a_review": one.by_itself,
        "no_or_taken_back_at": one.released_at,
    }


def in_surveys(customer_id: UUID) -> list[dict[str, Any]]:
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


def in_reviews(customer_id: UUID) -> list[dict[str, Any]]:
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


def who_is_known(customer_id: UUID) -> dict[str, Any]:
    return {
        "known": [{"name": one.name, "since": one.since} for one in ties.known(customer_id)],
        "invitations": [
            {"at": one.at, "until": one.until, "by_letter": one.written}
            for one in ties.invitations(customer_id)
        ],
    }


def in_meetings(customer_id: UUID) -> dict[str, Any]:
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


def noted(customer_id: UUID) -> list[dict[str, Any]]:
    return [
        {"at": one.at, "by": one.by, "text": one.text, "on_voice": one.voice_id}
        for one in notes.of_customer(customers.selves(customer_id))
    ]
