"""Real mail servers for tests: Dovecot, where a mailbox is, and aiosmtpd, where letters go."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from imaplib import IMAP4_SSL
from ipaddress import ip_address
from pathlib import Path
from ssl import create_default_context
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DOVECOT = Path("/usr/sbin/dovecot")
USER, PASSWORD = "help@orchard.example", "p@ss/word"
#: For how many seconds a server may take to be there.
PATIENCE = 20

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:~/Maildir
mail_fsync = never
first_valid_uid = 0
default_process_limit = 20
{users}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  {namespace}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure}
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Mailserver:
    """A running Dovecot: its folder, and the ports that turn to TLS and that begin with it."""

    folder: Path
    port: int
    secure: int

    @property
    def url(self) -> str:
        """`KFAR_IMAP_URL` for it."""
        return f"imaps://help%40orchard.example:p%40ss%2Fword@127.0.0.1:{self.secure}"

    @property
    def plain_url(self) -> str:
        """The same where it turns to TLS."""
        return self.url.replace("imaps:", "imap:").replace(str(self.secure), str(self.port))

    @contextmanager
    def session(self) -> Iterator[IMAP4_SSL]:
        """Sign in as a mail program does."""
        context = create_default_context(cafile=str(self.folder / "cert.pem"))
        with IMAP4_SSL("127.0.0.1", self.secure, ssl_context=context, timeout=PATIENCE) as server:
            server.login(USER, PASSWORD)
            yield server

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the inbox."""
        with self.session() as server:
            for mail in mails:
                kind, said = server.append("INBOX", "", "", mail)
                assert kind == "OK", said

    def folders(self) -> dict[str, list[str]]:
        """Return the subjects of the mails in each folder, empty folders left out."""
        found: dict[str, list[str]] = {}
        with self.session() as server:
            _kind, listed = server.list()
            for line in listed:
                assert isinstance(line, bytes)
                name = line.decode().rpartition(" ")[2].strip('"')
                _kind, [count] = server.select(name, readonly=True)
                if not int(count or b"0"):
                    continue
                _kind, parts = server.fetch("1:*", "(BODY.PEEK[HEADER])")
                heads = [bytes(part[1]) for part in parts if isinstance(part, tuple)]
                read = [message_from_bytes(head, policy=policy.default) for head in heads]
                found[name] = sorted(str(mail["Subject"]) for mail in read)
        return found


@contextmanager
def dovecot(namespace: str = "") -> Iterator[Mailserver]:
    """Start a Dovecot of the test's own; `namespace` says more of where folders are."""
    folder = Path(tempfile.mkdtemp(prefix="kfar-mail-"))
    folder.chmod(0o755)  # its processes have users of their own
    port, secure = _free(), _free()
    certify(folder)
    me = pwd.getpwuid(os.getuid())
    owner = pwd.getpwnam("mail") if me.pw_uid == 0 else me
    users = "" if me.pw_uid == 0 else (
        f"default_login_user = {me.pw_name}\ndefault_internal_user = {me.pw_name}"
    )  # fmt: skip
    (folder / "home").mkdir()
    shutil.chown(folder / "home", owner.pw_uid, owner.pw_gid)
    config = CONFIG.format(
        folder=folder,
        users=users,
        password=PASSWORD,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        namespace=namespace,
        port=port,
        secure=secure,
    )
    (folder / "dovecot.conf").write_text(config)
    command = [str(DOVECOT), "-F", "-c", str(folder / "dovecot.conf")]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    try:
        _wait(lambda: _listens(secure), server, folder)
        yield Mailserver(folder, port, secure)
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def certify(folder: Path) -> None:
    """Write a certificate of 127.0.0.1's own, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@dataclass
class Postbox:
    """What an SMTP server was given."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a letter."""
        read = message_from_bytes(envelope.original_content, policy=policy.default)
        self.letters.append(read)
        return "250 OK"


@contextmanager
def smtp() -> Iterator[Postbox]:
    """Start an SMTP server that keeps what it is given."""
    box = Postbox(_free())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@pytest.fixture(scope="session")
def _mailserver() -> Iterator[Mailserver]:
    if not DOVECOT.exists():
        pytest.skip("no Dovecot here: install dovecot-imapd")
    with dovecot() as server:
        yield server


@pytest.fixture
def mailserver(_mailserver: Mailserver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailserver]:
    """An empty mailbox whose server is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(_mailserver.folder / "cert.pem"))
    yield _mailserver
    with _mailserver.session() as server:
        for name in ("INBOX", "Kfar", "Kfar-unread"):
            server.create(name)
            _kind, [count] = server.select(name)
            if int(count or b"0"):
                server.store("1:*", "+FLAGS.SILENT", r"(\Deleted)")
                server.expunge()


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """An SMTP server that keeps what it is given."""
    with smtp() as box:
        yield box


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(there: Callable[[], bool], server: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while not there():
        log = folder / "log"
        said = log.read_text() if log.exists() else ""
        assert server.poll() is None, said
        assert time.monotonic() < end, said
        time.sleep(0.02)
