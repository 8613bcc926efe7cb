"""What reads here: a language's model, the head beside it, and what was learned in this Kfar."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import structlog
from django.conf import settings

from kfar.rooms.voice.reading import sentiment
from kfar.rooms.voice.reading.embedding import Embedder, Head, embedder
from kfar.rooms.voice.reading.sentiment import Read, shipped, shipped_head
from kfar.rooms.voice.reading.weights import Weights
from kfar.rooms.voice.understanding.models import Learned

log = structlog.get_logger()


@dataclass(frozen=True)
class Reader:
    """What reads a language."""

    model: Weights
    head: Head | None
    added: Weights | None = None

    @property
    def base(self) -> str:
        """The version of what ships: what was learned beside another does not fit."""
        return sentiment.version_of(self.model, self.head)

    def read(self, texts: Sequence[str]) -> Iterator[Read]:
        """Yield what each text means."""
        return sentiment.read(texts, self.model, self.added, self.head)


def reader(tongue: str, *, own: bool = True) -> Reader | None:
    """Return what reads a language, or None; where not `own`, without what was learned here."""
    model = shipped(tongue)
    if model is None:
        return None
    plain = Reader(model, shipped_head(tongue, vectors()))
    row = Learned.objects.filter(pk=tongue).first() if own else None
    added = _opened(bytes(row.model)) if row and row.model else None
    if added is None or added.made != plain.base:
        return plain
    return Reader(plain.model, plain.head, added)


def vectors() -> Embedder | None:
    """Return what gives texts their vectors here, as `KFAR_EMBEDDINGS` says, or None.

    Where what it names is not here, all is read without, and the log says so once.
    """
    return _vectors(settings.KFAR_EMBEDDINGS)


@cache
def _vectors(name: str) -> Embedder | None:
    try:
        return embedder(name)
    except (ImportError, OSError) as error:
        log.error("voice.no_embeddings", name=name, error=type(error).__name__)
        return None


@lru_cache(maxsize=8)
def _opened(model: bytes) -> Weights:
    return Weights.read(io.BytesIO(model))
