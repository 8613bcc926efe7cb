"""A witness signs only what goes on from what it saw."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from kfar.doors.cli.alone import app
from kfar.doors.cli.witness import NotTheSame, look, own_key
from kfar.rooms.decisions.proving.findings import Wrong
from kfar.rooms.decisions.proving.heads import LOG as LOGS
from kfar.rooms.decisions.proving.heads import WITNESS, read_head, read_key, seen_by, verifier_key
from kfar.rooms.decisions.proving.merkle import consistency_proof
from tests.rooms.decisions.proving.publications import (
    MANIFEST,
    PUBLIC,
    Publication,
    publish,
    voters,
)

NAME, LOG = "witness.example", "https://kfar.example/log/1"


@dataclass
class Answers:
    """A log that answers a witness: at `size`, of a publication; what it was told."""

    publication: Publication
    size: int
    told: list[str] = field(default_factory=list)

    def __call__(self, address: str, body: bytes | None, most: int) -> bytes:
        assert address.startswith(f"{LOG}/")
        tree = self.publication.tree()
        match address.removeprefix(f"{LOG}/").split("/"):
            case ["checkpoint"]:
                return self.publication.head(self.size).encode()
            case ["log.txt"]:
                return "\n".join(self.publication.log).encode()
            case ["consistency", before, size]:
                path = consistency_proof(tree.subtree, int(before), int(size))
                return b"".join(b64encode(step) + b"\n" for step in path)
            case ["cosign"]:
                self.told.append((body or b"").decode())
                return b""
        raise OSError(address)


def test_it_signs_what_goes_on_and_remembers_it(tmp_path: Path) -> None:
    log, key = Answers(publish(voters(12)), 4), own_key(tmp_path)
    for size in (4, 4, 14):
        log.size = size
        assert look(LOG, tmp_path, NAME, key, log).size == size
    public = key.public_key().public_bytes_raw()
    for note, size in zip(log.told, (4, 4, 14), strict=True):
        read = read_head(note)
        assert read is not None
        assert read[0].size == size
        assert seen_by(*read, NAME, public)
    assert own_key(tmp_path).public_key().public_bytes_raw() == public
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", ["shorter", "other", "unsigned"])
def test_what_does_not_go_on_is_not_signed(tmp_path: Path, change: str) -> None:
    log, key = Answers(publish(voters(12)), 10), own_key(tmp_path)
    look(LOG, tmp_path, NAME, key, log)
    match change:
        case "shorter":
            log.size = 9
        case "other":
            log.publication, log.size = publish(voters(13)), 15
        case "unsigned":
            log.publication.lines[0] = "changed"
            log.publication.signed = publish(voters(13)).lines
    with pytest.raises(NotTheSame, match=r"kfar\.example/log/1"):
        look(LOG, tmp_path, NAME, key, log)
    assert len(log.told) == 1
    log.publication, log.size = publish(voters(12)), 14
    assert look(LOG, tmp_path, NAME, key, log).size == 14  # it goes on from what was seen


def test_no_other_log_takes_the_place_of_one_whatever_it_calls_itself(tmp_path: Path) -> None:
    log, key = Answers(publish(voters(12)), 14), own_key(tmp_path)
    look(LOG, tmp_path, NAME, key, log)
    name = "kfar.example/log/1b"
    log.publication.manifest = replace(MANIFEST, log=name, key=verifier_key(name, LOGS, PUBLIC))
    with pytest.raises(NotTheSame, match="does not go on from the last"):
        look(LOG, tmp_path, NAME, key, log)
    log.publication.manifest = MANIFEST
    assert look(LOG, tmp_path, NAME, key, log).size == 14


def test_who_shows_two_logs_is_found_out(tmp_path: Path) -> None:
    """The company shows the witness and Anna one log, and Borys one without Anna's ballot."""
    key = own_key(tmp_path)
    known = verifier_key(NAME, WITNESS, key.public_key().public_bytes_raw())
    all_ = voters(12)
    one, two = publish(all_), publish(all_[1:])
    one.manifest = two.manifest = replace(MANIFEST, witnesses=(known,))
    log = Answers(one, 14)
    look(LOG, tmp_path, NAME, key, log)
    files = one.files()
    marks = log.told[0].partition("\n\n")[2].encode()
    shown = one.write(tmp_path / "anna")
    (shown / "heads.txt").write_bytes(files["heads.txt"] + marks)
    other = two.write(tmp_path / "borys")
    receipt = tmp_path / "receipt.json"
    receipt.write_text(one.receipt(all_[0], at=14).text())

    def verified(*options: object) -> tuple[int, list[str]]:
        ran = CliRunner().invoke(app, ["verify", *map(str, options)])
        return ran.exit_code, ran.output.splitlines()

    code, said = verified(shown, "--receipt", receipt)
    assert code == 0
    assert any(line.startswith(f"seen     by {NAME}: 14 lines, ") for line in said)
    # Borys's log agrees with itself. That the witness never saw it is said,
    code, said = verified(other)
    assert (code, said[-1]) == (0, "All agrees.")
    assert any(line.startswith(f"unseen   by {NAME}: ") for line in said)
    # and what the witness saw, or Anna's receipt, proves that there are two.
    two_logs = f"WRONG    {Wrong('two_logs', '14')}"
    for kept in sorted(tmp_path.glob("*.json")):
        code, said = verified(other, "--head", kept)
        assert (code, said[-2:]) == (1, [two_logs, "Something is wrong."])
        assert verified(shown, "--head", kept)[0] == 0
    code, said = verified(other, "--receipt", receipt)
    assert (code, said[-2]) == (1, f"WRONG    {Wrong('receipt_rewritten')}")
    # The witness does not sign the other one.
    log.publication, log.size = two, 13
    with pytest.raises(NotTheSame):
        look(LOG, tmp_path, NAME, key, log)


