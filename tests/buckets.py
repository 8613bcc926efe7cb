"""An object store of a test's own: a server that speaks S3, on this machine."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest

#: Who we are there: nobody checks.
KEYS = {"AWS_ACCESS_KEY_ID": "kfar", "AWS_SECRET_ACCESS_KEY": "kfar", "AWS_REGION": "us-east-1"}


@dataclass(frozen=True)
class Bucket:
    """A bucket with a folder in it, seen with another client than Kfar's."""

    name: str
    port: int

    @property
    def url(self) -> str:
        """Its address, as in `KFAR_LAKE_URL`."""
        return f"s3://{self.name}/lake"

    @property
    def environment(self) -> dict[str, str]:
        """What a Kfar is told of it."""
        return {**self.keys(self.port), "KFAR_LAKE_URL": self.url}

    @staticmethod
    def keys(port: int) -> dict[str, str]:
        """Who we are, and on which port the server is."""
        return {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}

    def objects(self) -> dict[str, bytes]:
        """All that the bucket holds, by name in the folder, as bytes."""
        s3 = self.s3()
        listed = s3.list_objects_v2(Bucket=self.name)
        assert not listed["IsTruncated"]
        keys = [found["Key"] for found in listed.get("Contents", [])]
        assert all(key.startswith("lake/") for key in keys)
        return {
            key.removeprefix("lake/"): s3.get_object(Bucket=self.name, Key=key)["Body"].read()
            for key in keys
        }

    def remove(self, name: str) -> None:
        """Remove an object behind Kfar's back."""
        self.s3().delete_object(Bucket=self.name, Key=f"lake/{name}")

    def keep_versions(self) -> None:
        """Let the bucket keep old versions from now on."""
        self.s3().put_bucket_versioning(
            Bucket=self.name, VersioningConfiguration={"Status": "Enabled"}
        )

    def s3(self) -> Any:
        """Return the other client."""
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
        )


@pytest.fixture(scope="session")
def object_store() -> Iterator[int]:
    """Start the server; the port."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("COV")},
    )
    try:
        until = time.monotonic() + 60
        while True:
            assert server.poll() is None
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/"):
                break
            assert time.monotonic() < until
            time.sleep(0.05)
        yield port
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def bucket(object_store: int) -> Bucket:
    """An empty bucket."""
    made = Bucket(f"kfar-{uuid4().hex}", object_store)
    made.s3().create_bucket(Bucket=made.name)
    return made


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Wire:
    """The way to the server, which may be cut: at once, or after so many bytes of an answer."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.left: int | None = None
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.door.getsockname()[1]

    def serve(self) -> None:
        """Pass on what comes, until the door is closed."""
        with suppress(OSError):
            while True:
                near, _ = self.door.accept()
                threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self.to)) as far:
            while self.left != 0:
                ready, _, _ = select.select([near, far], [], [], 0.05)
                for end in ready:
                    if not (data := end.recv(65536)):
                        return
                    if end is far and self.left is not None:
                        data = data[: self.left]
                        self.left -= len(data)
                    (near if end is far else far).sendall(data)


@contextmanager
def wire(to: int) -> Iterator[Wire]:
    """A wire to the server on that port."""
    made = Wire(to)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.door.shutdown(socket.SHUT_RDWR)
        made.door.close()
        thread.join()
