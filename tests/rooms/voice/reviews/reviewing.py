"""Reviews for tests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kfar.rooms.voice.reviews import commands, queries
from kfar.rooms.voice.reviews.commands import Ware
from kfar.rooms.voice.reviews.queries import Prominent

BREAD = Ware("718", "RYE BREAD", "BREAD")
MILK = Ware("33", "MILK 1L", "MILK")


def review(by: UUID, stars: int = 5, text: str = "", ware: Ware = BREAD, **more: Any) -> UUID:
    """A review of bread, without a word, unless said otherwise."""
    said = {"language": "en"} | more
    return commands.write(by=by, ware=ware, stars=stars, text=text, **said)


def product(ware: Ware = BREAD) -> Prominent:
    """The product as it stands."""
    found = queries.product(ware.code)
    assert found is not None
    return found
