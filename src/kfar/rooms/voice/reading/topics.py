"""What many speak of: groups of words that are used together, found and followed over time.

Nonnegative matrix factorisation of weighed words (Lee and Seung, "Learning the parts of objects by
non-negative matrix factorization", Nature 401, 1999), begun as in Boutsidis and Gallopoulos (2008),
so that the same voices give the same themes. A word of fewer than five people says nothing here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from kfar.ground.shares import CROWD
from kfar.rooms.voice.reading.stopwords import STOPWORDS
from kfar.rooms.voice.searching.words import STAY, TOGETHER, WORD, fold, stem

if TYPE_CHECKING:
    from scipy import sparse

Key = TypeVar("Key", bound=Hashable)
Floats = NDArray[np.float64]

#: Voices needed to look for themes; voices a theme, about; themes at most.
LEAST, EACH, MOST = 30, 15, 24
#: Words that stand in a larger share of voices tell nothing apart; words of a theme; in its name.
COMMON, WORDS, NAMED = 0.5, 12, 3
#: A voice speaks of so many themes at most; a theme found anew with so much of an old one is that.
THEMES, SAME = 3, 0.2
#: Shorter words say too little, in letters.
SHORTEST = 3
#: Words that weigh less beside the first one are left out.
WEIGHS = 0.1
_STEPS = 100


@dataclass(frozen=True)
class Topic:
    """Words that stand for it, and all that speak for it with their weights, the first being 1."""

    words: tuple[str, ...]
    weights: dict[str, float]


def find(texts: Sequence[str], people: Sequence[int]) -> list[Topic]:
    """Return what these texts of these people speak of, the largest first; nothing of few."""
    if len(texts) < LEAST:
        return []
    said = [_words(text) for text in texts]
    stems, x = _weighed(said, people)
    count = min(MOST, max(2, len(texts) // EACH), min(x.shape) - 1)
    if count < 2:
        return []
    forms: dict[str, Counter[str]] = {}
    for own in said:
        for word, form in own.items():
            forms.setdefault(word, Counter())[form] += 1
    found = []
    for row in _parts(x, count):
        best = [int(n) for n in np.argsort(-row, kind="stable")[:WORDS] if row[n] > 0]
        top = [n for n in best if row[n] >= WEIGHS * row[best[0]]]
        if top:
            named = tuple(_form(forms[stems[n]]) for n in top[:NAMED])
            weights = {stems[n]: round(float(row[n] / row[top[0]]), 3) for n in top}
            found.append(Topic(named, weights))
    return _of_many(found, texts, people)


def assign(
    texts: Sequence[str], topics: Mapping[Key, Mapping[str, float]]
) -> list[dict[Key, float]]:
    """Return what each text speaks of: its words weigh as much together as the first word."""
    speaks: dict[str, list[tuple[Key, float]]] = {}
    for key, weights in topics.items():
        for word, much in weights.items():
            speaks.setdefault(word, []).append((key, much))
    found = []
    for text in texts:
        sums: dict[Key, float] = {}
        for word in _words(text) if topics else ():
            for key, much in speaks.get(word, ()):
                sums[key] = sums.get(key, 0.0) + much
        there = sorted((key for key, much in sums.items() if much >= 1), key=lambda k: -sums[k])
        found.append({key: round(sums[key], 3) for key in there[:THEMES]})
    return found


def follow(
    before: Mapping[Key, Mapping[str, float]], after: Sequence[Topic], texts: Sequence[str]
) -> list[Key | None]:
    """Return for each topic found anew which of those before it is, by whose voices they share."""
    then: dict[Key, set[int]] = {key: set() for key in before}
    now: list[set[int]] = [set() for _ in after]
    for n, (old, new) in enumerate(
        zip(
            assign(texts, before),
            assign(texts, {k: topic.weights for k, topic in enumerate(after)}),
            strict=True,
        )
    ):
        for key in old:
            then[key].add(n)
        for k in new:
            now[k].add(n)
    shared = [
        (len(mine & theirs) / len(mine | theirs), -place, k, key)
        for k, mine in enumerate(now)
        for place, (key, theirs) in enumerate(then.items())
        if mine & theirs
    ]
    found: list[Key | None] = [None] * len(after)
    for share, _place, k, key in sorted(shared, key=lambda one: one[:3], reverse=True):
        if share >= SAME and found[k] is None and key not in found:
            found[k] = key
    return found


def _words(text: str) -> dict[str, str]:
    """Return the stems of a text's words, each with the word as it stands there."""
    found: dict[str, str] = {}
    for word in WORD.findall(text.lower()):
        for one in _bare(word):
            found.setdefault(one, word)
    return found


