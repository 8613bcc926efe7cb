"""A life of promises for tests: moved, broken, released; planned, kept, and all told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from kfar.lake import outbox
from kfar.loop import planning
from kfar.rooms.promises import commands, ending
from kfar.rooms.promises.in_return import commands as giving
from kfar.rooms.promises.plans.rules import Source
from kfar.rooms.voice import commands as voice
from tests.clock import Clock
from tests.people import an_employee
from tests.rooms.promises.plans.planning import plan, say


def live_through_keeping(anna: UUID, borys: UUID, clock: Clock) -> UUID:
    """Let Anna be promised three things, both speak of warm milk until it is cold, and Anna give.

    Returns the plan.
    """
    ewa = an_employee("Ewa", "lead")
    for n, what in enumerate(("moved", "broken", "released")):
        voice_id, _own = say(anna, f"Something is {what}")
        outbox.deliver()
        once = uuid4()
        commands.promise(
            by=ewa, text={"en": what}, owner=ewa, due=clock.today, to=anna, voice_id=voice_id,
            once=once,
        )  # fmt: skip
        outbox.deliver()
        if n == 0:
            later = clock.today + timedelta(days=3)
            ending.move(by=ewa, promise_id=once, due=later, why="The van broke down")
        elif n == 1:
            ending.break_promise(by=ewa, promise_id=once, why="There is no such cow")
        else:
            ending.release(by=anna, promise_id=once)
        outbox.deliver()
    spam, _own = say(borys, "BUY NOW")
    voice.close(by=ewa, voice_id=spam, why="spam", words="An advert")
    spoke = [say(anna, "Warm milk"), say(borys, "My milk was warm")]
    made = plan(ewa, *spoke)
    commands.promise_many(
        by=ewa, text={"en": "Cold milk"}, due=clock.today, plan_id=made, to_all=True, once=uuid4()
    )
    outbox.deliver()
    once = uuid4()
    giving.ask(
        by=ewa, customer_id=anna, voice_id=spoke[0][0], kind="review", words="", language="en",
        due=clock.today, once=once,
    )  # fmt: skip
    giving.agree(by=anna, promise_id=once)
    giving.mark(by=ewa, promise_id=once)
    outbox.deliver()
    meant = planning.Meant(Source.PLAN, str(made))
    planning.tell_all(by=ewa, meant=meant, did={"en": "A new van"}, once=uuid4())
    return made
