"""What a file of an election says, whatever format it is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kfar.ground.ballots import Ballot, Form

#: What stands in a cell whose rank was skipped, and in one where several were marked; in small
#: letters, as cells are compared.
UNDERVOTES = ("", "undervote", "skipped", "skipped rank", "skipped ranking", "blank", "~")
OVERVOTES = ("overvote", "over vote", "overvoted")
#: Who stands for all names written in that nobody declared: counted once, then out.
WRITE_INS = ("uwi", "undeclared write-in", "undeclared write-ins")
NOBODY_DECLARED = "Undeclared Write-ins"


class Unreadable(ValueError):  # noqa: N818 - it says what a file is, as Refused does of an act
    """A file that does not say what an election's file says: where, what, and what to do.

    Readers know the line, from 1; `files.read` adds the file's name. It is said in English, as
    all that the command line says of its own arguments.
    """

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what if line is None else f"line {line}: {what}")


@dataclass(frozen=True)
class Election:
    """An election: options by number from 0, and how often each ballot was cast.

    `ballots` are of `form`. `seats`, `budget` (whole units of money, with what each option
    costs), and `max_score` are there where the file says them. `write_ins` are options that
    stand for names nobody declared. `notes` say in sentences what was decided in reading.
    """

    title: str
    options: tuple[str, ...]
    form: Form
    ballots: Mapping[Ballot, int]
    seats: int | None = None
    budget: int | None = None
    costs: tuple[int, ...] = ()
    max_score: int | None = None
    write_ins: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """How to read a file, where it does not say so itself.

    `forms`: the forms of ballot that are wanted, the best first; a file that can give several
    gives the first of them. `ranks`: which columns of a table are ranks, "FROM:TO" by name or
    by number from 1. `undervote`, `overvote`, `write_in`: words that stand in a cell for a
    skipped rank, for an overvote, for undeclared write-ins (an empty text: for these stands an
    empty cell), beside the usual ones. `between`
    parts several names in one cell. `exclude`: names that do not stand, as if nobody had
    ranked them. `progress` is told how many bytes are done.
    """

    forms: tuple[Form, ...] = (Form.RANKING,)
    ranks: str | None = None
    undervote: tuple[str, ...] = ()
    overvote: tuple[str, ...] = ()
    write_in: tuple[str, ...] = ()
    between: str = ""
    exclude: tuple[str, ...] = ()
    progress: Callable[[int], None] = field(default=lambda done: None)

    def choose(self, *can: Form) -> Form:
        """Return the wanted form among those a file can give; `Unreadable` where there is none."""
        for form in self.forms:
            if form in can:
                return form
        has, wanted = " or ".join(can), " or ".join(self.forms)
        raise Unreadable(f"its ballots are {has}, and this method counts {wanted}")
