"""`GET /v1/live/<question>`: how a vote goes, as events, to whoever watches, however many.

Server-sent events (WHATWG HTML, 9.2): what the rooms tell of the question (`lake.intake.live`),
at once and whenever it is news, and a comment now and then so that nobody in between hangs up.
The pages would need a thread for each who watches; here one is a name in a set.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from kfar.doors.gate.http import Request, cors, refuse
from kfar.doors.gate.refusals import Refusal
from kfar.lake.intake.live import read

PATH = b"/v1/live/"
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
    b"X-Accel-Buffering: no\r\nConnection: close\r\n%b\r\n"
)
#: Seconds after which something is said, though there is no news.
QUIET = 15
#: Bytes that may wait for one who does not listen.
BEHIND = 64 * 1024


class Live:
    """Who watches which question."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.changed: object = None
        self.told: dict[str, bytes] = {}
        self.watching: dict[str, set[Request]] = {}
        self.beats = 0
        self.look()

    def watch(self, request: Request, question: str) -> Refusal | None:
        """Tell a client of a question from now on; return why not."""
        if question not in self.told:
            refuse(request, Refusal.UNKNOWN_QUESTION)
            return Refusal.UNKNOWN_QUESTION
        request.keep_alive = False

        def begin() -> None:
            request.connection.transport.write(
                HEAD % cors(request) + _event(self.told.get(question, b"null"))
            )
            if request.method == b"HEAD":
                request.finish()
            else:
                self.watching.setdefault(question, set()).add(request)

        request.begin(begin, gone=lambda: self._gone(question, request))
        return None

    def tick(self) -> None:
        """Tell what is news; called every second."""
        before = self.told
        self.look()
        self.beats += 1
        for question, requests in self.watching.items():
            said = self.told.get(question)
            if said is not None and said != before.get(question):
                self._say(requests, _event(said))
            elif self.beats % QUIET == 0:
                self._say(requests, b":\n\n")

    def end(self) -> None:
        """Let everybody go, who will come again."""
        for request in [request for some in self.watching.values() for request in some]:
            request.finish()
        self.watching.clear()

    def look(self) -> None:
        """Read the file if it has changed."""
        with suppress(OSError):
            stat = self.file.stat()
            changed = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if changed != self.changed:
                self.changed, self.told = changed, read(self.file)

    def _say(self, requests: set[Request], event: bytes) -> None:
        for request in list(requests):
            transport = request.connection.transport
            if transport is None or transport.get_write_buffer_size() > BEHIND:
                requests.discard(request)
                if transport is not None:
                    transport.abort()
            else:
                transport.write(event)

    def _gone(self, question: str, request: Request) -> None:
        self.watching.get(question, set()).discard(request)


def _event(said: bytes) -> bytes:
    return b"data: %b\n\n" % said
