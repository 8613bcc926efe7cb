"""Money as it is counted: whole minor units of one currency."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from kfar.ground.errors import Refused

#: Digits after the point by ISO 4217, where they are not two.
DIGITS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "HUF": 2, "BHD": 3, "KWD": 3, "JOD": 3}


@dataclass(frozen=True, order=True)
class Money:
    """An amount: `minor` units (cents, agorot, grosze) of `currency` (ISO 4217)."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read an amount as people write it ("5", "5.99", "5,99"); refuse what is none.

        Raises `Refused("money.not_an_amount")` for anything else: negative amounts, parts of
        a minor unit, and "1,000", which is a thousand to one reader and one to another.
        """
        digits = DIGITS.get(currency, 2)
        written = re.fullmatch(r"(\d{1,12})(?:[.,](\d{1,3}))?", text.strip())
        if written is None or len(parts := written[2] or "") > digits:
            raise Refused("money.not_an_amount", text=text)
        return cls(int(written[1] + parts.ljust(digits, "0")), currency)

    @property
    def major(self) -> Decimal:
        """The amount in whole units: `Money(599, "USD").major == Decimal("5.99")`."""
        return Decimal(self.minor).scaleb(-DIGITS.get(self.currency, 2))
