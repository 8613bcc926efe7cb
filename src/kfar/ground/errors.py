"""What Kfar says no to, as a code; the doors say it in the reader's language."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """An act that is not allowed, not possible or not right, and why.

    `code` is `room.reason`; `params` are what the sentence names (amounts, names, limits).
    Every code has its sentence in `kfar.doors.words`. `codes` lists all that were ever
    named, so that a test can ask for a sentence for each.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
