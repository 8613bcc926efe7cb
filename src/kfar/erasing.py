"""Erasing: one person leaves every room and the lake, and nothing of them stays on the disk.

Each step bears being done again, and what was done last stands in the person's `Erasure`, so a
process that is killed anywhere leaves nothing but work for the next one:

    asked      what the gate took in before then settles, so that it is found
    forgotten  all rooms, the outbox and the audit: one transaction; from here on nobody
               can be met under the old ids, once what was under way has settled
    erased     sessions, and the lake
    told       the post tells them, and removes mails kept here (`doors/mail/post.py`)
    cleared    once the intake keeps nothing of before, the erasure itself forgets who it was
    done       once the database's files do, too
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kfar.lake import audit, outbox, table
from kfar.lake.intake import Reader, open_reader
from kfar.lake.positions import position
from kfar.lake.scrub import scrub
from kfar.rooms.customers import erasure as customers
from kfar.rooms.customers.erasure import Leaving
from kfar.rooms.customers.models import Step
from kfar.rooms.decisions import changes
from kfar.rooms.decisions import commands as decisions
from kfar.rooms.decisions.consultations import commands as consultations
from kfar.rooms.insight import commands as insight
from kfar.rooms.promises import commands as promises
from kfar.rooms.service import commands as service
from kfar.rooms.service.by_mail import commands as by_mail
from kfar.rooms.service.returns import commands as returns
from kfar.rooms.village import commands as village
from kfar.rooms.village.meetings import commands as meetings
from kfar.rooms.village.news import commands as news
from kfar.rooms.village.notes import commands as notes
from kfar.rooms.voice import commands as voice
from kfar.rooms.voice.follow_up import commands as follow_up
from kfar.rooms.voice.reviews import commands as reviews
from kfar.rooms.voice.surveys import commands as surveys

log = structlog.get_logger(__name__)

INTAKE = "intake"
#: For how long the post tries to tell them; then they are cleared all the same.
PATIENCE = timedelta(days=1)


def go_on() -> int:
    """Do what can be done now for everybody who is to be erased; return how many steps."""
    leaving = customers.leaving()
    done = sum(_step(own) for own in leaving if own.step in STEPS)
    return done + _scrub([own for own in leaving if own.step is Step.CLEARED])


def _step(leaving: Leaving) -> bool:
    """Do the next step of one; what fails is tried again, and holds up nobody else."""
    try:
        return STEPS[leaving.step](leaving)
    except Exception as error:
        log.error("erasing.failed", step=leaving.step, error=type(error).__name__)
        return False


def _forget(leaving: Leaving) -> bool:
    """Let every room forget them, all or nothing."""
    if not _settled(leaving):
        return False
    outbox.deliver()  # what others are to hear of it, they hear before
    with transaction.atomic():
        claimed = customers.claim(erasure_id=leaving.id, step=Step.ASKED)
        if claimed is None:
            return False
        ids = claimed.customers
        gone = voice.forget(customers=ids)
        gone += follow_up.forget(customers=ids)
        gone += surveys.forget(customers=ids)
        gone += reviews.forget(customers=ids)
        gone += service.forget(customers=ids)
        gone += returns.forget(customers=ids)
        gone += by_mail.forget(customers=ids)
        gone += promises.forget(customers=ids)
        gone += decisions.forget(customers=ids)
        gone += changes.forget(customers=ids)
        gone += consultations.forget(customers=ids)
        gone += insight.forget(customers=ids)
        gone += meetings.forget(customers=ids)
        gone += notes.forget(customers=ids)
        gone += news.forget(about=gone.ids)
        gone += customers.forget(customers=ids)
        gone += village.forget(logins=claimed.logins, addresses=claimed.addresses)
        gone += audit.forget(ids)
        gone += outbox.erase(gone.ids.union(ids))
        customers.go_on(erasure_id=leaving.id, before=Step.ASKED, to=Step.FORGOTTEN, rows=gone.rows)
    return True


def _erase(leaving: Leaving) -> bool:
    """Erase them from the lake, once nothing is under way that could come after."""
    if not _settled(leaving):
        return False
    sessions = village.sign_out(logins=leaving.logins, addresses=leaving.addresses)
    before = set(table.files())
    touches = table.erase(leaving.customers)
    customers.go_on(
        erasure_id=leaving.id,
        before=Step.FORGOTTEN,
        to=Step.ERASED,
        rows={"lake.Touchpoint": touches, "sessions.Session": sessions},
        files=len(before.difference(table.files())),
    )
    return True


def _tell(leaving: Leaving) -> bool:
    """Leave it to the post, but not for ever."""
    if timezone.now() - leaving.asked_at < PATIENCE:
        return False
    customers.go_on(erasure_id=leaving.id, before=Step.ERASED, to=Step.TOLD)
    return True


def _clear(leaving: Leaving) -> bool:
    """Let go of what the intake kept of them, and of who they were."""
    if _reader().clear(position(INTAKE)) < _until(leaving):
        return False
    customers.go_on(erasure_id=leaving.id, before=Step.TOLD, to=Step.CLEARED)
    return True


def _scrub(cleared: Sequence[Leaving]) -> int:
    """See that the database's files have forgotten it, too: once for all of them."""
    if not cleared or not scrub():
        return 0
    for leaving in cleared:
        customers.go_on(erasure_id=leaving.id, before=Step.CLEARED, to=Step.DONE)
    return len(cleared)


#: What follows for each on what was done last.
STEPS: dict[Step, Callable[[Leaving], bool]] = {
    Step.ASKED: _forget,
    Step.FORGOTTEN: _erase,
    Step.ERASED: _tell,
    Step.TOLD: _clear,
}


def _settled(leaving: Leaving) -> bool:
    """Return whether all has settled that the gate had taken in when the last step was done."""
    return position(INTAKE) >= _until(leaving)


def _until(leaving: Leaving) -> int:
    """Return up to where the intake went when the last step was done, or soon after."""
    if leaving.until is not None:
        return leaving.until
    until = _reader().end()
    customers.wait(erasure_id=leaving.id, until=until)
    return until


def _reader() -> Reader:
    return open_reader(settings.KFAR_INTAKE_URL, settings.KFAR_DATA_DIR / "intake")
