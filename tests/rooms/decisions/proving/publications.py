"""A decision as it is published, made by hand: honest, or as somebody has changed it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kfar.ground.ballots import Ballot, Form, Paper, commitment, read_ballot
from kfar.rooms.decisions.counting.count import count
from kfar.rooms.decisions.counting.rules import Method, Rule
from kfar.rooms.decisions.proving.heads import LOG, Head, sign_head, verifier_key
from kfar.rooms.decisions.proving.lines import ballot_line, close_line
from kfar.rooms.decisions.proving.manifest import Audience, Manifest, Pledge, Tier
from kfar.rooms.decisions.proving.merkle import Tree, inclusion_proof, leaf_hash
from kfar.rooms.decisions.proving.receipt import Receipt
from kfar.rooms.decisions.proving.recount import recount

ORIGIN = "kfar.example/log/1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()

MANIFEST = Manifest(
    log=ORIGIN,
    key=verifier_key(ORIGIN, LOG, PUBLIC),
    company="Kfar",
    question="1",
    text={"en": "Which apples?"},
    options=({"en": "Antonówka"}, {"en": "Ligol"}, {"en": "Szampion"}),
    pictures=("", "", ""),
    audience=Audience.AGREED,
    account="",
    tiers=(Tier.ACCOUNT, Tier.EMAIL),
    answers=1,
    paper=Paper(Form.RANKING, options=3, most=3),
    rule=Rule(Method.IRV, lot="apples"),
    quorum=0,
    opens="2026-03-01T12:00:00.000Z",
    closes="2026-03-08T12:00:00.000Z",
    interim=False,
    binding=True,
    pledges=(Pledge(None, {"en": "We grow them"}, "2026-04-01"),),
)
TEXTS = ("0>1>2", "1>0", "2", "2>1")


@dataclass
class Voted:
    """One voter: the ballot they cast last."""

    tracker: str
    nonce: str
    text: str
    tier: str = "email"

    @property
    def bound(self) -> str:
        return commitment(MANIFEST.question, self.tracker, self.nonce, self.text)

    @property
    def line(self) -> str:
        return ballot_line(self.tracker, self.tier, self.bound)

    @property
    def row(self) -> str:
        return f"{self.tracker},{self.nonce},{self.text}"


def voters(number: int) -> list[Voted]:
    """Voters, as many as asked, with different trackers, in no order."""
    random = Random(number)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return [
        Voted(
            "".join(random.choices(letters, k=16)),
            random.randbytes(16).hex(),
            random.choice(TEXTS),
            random.choice(["account", "email"]),
        )
        for _ in range(number)
    ]


@dataclass
class Publication:
    """What is published: lines after the manifest, rows of ballots, the sizes heads were signed at.

    Change any of it; `heads` are signed over `signed`, the log as it truly was, where it is given.
    """

    lines: list[str]
    rows: list[str]
    sizes: list[int]
    manifest: Manifest = MANIFEST
    signed: list[str] | None = None
    cast: dict[str, dict[Ballot, int]] = field(default_factory=dict)
    aside: int = 0

    @property
    def log(self) -> list[str]:
        return [self.manifest.line(), *self.lines]

    def tree(self) -> Tree:
        true = self.log if self.signed is None else [self.manifest.line(), *self.signed]
        return Tree(leaf_hash(line.encode()) for line in true)

    def head(self, size: int, key: Ed25519PrivateKey = KEY) -> str:
        tree = self.tree()
        head = Head(self.manifest.log, size, tree.root(size))
        return sign_head(head, PUBLIC, key.sign)

    def receipt(self, voter: Voted, at: int) -> Receipt:
        """A voter's receipt, with the proof from when the log was `at` long."""
        index = self.log.index(voter.line)
        path = inclusion_proof(self.tree().subtree, index, at)
        return replace(
            bare(voter),
            line=voter.line,
            index=index,
            head=self.head(at),
            proof=tuple(step.hex() for step in path),
        )

    def files(self) -> dict[str, bytes]:
        rows = ["tracker,nonce,ballot", *self.rows]
        result = recount(self.manifest, self.cast, self.aside, count)
        return {
            "log.txt": "".join(f"{line}\n" for line in self.log).encode(),
            "heads.txt": "\n".join(self.head(size) for size in self.sizes).encode(),
            "ballots.csv": "".join(f"{row}\n" for row in rows).encode(),
            "result.json": json.dumps(result).encode(),
        }

    def write(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        for name, content in self.files().items():
            (folder / name).write_bytes(content)
        return folder

    def source(self, name: str) -> bytes:
        try:
            return self.files()[name]
        except KeyError:
            raise FileNotFoundError(name) from None


def bare(voter: Voted) -> Receipt:
    """A receipt as it is right after voting."""
    return Receipt(
        log=MANIFEST.log,
        question=MANIFEST.question,
        tracker=voter.tracker,
        nonce=voter.nonce,
        ballot=voter.text,
        commitment=voter.bound,
    )


def publish(all_: Sequence[Voted]) -> Publication:
    """An honest publication of these ballots."""
    cast: dict[str, dict[Ballot, int]] = {}
    for voter in all_:
        tier, ballot = cast.setdefault(voter.tier, {}), read_ballot(Form.RANKING, voter.text)
        tier[ballot] = tier.get(ballot, 0) + 1
    lines = [*(voter.line for voter in all_), close_line("2026-03-08T12:00:01.000Z")]
    rows = sorted(voter.row for voter in all_)
    return Publication(lines, rows, [1, len(lines) // 2 + 1, len(lines) + 1], cast=cast)
