"""`python -m kfar.doors.gate`: open the gate, until told to end. `kfar serve` starts it."""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import signal
import sys
import time
from pathlib import Path

import structlog
import uvloop

from kfar.doors.gate.app import App
from kfar.doors.gate.committing import Committer
from kfar.doors.gate.counts import Counts
from kfar.doors.gate.http import Limits
from kfar.doors.gate.live import Live
from kfar.doors.gate.passing import Pages
from kfar.ground import lifeline
from kfar.lake.intake import Broken, Full, open_writer
from kfar.lake.intake.figures import figures_file
from kfar.lake.intake.live import live_file
from kfar.lake.intake.notice import Board, notice_file

log = structlog.get_logger(__name__)

#: Connections that wait to be accepted.
BACKLOG = 4096
#: Seconds for what is under way when the gate is told to end.
LAST = 5.0


def main() -> int:
    """Run until a signal; return the exit code: 3 where the intake is broken."""
    arguments = argparse.ArgumentParser(prog="kfar.doors.gate", description=__doc__)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8000)
    arguments.add_argument("--data", type=Path, required=True, help="the data directory")
    arguments.add_argument("--pages", required=True, help="the Unix socket of the pages")
    arguments.add_argument("--proxies", type=int, default=0, help="proxies of ours in front")
    arguments.add_argument(
        "--patience", type=float, default=1, help="how much longer than usual clients may take"
    )
    # A URL may hold a password, which has no place in the list of processes.
    arguments.set_defaults(intake=os.environ.get("KFAR_INTAKE_URL", ""))
    given = arguments.parse_args()
    lifeline.hold()
    _allow_many_connections()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return uvloop.run(_open(given))


async def _open(given: argparse.Namespace) -> int:
    loop = asyncio.get_running_loop()
    end: asyncio.Future[int] = loop.create_future()

    def leave(code: int) -> None:
        if not end.done():
            end.set_result(code)

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, leave, 0)
    notice, figures = notice_file(given.data), figures_file(given.data)
    notice.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        writer = open_writer(given.intake, given.data / "intake")
    except (Broken, Full, OSError) as error:
        log.critical("intake.broken", error=str(error))
        return 3
    # A broken disk ends the process at once: an answer that is under way would be a lie.
    committer = Committer(writer, on_broken=lambda: os._exit(3))
    counts = Counts(figures)
    pages = Pages(given.pages, given.proxies, counts)
    limits = Limits().patient(given.patience)
    board = Board(notice)
    app = App(
        board=board,
        counts=counts,
        committer=committer,
        pages=pages,
        limits=limits,
        live=Live(live_file(given.data)),
    )
    server = await loop.create_server(app.connect, given.host, given.port, backlog=BACKLOG)
    watching = asyncio.create_task(app.watch())
    code = await end
    server.close()
    app.live.end()
    for connection in list(app.connections):
        connection.hang_up()
    deadline = loop.time() + LAST
    while app.connections and loop.time() < deadline:
        await asyncio.sleep(0.02)
    watching.cancel()
    await committer.close()
    counts.tick(int(time.time()))
    return code


def _allow_many_connections() -> None:
    """Let this process have as many open files as it may: each connection is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    sys.exit(main())
