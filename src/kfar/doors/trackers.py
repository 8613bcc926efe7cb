"""Trackers: plans go to where the makers of a product work, and what became of them comes back.

Every target has a secret of its own, which follows from `KFAR_SECRET_KEY` and is kept nowhere.
With it Kfar signs what it sends (Standard Webhooks) and knows what comes back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from hashlib import sha256
from hmac import new as hmac
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

from kfar import loop
from kfar.doors import links
from kfar.doors.reaching import reach
from kfar.ground import webhooks
from kfar.ground.errors import Refused
from kfar.rooms.promises.plans import commands, shapes
from kfar.rooms.promises.plans.queries import Handed, Planned, Tracker
from kfar.rooms.promises.plans.rules import Shape
from kfar.rooms.promises.plans.shapes import Brief

#: The most that is read of an answer, and of what comes back, in bytes; and seconds to wait.
MOST, PATIENCE = 262_144, 10.0


def secret(target_id: UUID) -> str:
    """Return the secret of a target, as people copy it."""
    key = hmac(settings.SECRET_KEY.encode(), b"kfar.tracker." + target_id.bytes, sha256).digest()
    return webhooks.secret_of(key)


def hand_over() -> int:
    """Hand over the plans that wait; return how many arrived."""
    return commands.hand_over_waiting(send=send)


def send(handed: Handed) -> tuple[str, str]:
    """Hand one plan over; return what it is called there, and where it stands.

    Refuses as `reaching.reach`, and with `plans.not_taken` where they do not take it.
    """
    brief = brief_of(handed.plan)
    if handed.target.shape is Shape.MAIL:
        _mail(handed, brief)
        return "", ""
    text = json.dumps(shapes.body(handed.target.shape, brief), ensure_ascii=False).encode()
    answer = reach(
        "POST",
        handed.target.url,
        headers=_headers(handed, text),
        body=text,
        most=MOST,
        seconds=PATIENCE,
    )
    if not 200 <= answer.status < 300:
        raise Refused("plans.not_taken", status=answer.status)
    return shapes.answered(handed.target.shape, answer.body)


def brief_of(plan: Planned) -> Brief:
    """Return a plan as the makers read it: no word of a customer's, and no name."""
    return Brief(
        plan_id=plan.id,
        title=plan.title,
        needs=plan.needs,
        owner=plan.owner,
        due=plan.due.isoformat(),
        about=plan.label,
        voices=plan.voices,
        people=plan.people,
        link=links.page("web:plan", plan.id),
    )


def believed(target: Tracker, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether what came in was said by this target."""
    own = secret(target.id)
    if target.shape is Shape.GITHUB:
        return webhooks.hub_signed(own, headers.get("X-Hub-Signature-256", ""), body)
    if target.shape is Shape.JIRA:
        return webhooks.hub_signed(own, headers.get("X-Hub-Signature", ""), body)
    return target.shape is Shape.PLAIN and webhooks.signed(
        own,
        headers.get("webhook-id", ""),
        headers.get("webhook-timestamp", ""),
        headers.get("webhook-signature", ""),
        body,
        now=time.time(),
    )


def _headers(handed: Handed, text: bytes) -> dict[str, str]:
    # The same plan handed over again is the same message to who keeps their ids.
    now, name = int(time.time()), f"plan_{handed.id.hex}"
    token = settings.KFAR_TRACKER_TOKENS.get(handed.target.name)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Kfar",
        "webhook-id": name,
        "webhook-timestamp": str(now),
        "webhook-signature": webhooks.sign(secret(handed.target.id), name, now, text),
        **({"Authorization": token} if token else {}),
    }


def _mail(handed: Handed, brief: Brief) -> None:
    """Send a plan to a mailbox; sent twice it is one message to a mail program."""
    headers = {"Message-ID": f"<{handed.id}@kfar>", "Auto-Submitted": "auto-generated"}
    EmailMessage(
        subject=brief.title,
        body=brief.text + "\n",
        to=[handed.target.url.removeprefix("mailto:")],
        headers=headers,
    ).send()


loop.listening.append(hand_over)
