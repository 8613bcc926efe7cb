"""`python -m tests.torture`: the long form. Prints what it saw; exit code 1 if not all is well."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import track

from tests.programs import Home
from tests.torture.run import VICTIMS, torture

#: How many of what is wrong are shown.
SHOWN = 5


def main() -> int:
    """Kill as often as told, check, report."""
    arguments = argparse.ArgumentParser(prog="tests.torture", description=__doc__)
    arguments.add_argument("--kills", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    given = arguments.parse_args()
    console = Console()
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    random = Random(given.seed)
    victims = random.choices(list(VICTIMS), list(VICTIMS.values()), k=given.kills)
    folder = Path(tempfile.mkdtemp(prefix="kfar-torture-"))
    (folder / "home").mkdir()
    began = time.monotonic()
    killing = track(victims, "Killing", console=console)
    report, figures = torture(Home(folder / "home", ""), folder, victims=killing, random=random)
    say(figures)
    say(f"seed {given.seed}, {time.monotonic() - began:,.0f} s")
    if report.well:
        say("Nothing acknowledged is lost, nothing is there twice, nothing was invented.")
        shutil.rmtree(folder)
        return 0
    for what, which in asdict(report).items():
        if which:
            shown = which[:SHOWN] if isinstance(which, list) else which
            count = len(which) if isinstance(which, list) else ""
            say(f"WRONG     {what} {count}: {shown}")
    say(f"All of it is kept in {folder}.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
