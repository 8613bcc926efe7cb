"""Killed at any moment (-9), the loop goes on where it was: every effect there, exactly once."""

from __future__ import annotations

from tests.programs import Home

PROGRAM = """
    import os, signal
    from uuid import UUID
    from django.db import connection
    from django.db.models.query import QuerySet
    from kfar import loop
    from kfar.doors.mail import maildir
    from kfar.ground.money import Money
    from kfar.lake import inbox, outbox
    from kfar.lake.models import Announcement, AuditLine, Touchpoint
    from kfar.rooms.promises.models import Letter
    from kfar.rooms.service import commands as service
    from kfar.rooms.service.models import Case, Remedy
    from kfar.rooms.voice import commands as voice
    from kfar.rooms.voice.models import Voice
    from tests.people import a_customer, an_employee
    from tests.programs import forked

    def die(*args, **kwargs):
        os.kill(os.getpid(), signal.SIGKILL)

    def after(owner, name):
        # Die once that has returned.
        real = getattr(owner, name)
        def wrapped(*args, **kwargs):
            real(*args, **kwargs)
            die()
        setattr(owner, name, wrapped)

    def count(*models):
        return [model.objects.count() for model in models]

    def waiting():
        return Announcement.objects.filter(delivered_at=None).count()

    def show(*values):
        forked(lambda: print(*[value() for value in values], flush=True))
"""

SPEAKING = """
    ANNA = UUID(int=1)
    def people():
        from kfar.rooms.customers.models import Customer
        Customer.objects.create(pk=ANNA)
    def say():
        voice.say(by=ANNA, text="The milk was sour", language="en")
    forked(people)
    heard = lambda: count(Voice, Announcement, Case, Touchpoint)

    forked(say, killed_at=(Announcement.objects, "create"))
    show(heard)
    def say_and_die():
        after(Announcement.objects, "create")
        say()
    forked(say_and_die, killed=True)
    show(heard)

    forked(say, killed_at=(outbox, "deliver_soon"))
    show(heard, waiting)
    forked(outbox.deliver, killed_at=(service, "open_case"))
    show(heard, waiting)
    def deliver_and_die(owner, name):
        after(owner, name)
        outbox.deliver()
    forked(lambda: deliver_and_die(service, "open_case"), killed=True)
    show(heard, waiting)
    forked(lambda: deliver_and_die(inbox, "put"), killed=True)
    show(heard, waiting)
    forked(outbox.deliver, killed_at=(Announcement, "save"))
    show(heard, waiting)
    forked(lambda: deliver_and_die(Announcement, "save"), killed=True)
    show(heard, waiting)

    forked(lambda: print(outbox.deliver(), outbox.deliver(), flush=True))
    show(heard, waiting)
    forked(say)
    show(heard, waiting)
"""


def test_a_voice_killed_at_every_step_opens_one_case(kfar: Home) -> None:
    said = kfar.run(PROGRAM + SPEAKING)

    nothing, said_only = "[0, 0, 0, 0]", "[1, 1, 0, 0] 1"
    assert said.splitlines() == [
        nothing,  # before the announcement
        nothing,  # before the commit
        *[said_only] * 6,  # after the commit, and anywhere in the delivery
        "1 0",
        "[1, 1, 1, 1] 0",
        "[1, 1, 1, 1] 0",  # said again, it is the same voice
    ]


