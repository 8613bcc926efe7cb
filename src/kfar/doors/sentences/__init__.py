"""Why not, and what to do: a sentence for every code a room or a door refuses with."""

from __future__ import annotations

from kfar.doors.sentences.deciding import DECIDING
from kfar.doors.sentences.hearing import HEARING
from kfar.doors.sentences.helping import HELPING
from kfar.doors.sentences.knowing import KNOWING
from kfar.doors.sentences.running import RUNNING

SENTENCES = {**DECIDING, **HEARING, **HELPING, **KNOWING, **RUNNING}
