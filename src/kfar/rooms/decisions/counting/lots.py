"""Lots: ties are broken by an order of the options that stands before the first ballot.

The order is drawn from a seed: the options are sorted by the SHA-256 of the text
"SEED:NUMBER", in hexadecimal, so that anybody can draw it again,

    printf '%s' 'SEED:0' | sha256sum

or it is given as it is, best first: "2>0>1". Who comes first in it wins the tie: is elected
before the others and eliminated after them.
"""

from __future__ import annotations

import re
from hashlib import sha256


def lot_order(lot: str, options: int) -> tuple[int, ...]:
    """Return the option numbers as `lot` orders them, the one that wins every tie first.

    An order that does not name each of `options` options once raises `ValueError`.
    """
    if not re.fullmatch(r"\d+(>\d+)+", lot):
        drawn = {n: sha256(f"{lot}:{n}".encode()).hexdigest() for n in range(options)}
        return tuple(sorted(drawn, key=drawn.__getitem__))
    given = tuple(int(part) for part in lot.split(">"))
    if sorted(given) != list(range(options)):
        raise ValueError(f"not an order of {options} options: {lot}")
    return given
