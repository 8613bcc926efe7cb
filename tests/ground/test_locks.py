"""Locks: one at a time, several who share, and none left by who is gone."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event, Thread

from kfar.ground import locks


def test_held_alone_or_shared(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    assert locks.free(file)
    with locks.held(file):
        assert not locks.free(file)
    assert locks.free(file)
    with locks.held(file, shared=True), locks.held(file, shared=True):
        assert not locks.free(file)
    assert locks.free(file)


def test_a_folder_is_held_until_its_descriptor_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "folder"
    handle = locks.take_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not locks.free(folder)
    os.close(handle)
    assert locks.free(folder)


def test_who_waited_for_a_file_that_was_put_aside_holds_the_new_one(tmp_path: Path) -> None:
    file, aside = tmp_path / "lock", tmp_path / "aside"
    comes = Event()
    same = []

    def other() -> None:
        comes.set()
        with locks.held(file) as handle:
            same.append(aside.exists() and os.path.samestat(os.fstat(handle), file.stat()))

    waiting = Thread(target=other)
    with locks.held(file):
        waiting.start()
        comes.wait()
        os.replace(file, aside)
    waiting.join()
    # It came before the file was put aside, or after: it holds what stands there now.
    assert same == [True]
