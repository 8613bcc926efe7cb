"""A lifeline: a process that was started by another ends with it, however that one ends.

The parent keeps one end of a pipe open and says so in the environment; when it is gone, even
by kill -9, the child reads the end of the pipe.
"""

from __future__ import annotations

import os
import signal
import threading
import time

NAME, PARENT = "KFAR_LIFELINE", "KFAR_PARENT"
#: Seconds a process has to end in order, before it just ends.
GRACE = 6.0


class Lifeline:
    """The parent's side. `environment` and `pass_fds` go to `subprocess.Popen`."""

    def __init__(self) -> None:
        self.child_end, self.own_end = os.pipe()
        self.pass_fds = (self.child_end,)

    def environment(self) -> dict[str, str]:
        """Return the environment in which a child finds its end."""
        return {**os.environ, NAME: str(self.child_end)}


def hold() -> None:
    """End this process when the one that started it is gone. Without a lifeline, do nothing."""
    given = os.environ.get(NAME)
    if given:
        threading.Thread(target=_wait, args=(int(given),), daemon=True).start()


def be_parent() -> None:
    """Say to the processes that this one will start whose children they are."""
    os.environ[PARENT] = str(os.getpid())


def hold_to_parent() -> None:
    """The same without a pipe: look now and then whether the one that said so is still there.

    It may be gone before a child comes to ask. Where nobody said so, do nothing.
    """
    given = os.environ.get(PARENT)
    if given:
        threading.Thread(target=_look, args=(int(given),), daemon=True).start()


def _wait(handle: int) -> None:
    os.read(handle, 1)
    _end()


def _look(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    _end()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
