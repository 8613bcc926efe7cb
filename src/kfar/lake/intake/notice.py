"""The notice at the gate: which keys open it, and which questions are open.

A file of JSON in the data directory, written by the rooms (whole, renamed into place), read
here anew whenever it has changed, so that a key that is revoked opens nothing a second later.

    {"keys": {<sha256 of the key, hex>: {"source": "shop", "scope": "web", "rate": 1000}},
     "questions": {<id>: {"opens": <ms>, "closes": <ms>, "paper": {…}, "link": true}},
     "ballots": <key that signs voters' tokens, hex>, "voters": "60/minute 600/hour",
     "abroad": "500/minute", "countries": <a file that says where addresses are>, "home": "IL"}
"""

from __future__ import annotations

import os
import time
from hashlib import blake2b, sha256
from pathlib import Path
from uuid import UUID

import msgspec
import structlog

from kfar.ground.ballots import Paper
from kfar.ground.limits import Window, windows

log = structlog.get_logger(__name__)


#: Seconds between two looks at the file for keys that are not known.
SOON = 0.05


class Key(msgspec.Struct):
    """A key. `scope` "web" stands in public pages, "server" is secret: its word counts more.

    `rate` is how many events a second it may send, 0 for any number.
    """

    source: str
    scope: str = "web"
    rate: int = 0


class Question(msgspec.Struct):
    """A question, as far as a ballot can be checked: times in ms, and what may stand on one.

    `link`: a browser of which nothing is known may answer, too.
    """

    opens: int
    closes: int
    paper: Paper
    link: bool = False


class Notice(msgspec.Struct):
    """What the file says. `voters`: how many new ones may come from one address.

    `abroad`: how many from one country but `home`, by the database `countries`, if there is one.
    """

    keys: dict[str, Key] = {}
    questions: dict[str, Question] = {}
    ballots: str = ""
    voters: str = "none"
    abroad: str = "none"
    countries: str = ""
    home: str = ""


def key_sum(key: str) -> str:
    """Return by what a key is known here: not the key, but its SHA-256."""
    return sha256(key.encode("utf-8", "replace")).hexdigest()


def notice_file(data: Path) -> Path:
    """Return where the notice stands in a data directory."""
    return data / "gate" / "notice.json"


def post(notice: Notice, data: Path) -> bool:
    """Hang up a notice, whole; return whether it says anything new. Only its owner may read it."""
    file = notice_file(data)
    said = msgspec.json.encode(notice, order="sorted")
    try:
        if file.read_bytes() == said:
            return False
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_suffix(f".{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as open_file:
        open_file.write(said)
    os.replace(part, file)
    return True


class Board:
    """Where the notice hangs. `asked` are its questions by the 16 bytes that name them."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.notice = Notice()
        self.changed: object = None
        self.secret = b""
        self.asked: dict[bytes, tuple[str, Question]] = {}
        self.voters: tuple[Window, ...] = ()
        self.abroad: tuple[Window, ...] = ()
        self.looked = 0.0
        self.look()

    def opens(self, key: str) -> Key | None:
        """Return what a key may do, None where it opens nothing."""
        known = key_sum(key)
        found = self.notice.keys.get(known)
        if found is None and time.monotonic() - self.looked > SOON:
            self.look()  # it may be a new one
            found = self.notice.keys.get(known)
        return found

    def look(self) -> None:
        """Read the file if it has changed; one that cannot be read leaves all as it was."""
        self.looked = time.monotonic()
        try:
            stat = self.file.stat()
            changed = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if changed == self.changed:
                return
            self.changed = changed
            notice = msgspec.json.decode(self.file.read_bytes(), type=Notice)
            secret = bytes.fromhex(notice.ballots)
            blake2b(key=secret)  # of a length that signs
            voters, abroad = windows(notice.voters), windows(notice.abroad)
            asked = {UUID(name).bytes: (name, asks) for name, asks in notice.questions.items()}
            self.notice, self.secret, self.asked = notice, secret, asked
            self.voters, self.abroad = voters, abroad
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            log.error("notice.unread", error=type(error).__name__)
