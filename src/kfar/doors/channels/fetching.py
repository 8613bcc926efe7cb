"""What was said elsewhere: channels that are due are asked, and what is new there is heard once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog

from kfar import loop
from kfar.doors.channels import feeds, mastodon, polling
from kfar.doors.sentences import SENTENCES
from kfar.ground.errors import Refused
from kfar.rooms.voice.channels import commands, hearing, queries
from kfar.rooms.voice.channels.queries import Line
from kfar.rooms.voice.channels.rules import Kind, Message

log = structlog.get_logger(__name__)

#: How many messages of a channel one round hears, and for how many seconds it goes on.
MOST, TURN = 50, 30.0
#: For how long a channel that is asked is ours, and how often a server is asked.
HOLD, OFTEN = timedelta(minutes=5), timedelta(seconds=15)
#: What is no fault of a message, so that the channel stops at it and begins there again.
STOPS = {"voice.no_such_channel"}


def fetch() -> int:
    """Ask the channels that are due; return how many messages were heard.

    Each message is heard in a transaction of its own and known from then on, so that killed
    anywhere, none is lost and none comes twice. What fails is asked again later, ever more
    rarely, and `kfar doctor` says since when.
    """
    done, end = 0, time.monotonic() + TURN
    for line in queries.due():
        if time.monotonic() > end:
            break
        if not commands.claim(channel_id=line.id, due_at=line.due_at, hold=HOLD):
            continue  # another worker was first
        try:
            done += ASK[line.kind](line)
        except Refused as refused:
            wait = timedelta(seconds=int(str(refused.params.get("wait", 0))))
            commands.failed(channel_id=line.id, why=refused.code, wait=wait)
            log.warning("channel.failed", channel=line.name, why=refused.code)
        except Exception as error:
            # The class alone: a message may carry people's data.
            commands.failed(channel_id=line.id, why="channels.broken")
            log.error("channel.failed", channel=line.name, error=type(error).__name__)
    return done


def hear(line: Line, message: Message, aside: Counter[str]) -> bool:
    """Hear a message; return whether it is news. What is refused is counted, and stays there."""
    try:
        return hearing.take(channel_id=line.id, message=message) is not None
    except Refused as refused:
        if refused.code in STOPS:
            raise
        aside[refused.code.rpartition(".")[2]] += 1
        return False


def how(line: Line) -> str:
    """Return why a channel fails and since when, "" where all is well."""
    if line.failed_at is None:
        return ""
    return f"{why(line.failing, line)} ({line.failed_at:%Y-%m-%d %H:%M})"


def why(code: str, line: Line) -> str:
    """Return in words what a code says of a channel."""
    return str(SENTENCES.get(code, "")) % {"most": feeds.MOST, "name": line.name}


def _feed(line: Line) -> int:
    found = feeds.ask(line.url, line.state, words=line.about.get("words", ()))
    if found is None:
        commands.heard(channel_id=line.id, wait=feeds.AGAIN)
        return 0
    aside: Counter[str] = Counter()
    new = queries.unheard(line.id, [message.id for message in found.messages])
    waiting = [message for message in found.messages if message.id in new]
    done = sum(hear(line, message, aside) for message in waiting[:MOST])
    _note(line, aside)
    more = len(waiting) > MOST or bool(aside)
    # What is left is asked for again: the feed must not be held for unchanged.
    commands.heard(
        channel_id=line.id,
        state={} if more else found.state,
        wait=timedelta() if len(waiting) > MOST else feeds.AGAIN,
    )
    return done


def _mastodon(line: Line) -> int:
    [token, *_older] = queries.secrets(line.id) or [""]
    server = mastodon.Server(line.url, token)
    state: dict[str, Any] = dict(line.state)
    account, aside, done = state.get("account", {}), Counter[str](), 0
    tags = [str(tag) for tag in line.about.get("tags", ())]
    for key, found in (
        ("mentions", server.mentions(str(state.get("mentions", "0")))),
        *((f"#{tag}", server.tagged(tag, str(state.get(f"#{tag}", "0")))) for tag in tags),
    ):
        for named, status in found:
            if status is not None:
                said = mastodon.message(status, url=line.url, account=account)
                done += said is not None and hear(line, said, aside)
            state[key] = named
    if line.about.get("polls"):
        state["polls"] = polling.standing(line, server)
    _note(line, aside)
    commands.heard(channel_id=line.id, state=state, wait=OFTEN)
    return done


def _note(line: Line, aside: Counter[str]) -> None:
    if aside:
        log.info("channel.aside", channel=line.name, **aside)


ASK: dict[Kind, Callable[[Line], int]] = {Kind.RSS: _feed, Kind.MASTODON: _mastodon}

loop.listening.append(fetch)