@lru_cache(maxsize=50_000)
def _bare(word: str) -> tuple[str, ...]:
    """Return the stem of a word; of a Hebrew one also without a letter written together."""
    folded = fold(word)
    if len(folded) < SHORTEST or folded.isdigit() or folded in STOPWORDS:
        return ()
    apart = folded[1:] if folded[0] in TOGETHER and len(folded) > STAY else ""
    return tuple(stem(one) for one in (folded, apart) if one and one not in STOPWORDS)


def _form(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], len(form), form))


def _weighed(
    said: Sequence[Mapping[str, str]], people: Sequence[int]
) -> tuple[list[str], sparse.csr_matrix]:
    """Return words of five people or more that are not everywhere, and what they weigh."""
    from scipy import sparse  # noqa: PLC0415 - who only sorts voices needs none of it

    users: dict[str, set[int]] = {}
    times: Counter[str] = Counter()
    for own, person in zip(said, people, strict=True):
        times.update(own.keys())
        for word in own:
            users.setdefault(word, set()).add(person)
    much = COMMON * len(said)
    stems = sorted(w for w, who in users.items() if len(who) >= CROWD and times[w] <= much)
    column = {word: n for n, word in enumerate(stems)}
    rows = [(n, column[word]) for n, own in enumerate(said) for word in own if word in column]
    at = np.array(rows, int).reshape(-1, 2)
    rare = np.log(len(said) / np.array([times[word] for word in stems], float))
    shape = (len(said), len(stems))
    x = sparse.csr_matrix((rare[at[:, 1]], (at[:, 0], at[:, 1])), shape=shape)
    length = np.sqrt(np.asarray(x.power(2).sum(1)).ravel())
    return stems, (sparse.diags(1 / np.maximum(length, 1e-12)) @ x).tocsr()


def _parts(x: sparse.csr_matrix, count: int) -> Floats:
    """Return what each of so many parts is made of, (parts, words), the largest part first."""
    from scipy.sparse.linalg import svds  # noqa: PLC0415 - as above

    u, s, v = svds(x.astype(np.float64), k=count, v0=np.ones(min(x.shape)))
    order = np.argsort(-s, kind="stable")
    w, h = np.zeros((x.shape[0], count)), np.zeros((count, x.shape[1]))
    for n, own in enumerate(order):
        sides = [(np.maximum(f * u[:, own], 0), np.maximum(f * v[own], 0)) for f in (1, -1)]
        left, right = max(sides, key=lambda p: np.linalg.norm(p[0]) * np.linalg.norm(p[1]))
        w[:, n], h[n] = np.sqrt(s[own]) * left, np.sqrt(s[own]) * right
    w, h = w + 1e-4, h + 1e-4
    for _step in range(_STEPS):
        h *= (x.T @ w).T / np.maximum(w.T @ w @ h, 1e-12)
        w *= (x @ h.T) / np.maximum(w @ (h @ h.T), 1e-12)
    much = w.sum(0) * np.linalg.norm(h, axis=1)
    return np.asarray(h[np.argsort(-much, kind="stable")])


def _of_many(found: Sequence[Topic], texts: Sequence[str], people: Sequence[int]) -> list[Topic]:
    """Return the topics that five people or more speak of; the same words are one topic."""
    first = {topic.words[0]: topic for topic in reversed(found)}
    found = [topic for topic in found if first[topic.words[0]] is topic]
    who: list[set[int]] = [set() for _ in found]
    about = assign(texts, {k: topic.weights for k, topic in enumerate(found)})
    for own, person in zip(about, people, strict=True):
        for k in own:
            who[k].add(person)
    return [topic for topic, persons in zip(found, who, strict=True) if len(persons) >= CROWD]
