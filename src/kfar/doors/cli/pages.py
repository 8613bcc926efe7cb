"""`python -m kfar.doors.cli.pages SOCKET`: answer pages there. `kfar serve` starts it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from kfar.ground import lifeline

#: Requests answered at a time: some wait for the disk while others compute.
THREADS = 2 * (os.cpu_count() or 1)
#: Seconds the worker has to end in order: fewer than we have. One that was told to end while
#: it was starting has not heard it.
GRACE = 4


def main() -> None:
    """Serve until told to end."""
    lifeline.hold()
    lifeline.be_parent()
    socket = Path(sys.argv[1])
    socket.unlink(missing_ok=True)  # of one that was killed: it would keep us from listening
    Granian(
        "kfar.settings.wsgi:application",
        uds=socket,
        uds_permissions=0o600,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
    ).serve()


if __name__ == "__main__":
    main()