ANSWERING = """
    def begin():
        anna, noa = a_customer("Anna"), an_employee("Noa")
        said = voice.say(by=anna, text="The milk was sour", language="en")
        outbox.deliver()
        given()
    def given():
        voice_id = Voice.objects.get().pk
        service.remedy(by=an_employee("Noa"), case_id=Case.objects.get(voice_id=voice_id).pk,
            kind="refund", amount=Money(599, "USD"), once=UUID(int=7))
    def tick():
        loop.tick()
    def tick_and_die(owner, name):
        after(owner, name)
        loop.tick()
    def done():
        told = Voice.objects.exclude(told_at=None).count()
        sent = Letter.objects.exclude(sent_at=None).count()
        return [told, *count(Letter, Touchpoint, Remedy, AuditLine), sent, len(maildir.box())]
    def an_hour_passes():
        from datetime import timedelta
        from django.db.models import F
        Letter.objects.update(due_at=F("due_at") - timedelta(hours=1))

    from kfar.rooms.promises import commands as promises
    from kfar.doors.mail import post
    forked(begin, killed_at=(AuditLine.objects, "bulk_create"))
    show(done, waiting)
    forked(given)
    forked(given)
    show(done, waiting)
    forked(tick, killed_at=(promises, "tell"))
    show(done, waiting)
    forked(lambda: tick_and_die(promises, "tell"), killed=True)
    show(done, waiting)
    forked(lambda: tick_and_die(Announcement, "save"), killed=True)
    show(done, waiting)
    forked(tick, killed_at=(post, "write"))
    show(done, waiting)
    forked(tick)
    show(done, waiting)
    forked(an_hour_passes)
    forked(tick)
    forked(an_hour_passes)
    forked(tick)
    show(done, waiting)
"""


def test_a_remedy_killed_at_every_step_is_told_once(kfar: Home) -> None:
    said = kfar.run(PROGRAM + ANSWERING)

    # told, letters, touches, remedies, audit lines, sent, in the mailbox; facts waiting
    assert said.splitlines() == [
        "[0, 0, 1, 0, 0, 0, 0] 0",  # the remedy was killed before its commit
        *["[0, 0, 1, 1, 1, 0, 0] 1"] * 4,  # given, sent twice; the delivery killed three times
        "[1, 1, 2, 1, 1, 0, 0] 0",  # delivered; the post killed while it wrote
        "[1, 1, 2, 1, 1, 0, 0] 0",  # the dead one's letter is still claimed
        "[1, 1, 2, 1, 1, 1, 1] 0",
    ]


HEARING = """
    from kfar.doors.mail import news as letters
    from kfar.rooms.service.approving import commands as approving
    from kfar.rooms.village.models import News
    from kfar.rooms.village.news import commands as news

    def begin():
        anna, noa, dana = a_customer("Anna"), an_employee("Noa"), an_employee("Dana", "lead")
        case = service.open_case(voice_id=UUID(int=1), customer_id=anna)
        approving.ask(by=noa, case_id=case, kind="refund", amount=Money(5000, "USD"),
            once=UUID(int=7))
    def tick_and_die(owner, name):
        after(owner, name)
        loop.tick()
    def done():
        sent = News.objects.exclude(sent_at=None).count()
        return [*count(News), sent, len(maildir.box())]
    def an_hour_passes():
        from datetime import timedelta
        from django.db.models import F
        past = F("claimed_at") - timedelta(hours=1)
        News.objects.update(due_at=F("due_at") - timedelta(hours=1), claimed_at=past)
    forked(begin)
    show(done, waiting)
    forked(loop.tick, killed_at=(news, "tell"))
    forked(lambda: tick_and_die(news, "tell"), killed=True)
    show(done, waiting)
    forked(loop.tick, killed_at=(news, "_claim"))
    show(done, waiting)
    forked(lambda: tick_and_die(maildir.EmailBackend, "send_messages"), killed=True)
    show(done, waiting)
    forked(loop.tick)
    forked(an_hour_passes)
    forked(loop.tick)
    forked(loop.tick)
    show(done, waiting)
"""


def test_an_employees_letter_killed_between_sending_and_marking_goes_out_once(kfar: Home) -> None:
    said = kfar.run(PROGRAM + HEARING)

    # news, sent, in the mailbox; facts waiting
    assert said.splitlines() == [
        "[0, 0, 0] 1",  # asked
        "[0, 0, 0] 1",  # killed twice while it was written down
        "[1, 0, 0] 0",  # written down; killed before it was claimed
        "[1, 0, 1] 0",  # it went out; killed before that was marked
        "[1, 0, 1] 0",  # and never again, however often it is tried
    ]
