"""The gate's table of contents: which path leads through which steps, and to whom else."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple

import msgspec
import structlog

from kfar.doors.gate import snippet
from kfar.doors.gate.cloudevents import CLOUD
from kfar.doors.gate.committing import Committer
from kfar.doors.gate.counts import Counts
from kfar.doors.gate.delivery import JSON, OK, Delivery, Step, cors, preflight
from kfar.doors.gate.http import Connection, Request, refuse
from kfar.doors.gate.passing import Pages
from kfar.doors.gate.rates import Rates
from kfar.doors.gate.refusals import Refusal
from kfar.doors.gate.tracking import BATCH, KINDS, REQUEST, TRACK
from kfar.doors.gate.voting import BALLOT
from kfar.lake.intake.notice import Board
from kfar.lake.intake.records import until

log = structlog.get_logger(__name__)


class Route(NamedTuple):
    """What happens to a POST on a path."""

    kind: str
    steps: tuple[Step, ...]


def _routes() -> dict[bytes, Route]:
    routes = {"batch": Route("batch", BATCH), "b": Route("batch", BATCH)}
    routes["import"] = Route("batch", BATCH)
    routes["events"] = Route("batch", CLOUD)
    routes["ballot"] = Route("ballot", BALLOT)
    for kind, letter in KINDS.items():
        routes[kind] = routes[letter] = Route(kind, TRACK)
    found = {b"/v1/" + name.encode(): route for name, route in routes.items()}
    found[b"/beacon/v1/batch"] = found[b"/v1/batch"]  # RudderStack's browser client
    return found


ROUTES = _routes()
#: What browsers' clients tell of themselves: taken, and forgotten.
CHATTER = {b"/v1/m", b"/v1/metrics"}
SETTINGS, END = b"/v1/projects/", b"/settings"
OURS = (b"/v1/", b"/beacon/v1/", b"/sourceConfig", snippet.PATH)


class App:
    """The gate, open: answers requests, with what it needs for it."""

    def __init__(self, *, board: Board, counts: Counts, committer: Committer, pages: Pages) -> None:
        self.board = board
        self.counts = counts
        self.committer = committer
        self.pages = pages
        self.rates = Rates()
        self.connections: set[Connection] = set()

    def connect(self) -> Connection:
        """Begin a connection."""
        return Connection(self, self.connections)

    def most(self, request: Request) -> int:
        """Return how long the body of a request may be: what is packed is longer when unpacked."""
        return REQUEST if request.url.startswith(OURS) else self.pages.LONGEST

    def refused(self, refusal: Refusal) -> None:
        """Count a request that could not be handled."""
        self.counts.add(refusal)

    def handle(self, request: Request) -> None:
        """Answer a request; a fault of ours is answered 503, so that nothing is thrown away."""
        try:
            if request.url.startswith(OURS):
                self._ours(request)
            else:
                self.pages.take(request)
        except Exception as error:
            log.error("gate.failed", error=type(error).__name__)
            self.counts.add(Refusal.OVERLOADED)
            refuse(request, Refusal.OVERLOADED)

    def _ours(self, request: Request) -> None:
        self.counts.add("requests")
        path = request.path.rstrip(b"/")
        route = ROUTES.get(path)
        if request.method == b"OPTIONS":
            preflight(request)
        elif route is not None and request.method == b"POST":
            self.deliver(Delivery(self, request, route.kind), route.steps)
        elif path.startswith(SETTINGS) and path.endswith(END) and request.method == b"GET":
            self._settings(request, path[len(SETTINGS) : -len(END)].decode("latin-1"))
        elif path == snippet.PATH and request.method in {b"GET", b"HEAD"}:
            snippet.serve(request)
        elif path in CHATTER:
            request.answer(b"200 OK", OK, cors(request) + JSON)
        else:
            why = Refusal.WRONG_METHOD if route is not None else Refusal.UNKNOWN_PATH
            self.counts.add(why)
            refuse(request, why, cors(request) + (b"Allow: POST, OPTIONS\r\n" if route else b""))

    def deliver(self, delivery: Delivery, steps: tuple[Step, ...]) -> None:
        """Take a delivery through its steps; what they have put is durable before the answer."""
        for step in steps:
            why = step(delivery)
            if why is not None:
                delivery.refuse(why)
                return
        if delivery.record:
            self.committer.put(delivery.record, delivery.told)
        else:
            delivery.told(None)

    def _settings(self, request: Request, key: str) -> None:
        """Tell a browser's client what to do with its events: send them here."""
        if not self.board.opens(key):
            self.counts.add(Refusal.UNKNOWN_KEY)
            refuse(request, Refusal.UNKNOWN_KEY, cors(request))
            return
        host = request.header(b"host").decode("latin-1")
        said = {
            "integrations": {
                "Segment.io": {
                    "apiKey": key,
                    "apiHost": f"{host}/v1",
                    "unbundledIntegrations": [],
                    "addBundledMetadata": True,
                    "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
                }
            },
            "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
            "edgeFunction": {},
            "analyticsNextEnabled": True,
            "middlewareSettings": {},
            "enabledMiddleware": {},
            "metrics": {"sampleRate": 0},
            "legacyVideoPluginsEnabled": False,
            "remotePlugins": [],
        }
        request.answer(b"200 OK", msgspec.json.encode(said), cors(request) + JSON)

    async def watch(self) -> None:
        """Every second: look at the notice, let late clients go, end the second's counts.

        Once a question has closed, whoever counts it has to know that no ballot is under way.
        """
        loop = asyncio.get_running_loop()
        marked = 0
        while True:
            await asyncio.sleep(1)
            self.board.look()
            now = time.time_ns() // 1_000_000
            if any(marked < q.closes <= now for q in self.board.notice.questions.values()):
                self.committer.put(until(now), lambda why: None)
                marked = now
            self.counts.tick(int(time.time()))
            for connection in list(self.connections):
                connection.expire(loop.time())
