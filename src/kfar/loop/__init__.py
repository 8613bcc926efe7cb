"""The loop: hear, know, decide, act, keep. The only package that joins rooms.

`following` says what one room does when another announces, `gate` what comes through the gate;
here stands what has to be done regularly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog

from kfar import erasing
from kfar.lake import outbox, table
from kfar.lake.settle import settle
from kfar.loop import following as following
from kfar.loop import keeping as keeping
from kfar.loop import returning
from kfar.loop import staffing as staffing
from kfar.loop.following_up import follow_up_due
from kfar.loop.gate import INTAKE, close_due, post_notice, take_in, tell_live
from kfar.loop.helping import assign_due
from kfar.loop.in_return import remind_due
from kfar.loop.reviewing import look_up_due
from kfar.loop.standing import Standing, standing
from kfar.rooms.customers.ties import commands as ties
from kfar.rooms.decisions import changes, closing, pictures
from kfar.rooms.decisions.consultations import closing as consulted
from kfar.rooms.decisions.consultations import refreshing, sealing
from kfar.rooms.promises import ending
from kfar.rooms.service.approving import commands as approving
from kfar.rooms.voice.alarms import learning, streams, watching
from kfar.rooms.voice.reviews import reckoning as prominence
from kfar.rooms.voice.surveys import commands as surveys
from kfar.rooms.voice.understanding import refreshing as reading
from kfar.rooms.voice.understanding import teaching, themes

__all__ = [
    "INTAKE",
    "Standing",
    "close_due",
    "let_go",
    "listen",
    "post_notice",
    "reckon",
    "standing",
    "take_in",
    "tell_live",
    "tend",
    "tick",
    "understand",
]

log = structlog.get_logger(__name__)

#: What runs at every tick of the clock; doors add theirs.
chores: list[Callable[[], int]] = [
    outbox.deliver,
    post_notice,
    tell_live,
    take_in,
    close_due,
    closing.seal_due,
    changes.close_due,
    changes.remind_due,
    ending.break_due,
    surveys.close_due,
    surveys.remind_due,
    settle,
]
#: What computes for seconds, and has a clock of its own, too.
reckoning: list[Callable[[], int]] = [
    consulted.close_due,
    sealing.seal_due,
    refreshing.refresh_due,
    reading.read_due,
    watching.watch_due,
    follow_up_due,
    remind_due,
    look_up_due,
    returning.look_up_due,
    prominence.reckon_due,
    assign_due,
    approving.pass_due,
    approving.remind_due,
]
#: What asks others' servers for what was said, and waits for them.
listening: list[Callable[[], int]] = []
#: What may take minutes and has a clock of its own, so that nothing above waits for it.
housework: list[Callable[[], int]] = [
    table.mirror,
    table.compact,
    table.forget_old,
    pictures.tidy,
    ties.tidy,
]


def tick() -> int:
    """Do what is due: deliver what was missed, close questions, settle touches, send letters.

    Returns how many things were done. Called every second by `kfar work`; nothing is lost
    when a call is missed or comes twice. A chore that fails holds up no other.
    """
    return _do(chores)


def tend() -> int:
    """Do what keeps the house in order: copy and compact the lake, forget what is old."""
    return _do(housework)


def reckon() -> int:
    """Say what consultations say, close those whose time has come, read and watch voices.

    And follow up, and come back to what customers promised. As `tick`.
    """
    return _do(reckoning)


def listen() -> int:
    """Take in what was said elsewhere, as mails; doors say where. As `tick`."""
    return _do(listening)


def understand() -> int:
    """Learn anew from all that is known, once a day or when somebody wants it. As `tick`."""
    from kfar.rooms.insight.refreshing import refresh_due  # noqa: PLC0415 - brings the sciences

    return _do(
        [
            teaching.teach_due,
            themes.find_due,
            streams.count_themes_due,
            learning.learn_due,
            refresh_due,
        ]
    )


def let_go() -> int:
    """Go on erasing those who asked for it, which waits for readers and writers. As `tick`."""
    return _do([erasing.go_on])


def _do(chores: Iterable[Callable[[], int]]) -> int:
    done = 0
    for chore in chores:
        try:
            done += chore()
        except Exception as error:
            # The next tick tries again. The class alone: a message may carry people's data.
            log.error("chore.failed", chore=chore.__name__, error=type(error).__name__)
    return done
