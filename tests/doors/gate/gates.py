"""A gate of the test's own: a process, its notice, what it has taken in, and raw talk with it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from uuid import UUID

from kfar.ground.ballots import Form, Paper
from kfar.ground.tokens import voter_token
from kfar.lake.intake import figures
from kfar.lake.intake.log import LogReader
from kfar.lake.intake.notice import Key, Notice, Question, key_sum, post
from tests.programs import environment

KEY, SECRET_KEY, SLOW_KEY = "web-key", "server-key", "slow-key"
SECRET = b"s" * 32
QUESTION, CLOSED, RANKED, SCORED, LINKED = (UUID(int=n) for n in (7, 8, 9, 10, 11))
NOTICE = Notice(
    keys={
        key_sum(KEY): Key(source="site"),
        key_sum(SECRET_KEY): Key(source="shop", scope="server"),
        key_sum(SLOW_KEY): Key(source="slow", rate=5),
    },
    questions={
        str(QUESTION): Question(0, 1 << 52, Paper(Form.CHOICES, options=3, most=2)),
        str(RANKED): Question(0, 1 << 52, Paper(Form.RANKING, options=3, most=3, equal=True)),
        str(SCORED): Question(0, 1 << 52, Paper(Form.SCORES, options=3, most=3, highest=5)),
        str(CLOSED): Question(0, 1, Paper(Form.CHOICES, options=3, most=1)),
        str(LINKED): Question(0, 1 << 52, Paper(Form.CHOICES, options=3, most=1), link=True),
    },
    ballots=SECRET.hex(),
)
OK = {"success": True}


@dataclass
class Answer:
    """An answer: status, headers (names in small letters, the last counts), body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """Why the request was refused."""
        return str(self.said["error"])


class Gate:
    """A gate in a process of its own."""

    def __init__(self, folder: Path, *options: str, code: str = "") -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        # A Unix socket's path is short.
        self.pages = Path(tempfile.mkdtemp(prefix="kfar-")) / "pages.sock"
        self.options = options
        self.code = code
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.log = folder / "gate.log"
        self.position = 0
        post(NOTICE, self.data)
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process, and wait until it listens. With `code`, that runs in it first."""
        given = [f"--port={self.port}", f"--data={self.data}", f"--pages={self.pages}"]
        program = (
            f"import sys\n{self.code}\nfrom kfar.doors.gate.__main__ import main\nsys.exit(main())"
        )
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", program, *given, *self.options],
                env=environment(self.data),
                stdout=log,
                stderr=log,
            )
        until(self.listens)
        return self.process

    def listens(self) -> bool | None:
        """Return whether somebody answers at the port."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except OSError:
            return None
        return True

    def end(self) -> str:
        """End the process in order; return what it has logged."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(30) == 0
        return self.log.read_text()

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.wait()

    # --- what it has taken in ----------------------------------------------------------------

    def records(self) -> list[dict[str, Any]]:
        """Return what was sent and kept since this was asked last."""
        records = [json.loads(line) for line in self.lines()]
        return [record for record in records if record["k"] != "until"]

    def lines(self) -> list[bytes]:
        """Return the records that have come in since this was asked last, as they stand there."""
        taken = LogReader(self.data / "intake").read(self.position, 1 << 30)
        self.position = taken.position
        return taken.records

    def events(self) -> list[dict[str, Any]]:
        """Return the events that have come in since, one by one, the rejected left out."""
        return [event for record in self.records() for event in kept(record)]

    def counted(self) -> dict[str, int]:
        """Return what has been counted so far; the gate writes it down every second."""
        return figures.read(figures.figures_file(self.data)).total

    def wait_for(self, events: int) -> None:
        """Wait until so many events stand in the intake beyond what was asked for."""
        reader = LogReader(self.data / "intake")

        def there() -> bool | None:
            taken = reader.read(self.position, 1 << 30).records
            return sum(len(kept(json.loads(record))) for record in taken) >= events or None

        until(there)

    # --- talk --------------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Any = None,
        key: str | None = KEY,
        **headers: str,
    ) -> Answer:
        """Ask once, on a connection of its own. A body that is no bytes is sent as JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            given["Authorization"] = basic(key)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection.request(method, path, body, given)
        try:
            return read(connection.getresponse())
        finally:
            connection.close()

    def post(self, path: str, body: bytes | Any, key: str | None = KEY, **headers: str) -> Answer:
        """Post something."""
        return self.ask("POST", path, body, key, **headers)

    @contextmanager
    def talk(self) -> Iterator[socket.socket]:
        """Open a connection to say anything on."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            yield line

    def say(self, *said: bytes, end: bool = False) -> list[Answer]:
        """Say something, piece by piece; return all answers until the gate hangs up."""
        with self.talk() as line:
            try:
                for piece in said:
                    line.sendall(piece)
                if end:
                    line.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it has heard enough
            return answers(heard(line))


def basic(key: str) -> str:
    return "Basic " + b64encode(f"{key}:".encode()).decode()


def kept(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the events of a record that were not rejected."""
    if record["k"] != "events":
        return []
    if "one" in record:
        return [{**record["b"], "type": record["one"]}]
    rejected = record.get("x", {})
    return [event for n, event in enumerate(record["b"]["batch"]) if str(n) not in rejected]


def token(voter: int, question: UUID = QUESTION) -> str:
    return voter_token(SECRET, question, voter)


def read(response: HTTPResponse) -> Answer:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, response.read())


def heard(line: socket.socket) -> bytes:
    """Return all that is said until the other side hangs up."""
    said = b""
    try:
        while piece := line.recv(1 << 20):
            said += piece
    except ConnectionResetError:
        pass
    return said


def answers(said: bytes) -> list[Answer]:
    """Return the answers of ours, which say their length, that stand in what was said."""
    found = []
    while said:
        head, _, said = said.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        matched = re.fullmatch(r"HTTP/1\.1 (\d{3}) [A-Za-z ]+", status)
        assert matched, head
        headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", 0))
        found.append(Answer(int(matched[1]), headers, said[:length]))
        assert len(said) >= length
        said = said[length:]
    return found


def until(found: Callable[[], Any], seconds: float = 30) -> Any:
    """Return what `found` finds, asked again until it is not None; fail after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (value := found()) is not None:
            return value
        time.sleep(0.02)
    raise TimeoutError(found)


@contextmanager
def opened(folder: Path, *options: str, code: str = "") -> Iterator[Gate]:
    """Open a gate for a while; it must have logged nothing it should not."""
    gate = Gate(folder, *options, code=code)
    try:
        yield gate
        said = gate.end()
        assert "gate.failed" not in said, said
        assert "Traceback" not in said, said
        assert "never retrieved" not in said, said
    finally:
        if gate.process.poll() is None:
            gate.kill()
        for path in (gate.pages, gate.pages.parent):
            if path.exists():
                path.rmdir() if path.is_dir() else os.unlink(path)
