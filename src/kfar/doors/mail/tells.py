"""What each letter tells of, found by its code and what it is about."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from kfar.doors import links
from kfar.doors.methods import METHODS
from kfar.doors.outcomes import outcome
from kfar.loop import planning
from kfar.rooms.decisions import notices
from kfar.rooms.decisions import queries as decisions
from kfar.rooms.decisions.consultations import queries as consultations
from kfar.rooms.decisions.counting.rules import Method
from kfar.rooms.promises import queries as record
from kfar.rooms.promises.in_return import queries as in_return
from kfar.rooms.promises.plans import queries as plans
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.promises.telling import queries as tellings
from kfar.rooms.service import queries as service
from kfar.rooms.service.by_mail import queries as by_mail
from kfar.rooms.service.returns import queries as returns
from kfar.rooms.village.meetings import queries as meetings
from kfar.rooms.voice import queries as voices
from kfar.rooms.voice.follow_up import queries as follow_up
from kfar.rooms.voice.surveys import queries as surveys


def _remedy(about: UUID) -> dict[str, Any]:
    remedy = service.remedy(about)
    return {"remedy": remedy, "voice": voices.voice(remedy.voice_id) if remedy else None}


def _promise(about: UUID) -> dict[str, Any]:
    promise = record.promise(about)
    found: dict[str, Any] = {"promise": promise}
    if promise and promise.voice_id:
        found["voice"] = voices.voice(promise.voice_id)
        found["all_kept"] = all(p.kept_at for p in record.for_voice(promise.voice_id))
    if promise and promise.question_id:
        found["poll"] = decisions.question(promise.question_id)
        found["consultation"] = consultations.consultation(promise.question_id)
    if promise and promise.plan_id:
        found |= _planned(promise.plan_id)
        found["said_by"] = partial(plans.said_by, promise.plan_id)
        found["all_kept"] = True
    return found


def _planned(plan_id: UUID) -> dict[str, Any]:
    """Return the question or consultation a plan came of: who took part has no voice."""
    plan = plans.plan(plan_id)
    return _decided(plan.source, plan.ref) if plan else {}


def _decided(source: Source, ref: str) -> dict[str, Any]:
    found = {
        "poll": planning.question(source, ref),
        "consultation": planning.consultation(source, ref),
    }
    return {name: one for name, one in found.items() if one is not None}


def _in_return(about: UUID) -> dict[str, Any]:
    return {"given": in_return.given(about)}


def _moved(about: UUID) -> dict[str, Any]:
    move = record.move(about)
    return _promise(move.about) | {"move": move} if move else {}


def _changed(about: UUID) -> dict[str, Any]:
    change = tellings.change(about)
    found: dict[str, Any] = {"change": change, "said_by": partial(tellings.said_by, about)}
    if change:
        found |= _decided(change.source, change.ref)
    if change and change.plan_id:
        found |= _planned(change.plan_id)
        found["promise"] = record.for_plan(change.plan_id)
    return found


def _question(about: UUID) -> dict[str, Any]:
    poll = decisions.question(about)
    found: dict[str, Any] = {"poll": poll}
    if poll:
        found["method"] = METHODS[poll.method]
        found["plain"] = poll.method in {Method.PLURALITY, Method.APPROVAL}
    if poll and poll.result:
        found["outcome"] = outcome(poll.manifest, poll.result)
    return found


def _change(about: UUID) -> dict[str, Any]:
    return {"notice": notices.notice(about)}


def _reply(about: UUID) -> dict[str, Any]:
    found = notices.of_reply(about)
    return {"notice": found[0], "said": found[2]} if found else {}


def _consultation(about: UUID) -> dict[str, Any]:
    outcome = consultations.outcome(about)
    said = {one.number: one for one in consultations.statements(about)}
    return {
        "consultation": consultations.consultation(about),
        "outcome": outcome,
        "agreed": [said[n].text for n in outcome.agreed if n in said] if outcome else [],
        "rejected": [said[n].text for n in outcome.rejected if n in said] if outcome else [],
    }


def _statement(about: UUID) -> dict[str, Any]:
    said = consultations.statement(about)
    one = consultations.consultation(said.consultation_id) if said else None
    return {"statement": said, "consultation": one}


def _return(about: UUID) -> dict[str, Any]:
    return {"returned": returns.one(about), "link": links.page("web:my-return", about)}


def _send_back(about: UUID) -> dict[str, Any]:
    return {"send_back": by_mail.one(about)}


def _follow_up(about: UUID) -> dict[str, Any]:
    return {"asked": follow_up.one(about)}


def _survey(about: UUID) -> dict[str, Any]:
    return {"survey": surveys.survey(about)}


def _meeting(about: UUID) -> dict[str, Any]:
    return {"meeting": meetings.meeting(about)}


#: What each letter tells of, by its code: the same for all its readers.
TELLS: dict[str, Callable[[UUID], dict[str, Any]]] = {
    "remedy-given": _remedy,
    "remedy-undone": _remedy,
    "promise-made": _promise,
    "promise-kept": _promise,
    "promise-broken": _promise,
    "promise-moved": _moved,
    **dict.fromkeys(("in-return-asked", "in-return-due"), _in_return),
    "changed": _changed,
    "question-asked": _question,
    "question-closed": _question,
    "question-withdrawn": _question,
    "change-announced": _change,
    "change-due": _change,
    "change-closed": _change,
    "change-withdrawn": _change,
    "change-replied": _reply,
    "consultation-opened": _consultation,
    "consultation-closed": _consultation,
    "statement-taken-out": _statement,
    **dict.fromkeys(("return-started", "money-back", "return-refused", "return-arrived"), _return),
    "return-link": _send_back,
    "follow-up": _follow_up,
    "survey-invited": _survey,
    "survey-again": _survey,
    "meeting-invited": _meeting,
    "meeting-accepted": _meeting,
    "meeting-cancelled": _meeting,
}
