"""A witness signs only what goes on from what it saw."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kfar.doors.cli.alone import app
from kfar.doors.cli.witness import NotTheSame, look, own_key
from kfar.rooms.decisions.proving.heads import WITNESS, read_head, read_key, seen_by
from kfar.rooms.decisions.proving.merkle import consistency_proof
from tests.rooms.decisions.proving.publications import Publication, publish, voters

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
