"""Answers that go back where a voice came from: in the thread, as a text, to who told us."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone, translation

from kfar.doors import texts
from kfar.doors.channels import feeds, hooks, mastodon
from kfar.doors.reaching import reach
from kfar.ground.errors import Refused
from kfar.rooms.voice.channels import commands, queries, rules
from kfar.rooms.voice.channels.queries import Said, Wrote
from kfar.rooms.voice.channels.rules import Kind

#: How long a text message may be: ten of 160 signs.
TEXT = 1_600
#: Refusals that no later try mends: what was answered is not there any more, or not ours.
FINAL = {"channels.gone", "channels.not_taken", "reach.bad_address", "voice.texts_stopped"}
#: After so many tries, some three days, whatever it says is held for good.
TRIES = 20


@dataclass(frozen=True)
class Answer:
    """What goes out: for them alone where it is `private`; `there` are the parts already sent."""

    letter_id: UUID
    text: str
    private: bool
    there: Sequence[Said]


def back(wrote: Sequence[Wrote]) -> Wrote | None:
    """Return the last of these messages that can be answered where it was said, if any."""
    return next((one for one in reversed(wrote) if one.channel.answers and one.answers), None)


def mailed(wrote: Sequence[Wrote]) -> str:
    """Return the e-mail address of who wrote, where that is the only way back; else ""."""
    found = (one.address for one in reversed(wrote) if one.answers and not one.channel.answers)
    return next(found, "")


def send(
    *,
    voice_id: UUID,
    letter_id: UUID,
    what: str,
    context: Mapping[str, Any],
    to: Wrote,
    stopped: Callable[[str], bool],
    tries: int = 0,
) -> str:
    """Send what a letter says over the channel, each part once; return its kind, "" if it cannot.

    In the open stands only an employee's answer; what somebody gets, and the link by which they
    say whether it is good, is for them alone. Refuses what may go well later, to be tried again;
    of the rest, and of what was tried `TRIES` times, it is noted why it could not be delivered,
    and it is not sent again.
    """
    remedy = context.get("remedy")
    open_ = what == "remedy-given" and remedy is not None and remedy.kind == "answer"
    private = to.private or not open_
    said = {**context, "private": private}
    text = render_to_string([f"mail/channel/{what}.txt", f"mail/{what}.txt"], said).strip()
    there = [
        one for one in queries.answers([voice_id]).get(voice_id, ()) if one.letter_id == letter_id
    ]
    done = len(there)
    if any(not one.ref for one in there):
        return ""
    try:
        if to.channel.kind in rules.TEXTS and stopped(to.address):
            raise Refused("voice.texts_stopped")
        for ref, url in WAYS[to.channel.kind](to, Answer(letter_id, text, private, there)):
            commands.posted(
                voice_id=voice_id,
                channel_id=to.channel.id,
                letter_id=letter_id,
                part=done,
                ref=ref,
                url=url,
            )
            done += 1
    except Refused as refused:
        if refused.code not in FINAL and tries + 1 < TRIES:
            raise
        commands.posted(
            voice_id=voice_id,
            channel_id=to.channel.id,
            letter_id=letter_id,
            part=done,
            why=refused.code,
        )
        return ""
    return to.channel.kind


def _status(to: Wrote, answer: Answer) -> Iterator[tuple[str, str]]:
    """Post below what was said, in as many posts as it takes; the same part again posts once."""
    server = mastodon.Server(to.channel.url, queries.secrets(to.channel.id)[0])
    pieces = rules.parts(answer.text, server.longest() - len(to.address) - 1)
    last = answer.there[-1].ref if answer.there else to.ref
    for part in range(len(answer.there), len(pieces)):
        last, url = server.post(
            f"{to.address} {pieces[part]}",
            once=f"{answer.letter_id}/{part}",
            answers=last,
            visibility="direct" if answer.private else "unlisted",
            language=translation.get_language() or "",
        )
        yield last, url


def _text(to: Wrote, answer: Answer) -> Iterator[tuple[str, str]]:
    """Send it as text messages, from the number that they wrote to."""
    before = texts.WHATSAPP if to.channel.kind == Kind.WHATSAPP else ""
    pieces = rules.parts(texts.plain(answer.text), TEXT)
    for part in range(len(answer.there), len(pieces)):
        sender = f"{before}{to.ours}" if to.ours else ""
        texts.texter().send(to=f"{before}{to.address}", text=pieces[part], sender=sender)
        yield f"{answer.letter_id}/{part}", ""


def _hook(to: Wrote, answer: Answer) -> Iterator[tuple[str, str]]:
    """Tell who told us, signed with every secret that is good."""
    if answer.there:
        return
    now, delivery = timezone.now(), str(answer.letter_id)
    said = {
        "id": delivery,
        "answers": to.ref,
        "thread": to.thread,
        "text": answer.text,
        "private": answer.private,
    }
    told = {"type": "answer", "timestamp": now.isoformat(), "data": said}
    body = json.dumps(told, ensure_ascii=False).encode()
    signed = [
        hooks.sign(secret, delivery=delivery, at=now, body=body)
        for secret in queries.secrets(to.channel.id)
    ]
    marks = " ".join(one["webhook-signature"] for one in signed)
    headers = {
        **signed[0],
        "webhook-signature": marks,
        "Content-Type": "application/json",
        "User-Agent": "Kfar",
    }
    feeds.check(reach("POST", str(to.channel.about["answers"]), headers=headers, body=body))
    yield delivery, ""


WAYS: dict[Kind, Callable[[Wrote, Answer], Iterator[tuple[str, str]]]] = {
    Kind.MASTODON: _status,
    Kind.SMS: _text,
    Kind.WHATSAPP: _text,
    Kind.HOOK: _hook,
}
