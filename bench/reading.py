"""Reading texts: documents a second of one core's time, beside scikit-learn with the same n-grams.

The peer is what one would build: two TfidfVectorizers (words 1 to 3, letters within words 2 to 6)
and a LinearSVC, fitted on half of the texts and asked for the other half in batches as ours. Themes
are found in that half, each text a person's, and all of it sorted under them. Where the extra
`embeddings` is installed, a few hundred texts are read with vectors, too.

    OMP_NUM_THREADS=1 uv run python -m bench.reading LANGUAGE FILE…
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from kfar.rooms.voice.reading import topics
from kfar.rooms.voice.reading.embedding import embedder
from kfar.rooms.voice.reading.language import language
from kfar.rooms.voice.reading.sentiment import BATCH, read, shipped
from kfar.rooms.voice.reading.training import load

ROUNDS = 3
#: So many texts get vectors, which takes long.
VECTORS = 200


def main(tongue: str, files: Sequence[str]) -> None:
    """Print the table."""
    rows = load([Path(file) for file in files])
    half = len(rows) // 2
    texts = [row.text for row in rows[half:]]
    model = shipped(tongue)
    assert model is not None
    peer = make_pipeline(
        make_union(
            TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 6), sublinear_tf=True),
        ),
        LinearSVC(),
    ).fit([row.text for row in rows[:half]], [row.label for row in rows[:half]])
    print("| what | documents/s |\n|---|---:|")
    _told("sentiment", texts, lambda batch: list(read(batch, model)))
    _told("language", texts, lambda batch: [language(text) for text in batch])
    _told("the peer: scikit-learn, sentiment", texts, peer.predict)
    begun = process_time()
    found = topics.find(texts, list(range(len(texts))))
    took = process_time() - begun
    print(f"| themes: {len(found)} found anew, as every night | {len(texts) / took:,.0f} |")
    weights = {n: topic.weights for n, topic in enumerate(found)}
    _told("themes: sorted under them", texts, lambda batch: topics.assign(batch, weights))
    if (vectors := embedder()) is not None:
        few = texts[:VECTORS]
        _told("vectors of the extra", few, vectors)


def _told(what: str, texts: Sequence[str], act: Callable[[list[str]], object]) -> None:
    took = []
    for _round in range(ROUNDS):
        begun = process_time()
        for first in range(0, len(texts), BATCH):
            act(list(texts[first : first + BATCH]))
        took.append(process_time() - begun)
    print(f"| {what} | {len(texts) / sorted(took)[ROUNDS // 2]:,.0f} |")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
