"""What a customer answered where something was decided: questions, changes, consultations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kfar.ground.ballots import Form, read_ballot, slots_of
from kfar.rooms.customers import queries as customers
from kfar.rooms.decisions import notices
from kfar.rooms.decisions import queries as decisions
from kfar.rooms.decisions.consultations import queries as consultations

#: What a vote on a statement is called.
VOTES = {1: "agree", 0: "pass", -1: "disagree"}


def by_ballots(customer_id: UUID) -> list[dict[str, Any]]:
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


def in_consultations(customer_id: UUID) -> list[dict[str, Any]]:
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


def on_changes(customer_id: UUID) -> list[dict[str, Any]]:
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
