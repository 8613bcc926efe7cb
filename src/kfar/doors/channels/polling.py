"""Polls at Mastodon: asked there, and how they stand, told by it round by round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from kfar.doors.channels import mastodon
from kfar.ground.errors import Refused
from kfar.rooms.village import queries as village
from kfar.rooms.voice.channels import commands, queries, rules
from kfar.rooms.voice.channels.queries import Line
from kfar.rooms.voice.channels.rules import Kind
from kfar.rooms.voice.surveys.commands import SURVEY

#: For how long after its end a poll is asked how it stands: some votes come in late.
LATE = timedelta(minutes=10)


def ask(
    *,
    name: str,
    text: str,
    options: Iterable[str],
    hours: int,
    once: UUID,
    by: UUID | None = None,
    language: str = "",
) -> tuple[str, str]:
    """Ask a poll on an account of ours; return what it is called there, and where it stands.

    `by` is who asks, None for the operator. Sent twice it is asked once. Refuses as
    `rules.check_poll` and `mastodon.Server`, and with `village.may_not`, `voice.no_such_channel`.
    """
    if by is not None:
        village.require(by, SURVEY)
    asked, given = rules.check_poll(text, options, hours)
    line = account(name)
    seconds = hours * 3600
    ref, url = server(line).post(
        asked, once=str(once), options=given, seconds=seconds, language=language
    )
    until = timezone.now() + timedelta(seconds=seconds)
    commands.polled(channel_id=line.id, ref=ref, url=url, text=asked, options=given, until=until)
    return ref, url


def accounts() -> list[Line]:
    """Return our accounts at Mastodon, by name."""
    return [line for line in queries.everyone() if line.kind is Kind.MASTODON]


def account(name: str) -> Line:
    """Return the account of that name; refuses with `voice.no_such_channel`."""
    found = next((line for line in accounts() if line.name == name), None)
    if found is None:
        raise Refused("voice.no_such_channel", name=name[:60])
    return found


def server(line: Line) -> mastodon.Server:
    """Return the server an account is on."""
    return mastodon.Server(line.url, queries.secrets(line.id)[0])


def standing(line: Line, there: mastodon.Server) -> Mapping[str, Any]:
    """Return how the polls of a channel stand, after asking for the one asked for longest ago.

    One a round, so that polls hold up nothing that is said.
    """
    told: dict[str, Any] = dict(line.state.get("polls", {}))
    kept = {poll.ref: poll for poll in queries.polls([line])}
    told = {ref: one for ref, one in told.items() if ref in kept}
    late = timezone.now() - LATE
    still = [one for one in kept.values() if not one.gone and one.until > late]
    if not still:
        return told
    poll = min(still, key=lambda one: told.get(one.ref, {}).get("at", ""))
    at = timezone.now().isoformat()
    try:
        counted = dict(there.poll(poll.ref))
        votes = [counted.get(option, 0) for option, _before in poll.options]
        told[poll.ref] = {"at": at, "votes": votes}
    except Refused as refused:
        if refused.code not in {"channels.gone", "channels.not_understood"}:
            raise
        told[poll.ref] = {**told.get(poll.ref, {}), "at": at, "gone": True}
    return told
