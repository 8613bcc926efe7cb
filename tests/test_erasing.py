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

    def go_on():
        for _tick in range(8):
            erasing.go_on()
            post.say_goodbye()

    def end():
        go_on()
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


#: Where it is killed, one process after the other, each further on than the one before.
DEATHS = """
    deaths = [
        (erasure, "wait"), (erasure, "claim"), (voice, "forget"), (decisions, "forget"),
        (village, "forget"), (audit, "forget"), (outbox, "erase"), (erasure, "go_on"),
        (village, "sign_out"), (table, "erase"), (erasure, "go_on"),
        (post, "_goodbye"), (maildir, "remove"), (erasure, "go_on"),
        (LogReader, "clear"), (LogReader, "release"), (erasure, "go_on"),
        (erasing, "scrub"), (erasure, "go_on"),
    ]
"""


@pytest.mark.parametrize(
    ("deaths", "counted"),
    # What a process did before it was killed it did not live to count; one goodbye came twice.
    [("    deaths = []", (15, 2, 10)), (DEATHS, (0, 0, 1))],
    ids=["at-once", "killed"],
)
def test_nothing_of_a_person_is_left_and_all_of_the_other(
    kfar: Home, deaths: str, counted: tuple[int, int, int]
) -> None:
    kfar.run(
        f"""{LIVES}
{deaths}
    forked(begin)
    forked(leave)
    forked(leave)
    for death in deaths:
        forked(go_on, killed_at=death)
    forked(end)
    """
    )
    told = json.loads((kfar.folder.parent / "notes.json").read_text())

    assert told["missing"] == []  # before: each could be found
    assert len(told["ids"]) == 3
    assert told["done"] is True
    assert told["left"] == []
    rows = told["rows"]
    assert {table: rows[table] for table in ROWS} == ROWS
    assert (rows.get("lake.Touchpoint", 0), told["files"], told["mails"]) == counted
    assert told["borys_after"] == told["borys"]
    assert told["borys_lost"] == ["203.0.113.78", "borysplantedmessage"]  # in the intake alone
    assert (told["asked"], told["answered"]) == ([2, 2], [2, 2])
    # What was counted stays as it was; the open question is asked of one.
    assert (told["asked_after"], told["answered_after"]) == ([2, 1], [2, 1])
    assert told["tally_after"] == told["tally"]
    assert (told["kept"], told["kept_after"]) == (2, 2)


#: How many rows of one life there are.
ROWS = {
    "customers.Consent": 1,
    "customers.Customer": 3,
    "customers.Handle": 6,
    "customers.Merge": 2,
    "customers.Proposal": 1,
    "decisions.Ballot": 1,
    "decisions.Invitation": 2,
    "promises.Promise": 2,
    "service.Remedy": 1,
    "village.Login": 1,
    "voice.Voice": 2,
}
