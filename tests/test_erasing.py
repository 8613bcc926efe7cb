"""Erasing: nothing of a person is left, in no byte of no file; and everybody else is there."""

from __future__ import annotations

LIVES = """
    import json
    from uuid import UUID
    from django.conf import settings
    from kfar import erasing, loop
    from kfar.doors.mail import maildir, post
    from kfar.lake import audit, outbox, table
    from kfar.lake.intake.log import LogReader
    from kfar.rooms.customers import erasure
    from kfar.rooms.customers import queries as people
    from kfar.rooms.decisions import commands as decisions
    from kfar.rooms.decisions import queries as polls
    from kfar.rooms.promises import queries as promises
    from kfar.rooms.touchpoints import queries as touchpoints
    from kfar.rooms.village import commands as village
    from kfar.rooms.voice import commands as voice
    from kfar.rooms.voice import queries as voices
    from tests.lives import Life, live
    from tests.programs import forked
    from tests.traces import found

    zofia = Life("Zofiaplanted", "+48601222333", "203.0.113.77")
    borys = Life("Borysplanted", "+48601222444", "203.0.113.78")
    notes = settings.KFAR_DATA_DIR.parent / "notes.json"

    def told(**said):
        known = json.loads(notes.read_text()) if notes.exists() else {}
        notes.write_text(json.dumps(known | said))

    def sees(life):
        # What the rooms say of somebody.
        own = life.id
        portrait = touchpoints.portrait(own)
        return [
            people.person(own).name,
            sorted(said.text for said in voices.of_customer(own)),
            sorted(str(p.text) + p.how for p in promises.to_customer(own)),
            [answer for _poll, answer in polls.asked_of(own)],
            [portrait.visits, portrait.spent.minor],
            len(touchpoints.journey(own).visits),
            len(promises.told(own)),
        ]

    def begin():
        questions = live(zofia, borys)
        traces = [*zofia.words, *people.selves(zofia.id)]
        missing = set(traces) - found(settings.KFAR_DATA_DIR, traces)
        told(
            ids=[str(own) for own in people.selves(zofia.id)],
            missing=sorted(map(str, missing)),
            borys=sees(borys),
            questions=[str(own) for own in questions],
            asked=[polls.question(own).asked for own in questions],
            answered=[polls.question(own).answered for own in questions],
            tally=str(polls.question(questions[0]).tally),
            kept=promises.record().kept,
        )

    def leave():
        told(receipt=str(erasure.ask(customer_id=zofia.id)))

    def step():
        for chore in (erasing.go_on, post.say_goodbye):
            chore()

    def end():
        loop.tick()
        loop.tick()
        known = json.loads(notes.read_text())
        traces = [*zofia.words, *map(UUID, known["ids"])]
        receipt = erasure.receipt(UUID(known["receipt"]))
        questions = [polls.question(UUID(own)) for own in known["questions"]]
        told(
            done=receipt.done_at is not None,
            left=sorted(map(str, found(settings.KFAR_DATA_DIR, traces))),
            rows=dict(receipt.rows),
            files=receipt.files,
            mails=receipt.mails,
            borys_after=sees(borys),
            borys_lost=sorted(set(borys.words) - found(settings.KFAR_DATA_DIR, borys.words)),
            asked_after=[question.asked for question in questions],
            answered_after=[question.answered for question in questions],
            tally_after=str(questions[0].tally),
            kept_after=promises.record().kept,
        )
"""

AT_ONCE = """
    forked(begin)
    forked(leave)
    forked(leave_again := lambda: leave() if False else step())
    forked(end)
"""

#: Where it is killed, in this order, one process after the other.
KILLED = """
    forked(begin)
    forked(leave)
    for at in (
        (erasure, "wait"), (erasure, "claim"), (voice, "forget"), (decisions, "forget"),
        (village, "forget"), (audit, "forget"), (outbox, "erase"), (erasure, "go_on"),
        (village, "sign_out"), (table, "erase"), (table.Segment.objects, "filter"),
        (erasure, "go_on"), (post, "_goodbye"), (maildir, "remove"), (erasure, "go_on"),
        (LogReader, "clear"), (LogReader, "release"), (erasing, "scrub"),
    ):
        forked(until_killed, killed_at=at)
    forked(end)
"""
