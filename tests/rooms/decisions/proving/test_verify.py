"""Whatever is changed in what is published of a decision is found, and named."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kfar.rooms.decisions.proving.bundle import bundle
from kfar.rooms.decisions.proving.checking import check, check_receipt
from kfar.rooms.decisions.proving.findings import WRONG, Wrong
from kfar.rooms.decisions.proving.heads import WITNESS, cosign, read_head, verifier_key
from kfar.rooms.decisions.proving.receipt import Receipt, read_receipt
from kfar.rooms.decisions.proving.verify import apart, main
from tests.rooms.decisions.proving.publications import (
    MANIFEST,
    Publication,
    Voted,
    bare,
    publish,
    voters,
)

ALL = voters(12)
FIRST = ALL[0]


def found(publication: Publication) -> list[tuple[str, str]]:
    return [(wrong.code, wrong.about) for wrong in check(publication.source).wrong]


@given(st.integers(0, 40))
def test_what_is_honest_agrees(number: int) -> None:
    publication = publish(voters(number))
    checked = check(publication.source)
    assert checked.wrong == []
    assert checked.head is not None
    assert checked.head.size == number + 2
    assert checked.result == json.loads(publication.files()["result.json"])


def test_done_in_two_processes_it_is_the_same() -> None:
    publication = publish(ALL)
    publication.rows[5] += ">1"
    one, two = check(publication.source), check(publication.source, beside=apart)
    assert (one.wrong, one.result, one.head) == (two.wrong, two.result, two.head)
    assert one.wrong


class TestChanged:
    """Each change, by itself."""

    def test_a_ballot_that_was_changed(self) -> None:
        publication = publish(ALL)
        other = replace(FIRST, text="1>2" if FIRST.text != "1>2" else "0")
        publication.rows[publication.rows.index(FIRST.row)] = other.row
        assert ("changed", FIRST.tracker) in found(publication)
        assert found(publication)[-1][0] == "other_result"

    def test_a_ballot_that_was_dropped(self) -> None:
        publication = publish(ALL)
        publication.rows.remove(FIRST.row)
        assert ("dropped", FIRST.tracker) in found(publication)

    def test_a_ballot_that_was_dropped_and_not_counted_either(self) -> None:
        publication = publish(ALL[1:])
        honest = publish(ALL)
        publication.lines, publication.sizes = honest.lines, honest.sizes
        assert found(publication) == [("dropped", FIRST.tracker)]

    def test_a_ballot_that_was_dropped_from_the_log_too(self) -> None:
        publication = publish(ALL[1:])
        publication.signed = publish(ALL).lines
        assert ("other_root", str(len(ALL) + 2)) in found(replace(publication, sizes=[1, 14]))
        # A head over the shorter log, signed by the company itself, does not hide it from whoever
        # holds a receipt.
        shorter = publish(ALL[1:])
        receipt = publish(ALL).receipt(FIRST, at=14)
        checked = check(shorter.source)
        assert checked.wrong == []
        assert check_receipt(receipt, checked) == ("", "")
        assert checked.wrong == [Wrong("receipt_rewritten")]

    def test_a_ballot_that_nobody_cast(self) -> None:
        publication = publish(ALL)
        invented = Voted("zzzzzzzzzzzzzzzz", "n" * 32, "2")
        publication.rows.append(invented.row)
        assert found(publication) == [("added", "zzzzzzzzzzzzzzzz")]

    def test_a_ballot_that_was_added_after_the_close(self) -> None:
        publication = publish(ALL)
        late = Voted("zzzzzzzzzzzzzzzz", "n" * 32, "2")
        publication.lines.append(late.line)
        publication.rows.append(late.row)
        publication.sizes.append(len(ALL) + 3)  # signed by the company all the same
        assert found(publication) == [("after_close", "14"), ("added", "zzzzzzzzzzzzzzzz")]

    def test_lines_that_nobody_signed_for(self) -> None:
        publication = publish(ALL)
        publication.sizes = publication.sizes[:-1]
        assert found(publication) == [("longer", str(14 - publication.sizes[-1]))]

    def test_a_ballot_that_counts_twice(self) -> None:
        publication = publish(ALL)
        publication.rows.insert(0, publication.rows[0])
        assert found(publication) == [("twice", publication.rows[0][:16])]

    def test_a_manifest_that_was_changed(self) -> None:
        publication = publish(ALL)
        publication.signed = publication.lines
        changed = replace(MANIFEST, rule=replace(MANIFEST.rule, lot="pears"))
        files = publication.files()
        files["log.txt"] = files["log.txt"].replace(
            MANIFEST.line().encode(), changed.line().encode()
        )
        wrong = check(files.__getitem__).wrong
        assert [each.code for each in wrong[:4]] == ["other_root"] * 3 + ["longer"]

    def test_a_result_that_does_not_follow(self) -> None:
        files = publish(ALL).files()
        told = json.loads(files["result.json"])
        told["winners"] = [(told["winners"][0] + 1) % 3]
        files["result.json"] = json.dumps(told).encode()
        assert check(files.__getitem__).wrong == [Wrong("other_result", "winners")]

    def test_a_head_signed_with_another_key(self) -> None:
        publication = publish(ALL)
        files = publication.files()
        other = Ed25519PrivateKey.generate()
        files["heads.txt"] += b"\n" + publication.head(14, other).encode()
        assert check(files.__getitem__).wrong == [Wrong("unsigned", "14")]

    def test_another_key_than_the_one_known_from_elsewhere(self) -> None:
        source = publish(ALL).source
        assert check(source, key=MANIFEST.key).wrong == []
        assert check(source, key="kfar.example+0+AA").wrong == [Wrong("other_key")]

    def test_a_log_that_is_not_closed(self) -> None:
        publication = publish(ALL)
        publication.lines.pop()
        publication.sizes = [1, 13]
        assert found(publication) == [("not_closed", "")]

    @pytest.mark.parametrize(("minutes", "wrong"), [(1, []), (-59, []), (-61, ["not_closed"])])
    def test_one_whose_time_is_not_over_need_not_be_closed(
        self, minutes: int, wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        closes = datetime.now(UTC) + timedelta(minutes=minutes)
        publication = publish(ALL)
        publication.manifest = replace(MANIFEST, closes=closes.isoformat(timespec="milliseconds"))
        publication.lines.pop()
        publication.sizes = [1, 13]
        assert [one for one, _ in found(publication)] == wrong
        assert main([str(publication.write(tmp_path / "open"))]) == len(wrong)
        told = f"open     until {publication.manifest.closes}: nothing is counted before"
        assert (told in capsys.readouterr().out) == (not wrong)

    def test_words_that_are_no_ballot(self) -> None:
        bad = Voted(FIRST.tracker, FIRST.nonce, "0>0", FIRST.tier)
        publication = publish(ALL[1:])
        publication.lines.insert(0, bad.line)
        publication.rows = sorted([*publication.rows, bad.row])
        publication.sizes = [1, 14]
        assert found(publication) == [("not_a_ballot", "0>0")]

    def test_lines_of_the_log_that_say_nothing_known(self) -> None:
        publication = publish(ALL)
        publication.lines.insert(3, "gone nobodyaaaaaaaaa")
        publication.lines.insert(3, "")
        publication.sizes = [1, 16]
        assert found(publication) == [("unknown_line", "4"), ("unknown_line", "5")]

    @pytest.mark.parametrize("name", ["log.txt", "heads.txt", "ballots.csv", "result.json"])
    def test_a_file_that_is_missing_or_broken(self, name: str) -> None:
        files = publish(ALL).files()
        files[name] = b"\xff"
        assert Wrong("unreadable", name) in check(files.__getitem__).wrong

        def source(asked: str) -> bytes:
            if asked == name:
                raise FileNotFoundError
            return files[asked]

        assert Wrong("unreadable", name) in check(source).wrong


@given(st.data())
def test_any_letter_changed_in_any_file_is_found(data: st.DataObject) -> None:
    """Whatever is turned into something else in what was signed or counted, the check says so."""
    files = publish(ALL).files()
    name = data.draw(st.sampled_from(["log.txt", "ballots.csv"]))
    content = files[name]
    begins = content.index(b"\n") + 1 if name == "ballots.csv" else 0  # column names are free
    place = data.draw(st.integers(begins, len(content) - 2))
    letter = data.draw(st.sampled_from(b"abc0129>,{} \n"))
    changed = content[:place] + bytes([letter]) + content[place + 1 :]
    files[name] = changed
    assert bool(check(files.__getitem__).wrong) == (changed != content)


class TestReplacedAndSetAside:
    def test_the_last_ballot_of_a_voter_counts(self) -> None:
        before = replace(FIRST, text="2>1>0", nonce="m" * 32)
        publication = publish(ALL)
        publication.lines.insert(0, before.line)
        publication.sizes = [1, 15]
        checked = check(publication.source)
        assert checked.wrong == []
        assert check_receipt(bare(before), checked) == ("replaced", "")
        assert check_receipt(bare(FIRST), checked) == ("counted", "")

    def test_what_is_set_aside_is_said_and_not_counted(self) -> None:
        publication = publish(ALL[1:])
        publication.lines[:0] = [FIRST.line, f"aside {FIRST.tracker} same-person"]
        publication.sizes, publication.aside = [1, 15], 1
        checked = check(publication.source)
        assert checked.wrong == []
        assert check_receipt(bare(FIRST), checked) == ("aside", "same-person")
        publication.rows = sorted([*publication.rows, FIRST.row])  # published all the same
        assert found(publication) == []

    def test_what_was_set_aside_and_counted_after_all(self) -> None:
        publication = publish(ALL)
        publication.lines[-1:-1] = [f"aside {FIRST.tracker} burst", f"back {FIRST.tracker}"]
        publication.sizes = [1, 16]
        checked = check(publication.source)
        assert checked.wrong == []
        assert check_receipt(bare(FIRST), checked) == ("counted", "")

    def test_who_was_erased_takes_the_ballot_along(self) -> None:
        publication = publish(ALL[1:])
        publication.lines[:0] = [FIRST.line, f"gone {FIRST.tracker}"]
        publication.sizes = [1, 15]
        checked = check(publication.source)
        assert checked.wrong == []
        assert check_receipt(bare(FIRST), checked) == ("gone", "")

    def test_a_question_that_was_taken_back_counts_nothing(self) -> None:
        publication = publish(ALL)
        publication.lines.insert(-1, 'withdrawn {"en":"A typo"}')
        publication.sizes = [1, 15]
        checked = check(publication.source)
        assert (checked.wrong, checked.result) == ([], {})
        assert check_receipt(bare(FIRST), checked) == ("withdrawn", "")


class TestReceipts:
    @pytest.fixture
    def publication(self) -> Publication:
        return publish(ALL)

    def test_with_its_proof_it_is_counted(self, publication: Publication) -> None:
        for voter in ALL:
            receipt = publication.receipt(voter, at=14)
            checked = check(publication.source)
            assert check_receipt(receipt, checked) == ("counted", "")
            assert checked.wrong == []
            assert read_receipt(receipt.text()) == receipt

    def test_before_the_close_it_waits(self, publication: Publication) -> None:
        publication.lines.pop()
        publication.sizes = [1, 13]
        checked = check(publication.source)
        assert check_receipt(publication.receipt(FIRST, at=13), checked) == ("waiting", "")

    @pytest.mark.parametrize(
        "forge",
        [
            lambda r: replace(r, ballot="2>0"),
            lambda r: replace(r, nonce="x" * 32),
            lambda r: replace(r, tracker="a" * 16),
            lambda r: replace(r, commitment="0" * 64),
            lambda r: replace(r, index=r.index + 1),
            lambda r: replace(r, line=r.line.replace("email", "account")),
            lambda r: replace(r, proof=r.proof[:-1]),
            lambda r: replace(r, proof=(*r.proof[:-1], "00" * 32)),
            lambda r: replace(r, head=r.head.replace("\n14\n", "\n13\n")),
            lambda r: replace(r, head="nothing"),
        ],
        ids=[
            *["ballot", "nonce", "tracker", "commitment", "index"],
            *["tier", "short", "path", "size", "head"],
        ],
    )
    def test_a_forged_one_is_found(
        self, publication: Publication, forge: Callable[[Receipt], Receipt]
    ) -> None:
        voter = next(each for each in ALL if each.tier == "email")
        receipt = forge(publication.receipt(voter, at=14))
        assert receipt.proves(MANIFEST.key) is None
        checked = check(publication.source)
        assert check_receipt(receipt, checked) == ("", "")
        assert checked.wrong == [Wrong("receipt_forged")]

    def test_an_invented_one_is_not_in_the_log(self, publication: Publication) -> None:
        checked = check(publication.source)
        invented = bare(Voted("zzzzzzzzzzzzzzzz", "n" * 32, "2"))
        assert check_receipt(invented, checked) == ("", "")
        assert checked.wrong == [Wrong("receipt_missing")]

    def test_one_of_another_question(self, publication: Publication) -> None:
        checked = check(publication.source)
        check_receipt(replace(bare(FIRST), log="kfar.example/log/2"), checked)
        assert checked.wrong == [Wrong("receipt_other")]

    @pytest.mark.parametrize(
        "text",
        [
            *["", "[]", "null", "{}", '{"kfar": 2}', '{"kfar": 1}', '{"kfar": 1, "log": 5}'],
            *['{"kfar": 1, "proof": ["xyz"]}', '{"kfar": 1, "proof": 5}', "\x00"],
        ],
    )
    def test_what_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r".*"):
            read_receipt(text)


def test_witnesses_that_saw_the_last_head_are_named() -> None:
    witness = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = witness.public_key().public_bytes_raw()
    publication = publish(ALL)
    known = verifier_key("witness.example", WITNESS, public)
    publication.manifest = replace(MANIFEST, witnesses=(known, "nonsense"))
    files = publication.files()
    read = read_head(publication.head(14))
    assert read is not None
    seen = cosign(read[0], "witness.example", public, witness.sign, when=1_772_971_201)
    files["heads.txt"] += seen.encode()
    checked = check(files.__getitem__)
    assert (checked.wrong, checked.seen) == ([], {"witness.example": (14, 1_772_971_201)})


class TestProgram:
    def test_it_says_what_it_found(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        publication = publish(ALL)
        folder = publication.write(tmp_path / "published")
        receipt = tmp_path / "receipt.json"
        receipt.write_text(publication.receipt(FIRST, at=14).text())
        assert main([str(folder), "--receipt", str(receipt)]) == 0
        said = capsys.readouterr().out
        assert said.startswith("Which apples?\nlog      kfar.example/log/1\n")
        assert "counted  12 ballots, 0 set aside" in said
        assert "receipt  your ballot is counted as you cast it\nAll agrees.\n" in said
        publication.rows.remove(FIRST.row)
        publication.write(folder)
        assert main([str(folder)]) == 1
        said = capsys.readouterr().out
        assert f"WRONG    ballot {FIRST.tracker} stands in the log and is missing" in said
        assert said.endswith("Something is wrong.\n")

    def test_it_says_so_to_programs(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder = publish(ALL).write(tmp_path / "published")
        assert main([str(folder), "--json", "--receipt", str(tmp_path / "none")]) == 1
        said = json.loads(capsys.readouterr().out)
        assert said["wrong"] == [{"code": "receipt_unreadable", "about": ""}]
        assert said["result"]["ballots"] == 12

    def test_one_file_of_plain_python_says_the_same(self, tmp_path: Path) -> None:
        """Run away from Kfar: isolated, with the standard library alone."""
        folder = publish(ALL).write(tmp_path / "published")
        file = tmp_path / "verify.py"
        file.write_text(bundle())
        command = [sys.executable, "-I", "-S", str(file), str(folder)]
        ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.endswith("All agrees.\n")
        (folder / "log.txt").write_text("nothing\n")
        ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert (ran.returncode, ran.stderr) == (1, "")
        assert "the first line of the log is no manifest" in ran.stdout

    def test_an_address_that_does_not_answer(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["http://127.0.0.1:9/log/1"]) == 1
        assert "log.txt is not there or cannot be read" in capsys.readouterr().out


def test_no_part_of_the_one_file_hides_a_name_of_another() -> None:
    names: list[str] = []
    for node in ast.parse(bundle()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    assert len(names) > 100
    assert sorted(set(names)) == sorted(names)


def test_every_wrong_has_words() -> None:
    for code in WRONG:
        assert str(Wrong(code, "x"))
