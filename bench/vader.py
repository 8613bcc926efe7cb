"""More English for `kfar learn`: what people said of snippets of reviews, out of VADER's archive.

The source archive of vaderSentiment (MIT) holds 3,708 snippets of Amazon's and 10,605 of films'
reviews, each rated by twenty people from -4 to 4 (Hutto and Gilbert, ICWSM 2014), and a lexicon of
rated words. What is rated within half a step of nothing is left out. Where it comes from:

    pip download --no-deps --no-binary vaderSentiment vaderSentiment==3.3.2
    uv run python -m bench.vader vaderSentiment-3.3.2.tar.gz > en_more.tsv
"""

from __future__ import annotations

import csv
import io
import sys
import tarfile
from collections.abc import Iterator

#: How much each weighs beside the company's own kind of text.
WEIGHTS = {"amazonReview": 0.9, "movieReview": 0.5}
WORDS, RATED = 0.1, 0.5


def rows(archive: str) -> Iterator[tuple[str, str, float]]:
    """Yield text, label and weight of everything."""
    with tarfile.open(archive) as outer:
        names = {name.rpartition("/")[2]: name for name in outer.getnames()}
        inner = outer.extractfile(names["hutto_ICWSM_2014.tar.gz"])
        lexicon = outer.extractfile(names["vader_lexicon.txt"])
        assert inner is not None
        assert lexicon is not None
        with tarfile.open(fileobj=inner) as more:
            for kind, weight in WEIGHTS.items():
                held = more.extractfile(f"hutto_ICWSM_2014/{kind}Snippets_GroundTruth.txt")
                assert held is not None
                for line in io.TextIOWrapper(held, "utf-8", "replace", newline="\n"):
                    _number, rated, text = line.rstrip("\r\n").split("\t")[:3]
                    if abs(float(rated)) > RATED:
                        yield text, _label(rated), weight
        for line in io.TextIOWrapper(lexicon, "utf-8", newline="\n"):
            word, rated = line.split("\t")[:2]
            if word.isalpha():
                yield word, _label(rated), WORDS


def _label(rated: str) -> str:
    return "positive" if float(rated) > 0 else "negative"


if __name__ == "__main__":
    out = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    out.writerow(["text", "label", "weight"])
    out.writerows(rows(sys.argv[1]))
