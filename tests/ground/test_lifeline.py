"""Nobody outlives the process that started it, whenever that one ends."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent


def ends(code: str) -> str:
    """Run a program; return what it said, once it and all that it started have ended."""
    code = "import os, signal\nfrom kfar.ground import lifeline\n" + dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.stdout


def test_who_holds_the_line_ends_with_its_parent() -> None:
    said = ends(
        """
        line = lifeline.Lifeline()
        if os.fork() == 0:
            os.close(line.own_end)
            os.environ |= line.environment()
            lifeline.hold()
            signal.pause()
        print("gone", flush=True)
        os._exit(0)
        """
    )
    assert said == "gone\n"


def test_who_asks_for_a_parent_that_is_gone_already_ends_too() -> None:
    said = ends(
        """
        lifeline.be_parent()
        parent = os.getpid()
        if os.fork() == 0:
            while os.getppid() == parent:
                pass
            lifeline.hold_to_parent()
            signal.pause()
        print("gone", flush=True)
        os._exit(0)
        """
    )
    assert said == "gone\n"


def test_who_has_no_parent_of_ours_is_left_alone() -> None:
    assert ends("lifeline.hold(); lifeline.hold_to_parent(); print(os.getpid() > 1)") == "True\n"
