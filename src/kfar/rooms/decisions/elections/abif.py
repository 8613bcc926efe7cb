"""ABIF, the Aggregated Ballot Information Format of Electorama.

`27:A>B=C>D` is 27 ballots with A first and B and C equal; `=A:[Ann Lee]` names a candidate;
`A/5` adds a score; `{"title": "…"}` is said of the file; `#` begins a comment. Commas part
scores, or candidates of one rank. See https://electowiki.org/wiki/ABIF and the examples of
github.com/electorama/abiftool.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kfar.ground.ballots import Ballot, Form, Ranking, Scores
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable

NAMED = re.compile(r"=\s*(?:\[([^\]]*)\]|\"([^\"]*)\"|([^:\[\]]+?))\s*:\s*\[?(.*?)\]?\s*$")
SAID = re.compile(r"[{,]\s*[\"']?(\w+)[\"']?\s*:\s*(?:\"([^\"]*)\"|'([^']*)'|([^,}]*?))\s*(?=[,}])")
CAST = re.compile(r"(\d+)\s*[:*]\s*(.*)$")
TOKEN = re.compile(
    r"\s*(?:\[([^\]]*)\]|\"([^\"]*)\"|([^>=,/\[\]\"]+?))\s*(?:/\s*(\d+))?\s*([>=,]|$)"
)
COMMENT = re.compile(r"((?:\[[^\]]*\]|\"[^\"]*\"|[^#\[\"]|[\[\"])*?)#.*$")

#: One candidate in a line: number, score, and what stands behind it.
Named = tuple[int, int | None, str]


def read(lines: Iterator[tuple[int, str]], reading: Reading) -> Election:
    """Read ABIF. Ranks and scores stand in one line, and the form that is wanted is taken.

    A candidate behind `>` is ranked lower. Where only commas part them, higher scores rank
    higher, and candidates without a score are of one rank, or unranked beside scored ones.
    """
    title, best = "", None
    names: dict[str, int] = {}
    full: dict[int, str] = {}
    cast: list[tuple[int, list[Named]]] = []
    for number, line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("{"):
            said = {
                found[1]: found[2] or found[3] or found[4] or "" for found in SAID.finditer(text)
            }
            title = said.get("title", title)
            best = _whole(said["max_rating"]) if "max_rating" in said else best
            continue
        text = _uncommented(text)
        if defined := NAMED.match(text) if text.startswith("=") else None:
            key = (defined[1] or defined[2] or defined[3]).strip()
            full[names.setdefault(key, len(names))] = defined[4].strip().strip('"') or key
            continue
        found = CAST.match(text)
        if found is None:
            raise Unreadable("a line is `COUNT:A>B=C`, `=NAME:[…]`, `{…}` or `# …`", number)
        cast.append((int(found[1]), list(_tokens(found[2], names, number))))
    scored = any(score is not None for _, named in cast for _, score, _ in named)
    best = max((s for _, named in cast for _, s, _ in named if s is not None), default=best)
    form = reading.choose(*_forms(scored, best))
    ballots: Counter[Ballot] = Counter()
    for times, named in cast:
        ballots[_ballot(form, named)] += times
    options = tuple(full.get(option, name) for name, option in names.items())
    return Election(title, options, form, ballots, max_score=best if form is Form.SCORES else None)


def _whole(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _forms(scored: bool, best: int | None) -> tuple[Form, ...]:
    """Return the forms in which the lines can be told; scores of 0 and 1 approve."""
    if not scored:
        return (Form.RANKING,)
    return (Form.RANKING, Form.SCORES, *([Form.CHOICES] if best == 1 else []))


def _uncommented(text: str) -> str:
    found = COMMENT.match(text)
    return found[1].rstrip() if found else text


def _tokens(text: str, names: dict[str, int], number: int) -> Iterator[Named]:
    place = 0
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            raise Unreadable(f"“{text[place:].strip()}” is no candidate of a ballot", number)
        key = (found[1] or found[2] or found[3]).strip()
        option = names.setdefault(key, len(names))
        yield option, None if found[4] is None else int(found[4]), found[5]
        place = found.end()


def _ballot(form: Form, line: list[Named]) -> Ballot:
    if form is Form.SCORES:
        return tuple(sorted((option, score) for option, score, _ in line if score is not None))
    if form is Form.CHOICES:
        return tuple(sorted({option for option, score, _ in line if score}))
    return _ranking(line)


def _ranking(line: list[Named]) -> Ranking:
    if all(between in (",", "") for _, _, between in line) and len(line) > 1:
        scores: Scores = tuple((o, s) for o, s, _ in line if s is not None)
        ranks = sorted({score for _, score in scores}, reverse=True)
        if ranks:
            return tuple(tuple(o for o, s in sorted(scores) if s == rank) for rank in ranks)
    slots: list[tuple[int, ...]] = []
    lower = True
    for option, _, between in line:
        slots = [*slots, (option,)] if lower else [*slots[:-1], (*slots[-1], option)]
        lower = between == ">"
    return tuple(tuple(sorted(set(slot))) for slot in slots)
