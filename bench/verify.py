"""Verifying: a million published ballots, root and recount, by the one file of plain Python.

    uv run python -m bench.verify [BALLOTS]

Rankings of 8 options, drawn evenly from all there are, counted by IRV, voters known in two ways,
twenty heads signed on the way. The verifier runs as anybody would run it, as a process of its
own that may use what cores there are. The limit is the hashing alone, on one core: a leaf, a
commitment and a node for each ballot. The peer is pymerkle, which builds the tree and no more.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from base64 import b32encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymerkle import InmemoryTree

from kfar.ground.ballots import Form, Paper, commitment, read_ballot
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.rules import Method, Rule
from kfar.rooms.decisions.proving.bundle import bundle
from kfar.rooms.decisions.proving.heads import LOG, Head, sign_head, verifier_key
from kfar.rooms.decisions.proving.lines import ballot_line, close_line
from kfar.rooms.decisions.proving.manifest import Audience, Manifest, Pledge, Tier
from kfar.rooms.decisions.proving.merkle import Tree, leaf_hash
from kfar.rooms.decisions.proving.recount import recount

OPTIONS, HEADS, ROUNDS = 8, 20, 5
ORIGIN = "kfar.example/log/1"


def publish(ballots: int, folder: Path) -> list[str]:
    """Write what is published of so many ballots; return the lines of the log."""
    key, random = Ed25519PrivateKey.generate(), Random(1)
    public = key.public_key().public_bytes_raw()
    manifest = Manifest(
        log=ORIGIN,
        key=verifier_key(ORIGIN, LOG, public),
        company="Kfar",
        question="1",
        text={"en": "Which?"},
        options=tuple({"en": letter} for letter in "ABCDEFGH"),
        pictures=("",) * OPTIONS,
        audience=Audience.LINK,
        account="",
        tiers=(Tier.EMAIL, Tier.LINK),
        answers=1,
        paper=Paper(Form.RANKING, OPTIONS, OPTIONS),
        rule=Rule(Method.IRV, lot="bench"),
        quorum=0,
        opens="2026-03-01T12:00:00.000Z",
        closes="2026-03-08T12:00:00.000Z",
        interim=False,
        binding=True,
        pledges=(Pledge(None, {"en": "We do it"}, "2026-04-01"),),
    )
    rows, lines, cast = [], [manifest.line()], dict[str, dict[str, int]]()
    for number in range(ballots):
        tracker = b32encode(random.randbytes(10)).decode().lower()
        nonce, tier = random.randbytes(16).hex(), manifest.tiers[number % 3 == 0]
        text = ">".join(map(str, random.sample(range(OPTIONS), OPTIONS)))
        rows.append(f"{tracker},{nonce},{text}\n")
        lines.append(ballot_line(tracker, tier, commitment("1", tracker, nonce, text)))
        tiers = cast.setdefault(tier, {})
        tiers[text] = tiers.get(text, 0) + 1
    lines.append(close_line("2026-03-08T12:00:01.000Z"))
    tree = Tree(leaf_hash(line.encode()) for line in lines)
    sizes = [1, *range(2, ballots, ballots // HEADS + 1), len(lines)]
    notes = [sign_head(Head(ORIGIN, n, tree.root(n)), public, key.sign) for n in sizes]
    read = {
        tier: {read_ballot(Form.RANKING, text): n for text, n in texts.items()}
        for tier, texts in cast.items()
    }
    (folder / "log.txt").write_text("".join(f"{line}\n" for line in lines))
    (folder / "heads.txt").write_text("\n".join(notes))
    (folder / "ballots.csv").write_text("tracker,nonce,ballot\n" + "".join(sorted(rows)))
    (folder / "result.json").write_text(json.dumps(recount(manifest, read, 0, count)))
    (folder / "verify.py").write_text(bundle())
    return lines


def verified(folder: Path) -> None:
    """Run the verifier as anybody would."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def hashed(lines: list[bytes]) -> None:
    """Hash as often as has to be, and no more."""
    node = b"\x01" + bytes(64)
    for line in lines:
        sha256(b"\x00" + line).digest()
        sha256(line).hexdigest()
        sha256(node).digest()


def merkled(lines: list[bytes]) -> None:
    """Build the tree with pymerkle."""
    tree = InmemoryTree(algorithm="sha256")
    for line in lines:
        tree.append_entry(line)
    tree.get_root()


def timed(act: Callable[[], None], rounds: int) -> tuple[float, float]:
    """Return the median wall and processor seconds of an act, children included."""
    walls, works = [], []
    for _ in range(rounds):
        before, began = os.times(), time.perf_counter()
        act()
        walls.append(time.perf_counter() - began)
        works.append(sum(os.times()[:4]) - sum(before[:4]))
    return median(walls), median(works)


def main() -> None:
    """Measure and print the table."""
    ballots = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with TemporaryDirectory() as name:
        lines = [line.encode() for line in publish(ballots, Path(name))]
        wall, work = timed(lambda: verified(Path(name)), ROUNDS)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    limit, peer = timed(lambda: hashed(lines), ROUNDS), timed(lambda: merkled(lines), 1)
    print(f"{ballots:,} ballots, {OPTIONS} options; {len(b''.join(lines)) / 1e6:,.0f} MB of log")
    print("| what | wall, s | processor, s |")
    print("|---|---|---|")
    print(f"| limit: the hashing alone | {limit[0]:.1f} | {limit[1]:.1f} |")
    print(f"| verified: root, ballots, count | {wall:.1f} | {work:.1f} |")
    print(f"| peer: pymerkle, the tree alone | {peer[0]:.1f} | {peer[1]:.1f} |")
    print(f"÷ limit {wall / limit[0]:.1f}, ÷ peer {wall / peer[0]:.2f}; at most {peak:,.0f} MB")


if __name__ == "__main__":
    main()
