"""What comes through the gate, and what it is told."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from kfar.lake.intake import live, open_reader
from kfar.lake.intake import notice as notices
from kfar.lake.intake.notice import Notice, post
from kfar.lake.intake.records import sort
from kfar.lake.positions import advance, mark, position
from kfar.rooms.decisions import closing, standings, taking
from kfar.rooms.decisions import queries as polls
from kfar.rooms.decisions.taking import Sent
from kfar.rooms.touchpoints import keys
from kfar.rooms.touchpoints.hearing import hear

INTAKE, HEARD = "intake", "heard"
#: Bytes of the intake that settle at once.
AT_ONCE = 32 * 1024 * 1024
#: Seconds of settling before other chores have their turn.
TURN = 2.0
#: A gate that says nothing for so long after a question closed has no ballot under way.
SILENCE = timedelta(seconds=30)


def take_in() -> int:
    """Settle what the gate has accepted, touches and ballots; return how many records.

    How far we came stands in the transaction that keeps what was read, so every record
    counts exactly once, whenever this is killed. Ballots are taken before, in transactions of
    their own: taken again, they are the same.
    """
    end = time.monotonic() + TURN
    reader = open_reader(settings.KFAR_INTAKE_URL, settings.KFAR_DATA_DIR / "intake")
    done = 0
    while (taken := reader.read(before := position(INTAKE), AT_ONCE)).records:
        kept = sort(taken.records)
        asked = {name: UUID(name) for name in {ballot.q for ballot in kept.ballots}}
        taking.take_ballots(
            ballots=[
                Sent(asked[b.q], b.v, b.text, b.n, datetime.fromtimestamp(b.r / 1000, UTC), b.w)
                for b in kept.ballots
            ]
        )

        def along(
            before: int = before, after: int = taken.position, until: int = kept.until
        ) -> None:
            mark(HEARD, until)
            advance(INTAKE, before=before, after=after)

        hear(kept.events, batch=f"{INTAKE}/{before}-{taken.position}", along=along)
        reader.release(taken.position)
        done += len(taken.records)
        if time.monotonic() > end:
            break  # other chores wait too; the next tick goes on
    return done


def close_due() -> int:
    """Close questions, but none before every ballot that was received in time is counted."""
    now = timezone.now()
    reader = open_reader(settings.KFAR_INTAKE_URL, settings.KFAR_DATA_DIR / "intake")
    heard = datetime.fromtimestamp(position(HEARD) / 1000, UTC)
    if not reader.opened():
        heard = now
    elif not reader.waiting(position(INTAKE)):
        heard = max(heard, now - SILENCE)
    return closing.close_due(heard=heard)


def post_notice() -> int:
    """Tell the gate which keys and questions there are; return whether that is news."""
    notice = Notice(
        keys=keys.for_notice(),
        questions={
            str(one.id): notices.Question(
                opens=_ms(one.opens_at),
                closes=_ms(one.closes_at),
                paper=one.paper,
                link=one.link,
            )
            for one in polls.open_questions()
        },
        ballots=polls.ballot_key().hex(),
        voters=settings.KFAR_NEW_VOTERS,
        abroad=settings.KFAR_NEW_VOTERS_COUNTRY,
        countries=settings.KFAR_GEOIP,
        home=settings.KFAR_COUNTRY,
    )
    return int(post(notice, settings.KFAR_DATA_DIR))


def tell_live() -> int:
    """Tell the gate how votes go, for whoever watches; it counts as nothing done."""
    told = {
        str(question_id): {
            "opens": _ms(how.opens_at),
            "closes": _ms(how.closes_at),
            "closed": how.closed,
            "asked": how.asked,
            "answered": how.answered,
            "standing": how.standing,
        }
        for question_id, how in standings.now().items()
    }
    live.tell(told, settings.KFAR_DATA_DIR)
    return 0


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
