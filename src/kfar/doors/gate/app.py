"""The gate's table of contents: which path leads through which steps, and to whom else."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple

import structlog

from kfar.doors.gate import asked, joining, live, pixel, snippet
from kfar.doors.gate.cloudevents import CLOUD
from kfar.doors.gate.committing import Committer
from kfar.doors.gate.connection import Connection
from kfar.doors.gate.counts import Counts
from kfar.doors.gate.delivery import JSON, OK, Delivery, Step, preflight
from kfar.doors.gate.events import KINDS
from kfar.doors.gate.http import Limits, Request, cors, refuse
from kfar.doors.gate.joining import Newcomers
from kfar.doors.gate.live import Live
from kfar.doors.gate.passing import Pages
from kfar.doors.gate.rates import Rates
from kfar.doors.gate.refusals import Refusal
from kfar.doors.gate.tracking import BATCH, REQUEST, TRACK
from kfar.doors.gate.voting import BALLOT
from kfar.lake.intake.notice import Board
from kfar.lake.intake.records import until

log = structlog.get_logger(__name__)


class Route(NamedTuple):
    """What happens to a request on a path."""

    kind: str
    steps: tuple[Step, ...]


def _posts() -> dict[bytes, Route]:
    routes = dict.fromkeys(("batch", "b", "import"), Route("batch", BATCH))
    for kind, (letter, _) in KINDS.items():
        routes[kind] = routes[letter] = Route(kind, TRACK)
    routes["events"] = Route("batch", CLOUD)
    routes["ballot"] = Route("ballot", BALLOT)
    found = {b"/v1/" + name.encode(): route for name, route in routes.items()}
    found[b"/beacon/v1/batch"] = found[b"/v1/batch"]  # RudderStack's browser client
    return found


def _route(path: bytes) -> Route | None:
    """Where a POST goes."""
    return POSTS.get(path) or (JOINING if joining.PATH.match(path) else None)


def _gets() -> dict[bytes, Route]:
    found = {b"/v1/pixel/" + kind.encode(): Route(kind, pixel.SEGMENT) for kind in KINDS}
    for kind in ("page", "track"):
        found[b"/pixel/v1/" + kind.encode()] = Route(kind, pixel.RUDDER)
    return found


POSTS, GETS = _posts(), _gets()
JOINING = Route("ballot", joining.JOIN)
#: What browsers' clients tell of themselves: taken, and forgotten.
CHATTER = {b"/v1/m", b"/v1/metrics"}
SETTINGS, END = b"/v1/projects/", b"/settings"
SOURCE = b"/sourceConfig"
OURS = (b"/v1/", b"/beacon/v1/", b"/pixel/v1/", SOURCE, snippet.PATH)
READ = {b"GET", b"HEAD"}
#: How often we look whose time is up, in seconds.
BEAT = 1.0


class App:
    """The gate, open: answers requests, with what it needs for it."""

    def __init__(
        self,
        *,
        board: Board,
        counts: Counts,
        committer: Committer,
        pages: Pages,
        limits: Limits,
        live: Live,
    ) -> None:
        self.board = board
        self.counts = counts
        self.committer = committer
        self.pages = pages
        self.limits = limits
        self.live = live
        self.rates = Rates()
        self.newcomers = Newcomers()
        self.connections: set[Connection] = set()
        self.held = 0
        self.now = asyncio.get_running_loop().time()

    def connect(self) -> Connection:
        """Begin a connection."""
        return Connection(self)

    def most(self, request: Request) -> int:
        """Return how long the body of a request may be: what is packed is longer when unpacked."""
        return REQUEST if _is_ours(request.url) else self.pages.LONGEST

    def refused(self, refusal: Refusal) -> None:
        """Count a request that could not be handled."""
        self.counts.add(refusal)

    def handle(self, request: Request) -> None:
        """Answer a request; a fault of ours is answered 503, so that nothing is thrown away."""
        try:
            if _is_ours(request.url):
                self._ours(request)
            else:
                self.pages.take(request)
        except Exception as error:
            log.error("gate.failed", error=type(error).__name__)
            self.counts.add(Refusal.OVERLOADED)
            refuse(request, Refusal.OVERLOADED)

    def _ours(self, request: Request) -> None:
        self.counts.add("requests")
        path, method = request.path.rstrip(b"/"), request.method
        route = None
        if method == b"POST":
            route = _route(path)
        elif method in READ:
            route = GETS.get(path)
        if route is not None:
            self.deliver(Delivery(self, request, route.kind), route.steps)
        elif method == b"OPTIONS":
            preflight(request)
        elif path in CHATTER and method == b"POST":
            request.answer(b"200 OK", OK, cors(request) + JSON)
        elif _is_settings(path) and method in READ:
            key = path[len(SETTINGS) : -len(END)].decode("latin-1")
            self._count(asked.settings(request, self.board, key, self.pages.proxies))
        elif path.startswith(live.PATH) and method in READ:
            name = path.removeprefix(live.PATH).decode("latin-1")
            self._count(self.live.watch(request, name))
        elif path == snippet.PATH and method in READ:
            snippet.serve(request)
        elif path == SOURCE and method in READ:
            self._count(asked.source_config(request, self.board))
        else:
            self._nothing_here(request, path)

    def _nothing_here(self, request: Request, path: bytes) -> None:
        allowed = allow(path)
        why = Refusal.WRONG_METHOD if allowed else Refusal.UNKNOWN_PATH
        self.counts.add(why)
        refuse(request, why, b"Allow: %b\r\n" % allowed if allowed else b"")

    def _count(self, why: Refusal | None) -> None:
        if why is not None:
            self.counts.add(why)

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

    async def watch(self) -> None:
        """Look at the notice, let late clients go, and end every second's counts.

        Once a question has closed, whoever counts it has to know that no ballot is under way.
        """
        loop = asyncio.get_running_loop()
        second, marked = int(time.time()), 0
        while True:
            await asyncio.sleep(min(BEAT, self.limits.whole / 4))
            self.now = loop.time()
            try:
                for connection in list(self.connections):
                    connection.expire()
                if int(time.time()) != second:
                    second = int(time.time())
                    self.board.look()
                    self.live.tick()
                    marked = self._mark(marked)
                    self.counts.tick(second)
            except Exception as error:
                log.error("gate.failed", error=type(error).__name__)

    def _mark(self, marked: int) -> int:
        """Put a record where a question has closed since `marked`; return when we looked, in ms."""
        now = time.time_ns() // 1_000_000
        if any(
            marked < question.closes <= now for question in self.board.notice.questions.values()
        ):
            self.committer.put(until(now), lambda why: None)
            return now
        return marked


def allow(path: bytes) -> bytes:
    """Return the methods that a path of ours is asked with; b"" where there is nothing."""
    if _route(path) or path in CHATTER:
        return b"POST, OPTIONS"
    if (
        path in GETS
        or path in {SOURCE, snippet.PATH}
        or _is_settings(path)
        or (path.startswith(live.PATH))
    ):
        return b"GET, HEAD, OPTIONS"
    return b""


def _is_ours(url: bytes) -> bool:
    """Whether it is answered here; all else is the pages'."""
    return url.startswith(OURS) or (url.startswith(b"/vote/") and bool(joining.PATH.match(url)))


def _is_settings(path: bytes) -> bool:
    return path.startswith(SETTINGS) and path.endswith(END)
