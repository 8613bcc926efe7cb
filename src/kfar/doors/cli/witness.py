"""Watching another's log from outside: `kfar witness`.

Each time it is run it asks for the log's head, makes sure that it begins with what it saw the
last time, signs that it saw it, and tells the log. What it saw stands in a folder of its own:
so a log that shows others something else, or is written anew, is found out by anybody who asks
this witness. (Formats: C2SP tlog-cosignature; proofs: RFC 9162.)
"""

from __future__ import annotations

import json
import os
import time
from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Annotated
from urllib.error import URLError
from urllib.request import Request, urlopen

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kfar.rooms.decisions.proving.heads import (
    WITNESS,
    Head,
    cosign,
    read_head,
    read_key,
    signed_by_log,
    verifier_key,
)
from kfar.rooms.decisions.proving.merkle import consistent

#: Asks an address for some of what stands there, or sends it something: address, body, at most.
Ask = Callable[[str, bytes | None, int], bytes]
#: The most bytes of a head, a proof and a manifest that are read.
MOST = 1_000_000


class NotTheSame(ValueError):  # noqa: N818 - it says what a log is
    """A log does not go on from what it was. Its two heads prove it."""


def witness(
    logs: Annotated[
        list[str] | None, typer.Argument(help="Addresses of logs: https://kfar.example/log/…")
    ] = None,
    *,
    name: Annotated[str, typer.Option(help="The witness's name: a host that is yours.")],
    folder: Annotated[Path, typer.Option(help="Where the key and what was seen are kept.")] = Path(
        "kfar-witness"
    ),
) -> None:
    """See the heads of logs, and sign that they go on from what they were."""
    key = own_key(folder)
    public = key.public_key().public_bytes_raw()
    typer.echo(f"key      {verifier_key(name, WITNESS, public)}")
    failed = False
    for log in logs or []:
        try:
            head = look(log, folder, name, key)
        except (NotTheSame, OSError) as error:
            failed = True
            typer.echo(f"WRONG    {log}: {error}")
        else:
            typer.echo(f"seen     {head.origin}, {head.size:,} lines")
    raise typer.Exit(failed)


def own_key(folder: Path) -> Ed25519PrivateKey:
    """Return the key that stands in a folder; the first time it is made."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "key"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(Ed25519PrivateKey.generate().private_bytes_raw().hex())
    except FileExistsError:
        pass
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text()))


def look(log: str, folder: Path, name: str, key: Ed25519PrivateKey, ask: Ask | None = None) -> Head:
    """See a log's head once: check it against what was seen, sign it, tell the log; return it.

    Raises `NotTheSame`, and `OSError` where the log does not answer.
    """
    ask, base = ask or _ask, log.rstrip("/")
    note = ask(f"{base}/checkpoint", None, MOST).decode()
    read, declared = read_head(note), _declared(ask(f"{base}/log.txt", None, MOST))
    if read is None:
        raise NotTheSame("there is no head")
    head, marks = read
    # By its address, too: there no other log may take its place, whatever it calls itself.
    files = [folder / f"{sha256(at.encode()).hexdigest()}.json" for at in (head.origin, base)]
    kept = [json.loads(seen.read_text()) for seen in files if seen.exists()]
    for known in kept or [{"key": declared, "note": ""}]:
        public = read_key(known["key"])
        before = read_head(known["note"])
        if before is not None and not _goes_on(before[0], head, base, ask):
            raise NotTheSame(f"its head does not go on from the last:\n{known['note']}\n{note}")
        if public is None or public[0] != head.origin or not signed_by_log(head, marks, public[2]):
            raise NotTheSame(f"its head is not signed with its key:\n{note}")
    # Kept before it is said: what was signed once is never forgotten.
    for seen in files:
        part = seen.with_suffix(".part")
        part.write_text(json.dumps({"key": known["key"], "note": note}))
        part.replace(seen)
    line = cosign(head, name, key.public_key().public_bytes_raw(), key.sign, when=int(time.time()))
    ask(f"{base}/cosign", f"{head.text()}\n{line}".encode(), MOST)
    return head


def _declared(begins: bytes) -> str:
    """The key that the first line of a log declares."""
    try:
        return str(json.loads(begins.partition(b"\n")[0])["key"])
    except (ValueError, KeyError, TypeError):
        return ""


def _goes_on(before: Head, head: Head, base: str, ask: Ask) -> bool:
    if before.origin != head.origin or head.size < before.size:
        return False
    said = ask(f"{base}/consistency/{before.size}/{head.size}", None, MOST).decode()
    path = [b64decode(line) for line in said.splitlines()]
    return consistent(before.size, before.root, head.size, head.root, path)


def _ask(address: str, body: bytes | None, most: int) -> bytes:
    if not address.startswith(("http://", "https://")):
        raise OSError("not an address")
    asked = Request(address, body, {"Content-Type": "text/plain"})  # noqa: S310 (see above)
    try:
        with urlopen(asked, timeout=30) as answer:  # noqa: S310
            return bytes(answer.read(most))
    except URLError as error:
        raise OSError(str(error)) from error
