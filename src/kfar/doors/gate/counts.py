"""What the gate counts, second by second: taken and refused, by reason. Shown on a page."""

from __future__ import annotations

import os
from collections import Counter, deque
from contextlib import suppress
from pathlib import Path

import msgspec

from kfar.lake.intake.figures import Figures, Second, read

#: Seconds that are kept one by one.
SECONDS = 300


class Counts:
    """The counter. Written to a file every second, for whoever shows it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        known = read(file)
        self.total: Counter[str] = Counter(known.total)
        self.seconds: deque[Second] = deque(known.seconds, maxlen=SECONDS)
        self.now: Counter[str] = Counter()

    def add(self, name: str, number: int = 1) -> None:
        """Count."""
        self.now[name] += number

    def tick(self, at: int) -> None:
        """End a second: at its end all that was counted in it is in the file."""
        if self.now or (self.seconds and self.seconds[-1].counts):
            self.total.update(self.now)
            self.seconds.append(Second(at, dict(self.now)))
            self.now = Counter()
            self.write()

    def write(self) -> None:
        """Write the file, whole. A full disk loses figures, nothing else."""
        part = self.file.with_suffix(".part")
        with suppress(OSError):
            try:
                part.write_bytes(msgspec.json.encode(Figures(dict(self.total), list(self.seconds))))
                os.replace(part, self.file)
            except OSError:
                part.unlink()
