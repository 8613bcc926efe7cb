"""The load: clients that send events and ballots, and a ledger of what they were told.

A client does as real ones do: a connection that is kept, batches and single events, and where
no answer comes the same again, under the same ids, on a new connection. One thing is unlike:
it never gives up on a voter's ballot and then sends an older one.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Event, Lock, Thread
from typing import Any

#: Options of the question: a ballot's number in binary says which are chosen.
OPTIONS = 12
#: Seconds without an answer after which something hangs.
HANGS = 60
#: How many people the events tell of.
PEOPLE = 200
#: Seconds a client rests between two requests, on average.
REST = 0.05
#: How often a client that got no answer sends the same again.
RETRY = 0.8
#: How often it sends something once more that was acknowledged, and out of how many of those.
AGAIN, TOLD = 0.05, 100
#: Events of a batch, and of one of the large ones that go straight to the lake's table.
BATCH, LARGE = 30, 900


@dataclass(frozen=True)
class Address:
    """Where to send, and as whom. `voters` are the numbers of those who may vote."""

    port: int
    key: str
    question: str
    tokens: dict[int, str]


@dataclass
class Cast:
    """One ballot that was sent, by its number (from 1, ascending for a voter)."""

    number: int
    acknowledged: bool = False


@dataclass
class Ledger:
    """What was sent, and what of it was acknowledged."""

    #: By messageId, whether it was acknowledged.
    events: dict[str, bool] = field(default_factory=dict)
    #: By voter, in the order they were sent.
    ballots: dict[int, list[Cast]] = field(default_factory=dict)
    #: What nobody may answer: 4xx makes a client throw away what it has.
    wrong: list[str] = field(default_factory=list)
    #: Answers: 2xx, 503, none.
    answers: dict[str, int] = field(default_factory=dict)
    #: Set whenever a request has just been sent.
    sent: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def acknowledged(self) -> set[str]:
        """Return the events that were acknowledged, by messageId."""
        return {message for message, known in list(self.events.items()) if known}

    def count(self, answer: str) -> None:
        """Count an answer."""
        with self.lock:
            self.answers[answer] = self.answers.get(answer, 0) + 1


class Client(Thread):
    """One client with one connection; `voters` are those for whom it sends ballots."""

    def __init__(
        self, name: str, to: Address, voters: Sequence[int], ledger: Ledger, random: Random
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.to, self.voters, self.ledger, self.random = to, voters, ledger, random
        self.connection = HTTPConnection("127.0.0.1", to.port, timeout=HANGS)
        self.authorization = "Basic " + b64encode(f"{to.key}:".encode()).decode()
        self.ended = Event()
        self.made = 0
        self.told: deque[tuple[str, Callable[[], dict[str, Any]]]] = deque(maxlen=TOLD)

    def run(self) -> None:
        """Send until ended."""
        kinds: list[Callable[[], None]] = [self._one, self._batch, self._ballot]
        try:
            while not self.ended.is_set():
                self._large() if self.random.random() < 0.004 else self.random.choice(kinds)()
                self.ended.wait(self.random.expovariate(1 / REST))
        except Exception as error:
            self.ledger.wrong.append(f"{self.name}: {error!r}")
            raise
        finally:
            self.connection.close()

    # --- what is sent ------------------------------------------------------------------------

    def _one(self) -> None:
        event = self._event()
        self._deliver("/v1/track", [event], lambda: event | self._sent())

    def _batch(self) -> None:
        self._events(self.random.randint(1, BATCH))

    def _large(self) -> None:
        self._events(LARGE)

    def _events(self, number: int) -> None:
        events = [self._event() for _ in range(number)]
        self._deliver("/v1/batch", events, lambda: {"batch": events} | self._sent())

    def _event(self) -> dict[str, Any]:
        self.made += 1
        person = self.random.randrange(PEOPLE)
        event: dict[str, Any] = {
            "type": "track",
            "event": "Tried",
            "messageId": f"{self.name}-{self.made}",
            self.random.choice(["userId", "anonymousId"]): f"p{person}",
        }
        if self.random.random() < 0.5:
            event["timestamp"] = datetime.now(UTC).isoformat()
        return event

    def _sent(self) -> dict[str, Any]:
        """Return what is said anew each time something is sent."""
        return {"sentAt": datetime.now(UTC).isoformat()}

    def _deliver(
        self, path: str, events: list[dict[str, Any]], body: Callable[[], dict[str, Any]]
    ) -> None:
        ids = [event["messageId"] for event in events]
        self.ledger.events.update(dict.fromkeys(ids, False))
        if self._insist(path, body):
            self.ledger.events.update(dict.fromkeys(ids, True))
            self.told.append((path, body))
        if self.told and self.random.random() < AGAIN:  # it has missed an answer, some time ago
            path, body = self.random.choice(self.told)
            self._send(path, body())

    def _ballot(self) -> None:
        voter = self.random.choice(self.voters)
        cast = self.ledger.ballots.setdefault(voter, [])
        one = Cast(len(cast) + 1)
        cast.append(one)
        body = {
            "question": self.to.question,
            "voter": self.to.tokens[voter],
            "options": choices(one.number),
            "nonce": f"{voter:011}-{one.number:011}",  # the same however often it is sent
        }
        one.acknowledged = self._insist("/v1/ballot", lambda: body)

    # --- how it is sent ----------------------------------------------------------------------

    def _insist(self, path: str, body: Callable[[], dict[str, Any]]) -> bool:
        """Send, and mostly again until it is answered; return whether it was acknowledged."""
        while not (done := self._send(path, body())) and not self.ended.is_set():
            if done is False and self.random.random() > RETRY:
                break
            self.ended.wait(self.random.expovariate(1 / REST))
        return bool(done)

    def _send(self, path: str, body: dict[str, Any]) -> bool | None:
        """Return whether it was acknowledged; None where nobody was there to send it to."""
        headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
        try:
            self.connection.request("POST", path, json.dumps(body), headers)
            self.ledger.sent.set()
            answer = self.connection.getresponse()
            answer.read()
        except TimeoutError:
            raise  # it hangs
        except ConnectionRefusedError:
            self.connection.close()
            return None
        except (OSError, HTTPException):
            self.connection.close()
            self.ledger.count("none")
            return False
        self.ledger.count(str(answer.status))
        if answer.status not in {200, 503}:
            self.ledger.wrong.append(f"{path}: {answer.status}")
        return answer.status == 200


def choices(number: int) -> list[int]:
    """Return the options by which a voter's ballot of this number is known."""
    return [n for n in range(OPTIONS) if number >> n & 1]


def number(choices: Iterable[int]) -> int:
    """Return the number of a ballot with these options."""
    return sum(1 << n for n in choices)