@pytest.mark.parametrize(
    ("head", "wrong"),
    [
        ("", Wrong("unreadable", "the head")),
        ("{", Wrong("unreadable", "{file}")),
        ("{}", Wrong("unreadable", "the head")),
        (publish(voters(3)).head(2, Ed25519PrivateKey.generate()), Wrong("unsigned", "2")),
    ],
    ids=["empty", "broken", "none", "unsigned"],
)
def test_what_is_no_head_says_nothing_of_the_log(tmp_path: Path, head: str, wrong: Wrong) -> None:
    folder, file = publish(voters(3)).write(tmp_path / "published"), tmp_path / "head"
    file.write_text(head)
    ran = CliRunner().invoke(app, ["verify", str(folder), "--head", str(file)])
    told = f"WRONG    {wrong}".format(file=file)
    assert (ran.exit_code, ran.output.splitlines()[-2]) == (1, told)


def test_it_says_its_key_and_what_is_wrong(tmp_path: Path) -> None:
    options = ["--name", NAME, "--folder", str(tmp_path / "kept")]
    ran = CliRunner().invoke(app, ["witness", *options])
    assert ran.exit_code == 0
    known = read_key(ran.output.split()[1])
    assert known is not None
    assert known[:2] == (NAME, WITNESS)
    for address in ("http://127.0.0.1:9/log/1", "file:///etc/passwd"):
        ran = CliRunner().invoke(app, ["witness", address, *options])
        assert ran.exit_code == 1
        assert f"WRONG    {address}: " in ran.output


def test_it_verifies_from_the_command_line(tmp_path: Path) -> None:
    folder = publish(voters(5)).write(tmp_path / "published")
    ran = CliRunner().invoke(app, ["verify", str(folder)])
    assert (ran.exit_code, ran.output.splitlines()[-1]) == (0, "All agrees.")
    (folder / "ballots.csv").unlink()
    ran = CliRunner().invoke(app, ["verify", str(folder), "--json"])
    assert ran.exit_code == 1
    assert '"code": "unreadable"' in ran.output
