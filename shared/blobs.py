"""Bodies, kept by the sha-256 of their content: the same bytes are one blob, and a blob never changes."""

import hashlib
import io
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from shared.bus.store import blobs
from shared.database import Database, Transaction
from shared.ids import new_id


class BlobIsMissing(Exception):
    """A blob that an event names cannot be found."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"The blob {sha256} is neither in the database nor in the blob folder.")


class Blobs:
    """Small bodies lie in a table row, so that they commit with what names them; larger ones in a folder."""

    def __init__(self, *, database: Database, folder: Path, inline_bytes: int) -> None:
        self._database = database
        self._folder = folder
        self._inline_bytes = inline_bytes

    def put(self, tx: Transaction, body: bytes) -> str:
        """Keep a body; returns its sha-256 in hexadecimal. A large one is on disk before the transaction ends."""
        sha256 = hashlib.sha256(body).hexdigest()
        if len(body) <= self._inline_bytes:
            tx.add(blobs, {"sha256": sha256, "size": len(body), "body": body}, ignore_existing=True)
        else:
            self._write(sha256, body)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The body; `BlobIsMissing` if there is none."""
        with self.open(sha256) as body:
            return body.read()

    def open(self, sha256: str) -> BinaryIO:
        """The body as a stream that can seek, so that a part of a large one is read alone; `BlobIsMissing` if there is none.

        Whoever opens it closes it.
        """
        with self._database.read() as tx:
            body: bytes | None = tx.execute(select(blobs.c.body).where(blobs.c.sha256 == sha256)).scalar()
        if body is not None:
            return io.BytesIO(body)
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise BlobIsMissing(sha256) from None

    def check(self) -> None:
        """Raise OSError unless the folder can be written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not os.access(self._folder, os.W_OK):
            raise PermissionError(f"the blob folder {self._folder} cannot be written")

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256

    def _write(self, sha256: str, body: bytes) -> None:
        path = self._path(sha256)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own until it is whole and on disk: a kill leaves a stray file, never half a blob.
        fresh = path.with_name(f".{new_id()}")
        try:
            with fresh.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            fresh.rename(path)
            _sync_folder(path.parent)
        finally:
            with suppress(FileNotFoundError):
                fresh.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
