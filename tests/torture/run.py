"""The torture: load, kills at random moments, power cuts; then the checker has its say."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.programs import Home
from tests.torture.checker import SETTLES, SOURCE, Found, Report, check, read, touch_id
from tests.torture.disk import Disk
from tests.torture.load import OPTIONS, Address, Client, Ledger
from tests.torture.serving import (
    GATE,
    GATE_MODULE,
    PAGES,
    PAGES_WORKER,
    SECOND_WORK,
    SUPERVISOR,
    WORK,
    Serving,
)

POWER = "power"
#: What is killed, and how often compared with the others.
VICTIMS = {
    GATE: 6,
    WORK: 5,
    SECOND_WORK: 2,
    PAGES: 2,
    PAGES_WORKER: 1,
    SUPERVISOR: 2,
    POWER: 2,
}
#: How many send at once, and how many voters there are.
CLIENTS, VOTERS = 6, 120
#: How often one waits for an answer before the next kill; else it hits what is just starting.
ANSWERED = 0.75
#: Seconds from then to the kill, on average.
PAUSE = 0.5
#: How often it hits while something is under way, and in how many seconds that is answered.
SENT, ANSWERS = 0.7, 0.01

#: Makes a Kfar that is ready, with a key and a question; says how to send to it.
SETUP = """
    import json
    from django.db import transaction
    from kfar import loop
    from kfar.doors.cli import server
    from kfar.ground.tokens import voter_token
    from kfar.rooms.decisions import queries
    from kfar.rooms.decisions.models import Voter
    from kfar.rooms.touchpoints import keys
    from tests.people import a_customer, an_employee, ask

    server.prepare()
    with transaction.atomic():
        for n in range({voters}):
            a_customer(f"voter{{n}}")
        question = ask(
            an_employee("Tomasz", "brand"),
            method="approval",
            options=[{{"en": str(n)}} for n in range({options})],
        )
        key = keys.make(source={source!r}, scope="server")
    loop.post_notice()
    signs = queries.ballot_key()
    numbers = Voter.objects.order_by("pk").values_list("pk", flat=True)
    tokens = {{n: voter_token(signs, question, n) for n in numbers}}
    print(json.dumps([key, str(question), tokens]))
"""


@dataclass
class Torture:
    """One run. `folder` is for what is kept of it: the durable copy, the log."""

    home: Home
    folder: Path
    random: Random
    kills: Counter[str] = field(default_factory=Counter)
    cut: int = 0

    def begin(self) -> None:
        """Make everything ready, start Kfar and the load."""
        self.folder.mkdir(exist_ok=True)
        said = self.home.run(SETUP.format(voters=VOTERS, options=OPTIONS, source=SOURCE))
        key, question, tokens = json.loads(said.splitlines()[-1])
        self.disk = Disk(self.home.folder, self.folder / "disk")
        self.serving = Serving(self.home, self.disk, self.folder / "log")
        self.ledger = Ledger()
        self.to = Address(self.serving.port, key, question, {int(n): t for n, t in tokens.items()})
        voters = sorted(self.to.tokens)
        self.clients = [
            Client(f"c{n}", self.to, voters[n::CLIENTS], self.ledger, Random(self.random.random()))
            for n in range(CLIENTS)
        ]
        self.serving.start()
        for client in self.clients:
            client.start()
        self.answered()

    def answered(self) -> None:
        """Wait for an acknowledgement."""
        before = self.ledger.answers.get("200", 0)
        self.serving.until(lambda: self.ledger.answers.get("200", 0) > before or None)

    def kill(self, what: str) -> None:
        """Kill, at a random moment; whom nobody in Kfar starts again is started again at once."""
        if self.random.random() < ANSWERED:
            self.answered()
        self.kills[what] += 1
        if what == POWER:
            self.power_cut(torn=self.random.random() < 0.5)
        else:
            self.serving.kill(what, self.moment)
            self.serving.start()

    def moment(self) -> None:
        """Let a while pass; then, mostly, wait until something has just been sent."""
        time.sleep(self.random.expovariate(1 / PAUSE))
        if self.random.random() < SENT:
            self.ledger.sent.clear()
            self.ledger.sent.wait(1)
            time.sleep(self.random.uniform(0, ANSWERS))

    def power_cut(self, *, torn: bool) -> None:
        """Cut the power of all at this moment, and give it back."""
        self.serving.kill_all(self.moment)
        self.cut += self.disk.cut(self.random, torn=torn)
        self.serving.start()

    def end(self, *, seconds: float = SETTLES, code: int = -9) -> Report:
        """Leave Kfar in peace until everything has settled, so long at most; compare; stop it.

        With `code` the gate may have ended, and nobody with another.
        """
        self.answered()
        for client in self.clients:
            client.ended.set()
        for client in self.clients:
            client.join()
        self.found = read(self.home, self.folder / "found.json", seconds=seconds)
        report = check(self.ledger, self.found)
        if any(codes := self.serving.stop()):
            report.wrong.append(f"ended with {codes}")
        codes = [*self.serving.exit_codes(GATE_MODULE), *self.serving.exit_codes("kfar")]
        report.wrong += [f"died with {own}" for own in codes if own != code]
        report.wrong += [f"still there: {' '.join(p.cmdline())}" for p in self.serving.everyone()]
        return report

    def clear(self) -> None:
        """Leave nobody behind, whatever has happened."""
        for client in self.clients:
            client.ended.set()
        self.serving.kill_all()

    def said(self) -> str:
        """Return the figures of this run, a line each."""
        return figures(self.kills, self.ledger, self.found, self.cut)


def torture(
    home: Home, folder: Path, *, victims: Iterable[str], random: Random
) -> tuple[Report, str]:
    """Kill those, one after another, under load; return what is wrong, and the figures."""
    run = Torture(home, folder, random)
    run.begin()
    try:
        for what in victims:
            run.kill(what)
        report = run.end()
    finally:
        run.clear()
    return report, run.said()


def figures(kills: Counter[str], ledger: Ledger, found: Found, cut: int) -> str:
    """Return the figures, a line each."""
    ballots = [one for cast in ledger.ballots.values() for one in cast]
    acknowledged = sum(one.acknowledged for one in ballots)
    known = ledger.acknowledged()
    more = len(set(found.touches) - {touch_id(message) for message in known})
    answers = ", ".join(f"{n:,} {what}" for what, n in sorted(ledger.answers.items()))
    killed = ", ".join(f"{n} {what}" for what, n in sorted(kills.items()))
    return "\n".join(
        [
            f"kills     {kills.total()}: {killed}",
            f"answers   {answers}",
            f"events    {len(ledger.events):,} sent, {len(known):,} acknowledged",
            f"touches   {len(found.touches):,} in the lake, {more:,} without an answer",
            f"ballots   {len(ballots):,} sent, {acknowledged:,} acknowledged",
            f"voters    {len(found.ballots):,} counted",
            f"cut off   {cut:,} bytes that were not durable",
        ]
    )
