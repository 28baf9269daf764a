"""Content-addressed storage: a blob is named by its sha-256, and never changes."""

import hashlib
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select

from shared.bus.store import blobs
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.records.canonical import canonical_json, parse_json

UPLOADS = "incoming"
"""The folder of unfinished uploads, beside the blobs."""

ERASED = "erased"
"""The folder of notes on erased blobs. A note has the name of the blob, and says why; it quotes nothing of it."""


class BlobIsMissing(Exception):
    """An event names a blob that does not exist."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"The blob {sha256} is neither in the database nor in the blob folder.")


class Upload:
    """A body written in pieces. It is hashed meanwhile, and becomes a blob on commit."""

    def __init__(self, file: BinaryIO, path: Path, folder: Path) -> None:
        self.size = 0
        self._file = file
        self._path = path
        self._folder = folder
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hash of the body written so far, in hexadecimal."""
        return self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        """Append a piece."""
        self._hash.update(piece)
        self._file.write(piece)
        self.size += len(piece)

    def commit(self) -> str:
        """Turn the body into a blob; return its sha-256 in hexadecimal once it is on disk."""
        sha256 = self.sha256
        self.finish(_path_in(self._folder, sha256))
        return sha256

    def finish(self, path: Path) -> None:
        """Move the body to a path once it is on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path.rename(path)
        _sync_folder(path.parent)


class ReceivedFile(Upload):
    """A sender's file. It becomes a blob only when it is kept, and a note names it until its transaction has ended."""

    def __init__(self, file: BinaryIO, path: Path, folder: Path) -> None:
        super().__init__(file, path, folder)
        self._note: Path | None = None

    def open(self) -> BinaryIO:
        """Open the received file as a seekable stream, before it is kept. The caller closes the stream."""
        self._file.flush()
        return self._path.open("rb")

    def keep(self) -> None:
        """Turn the file into a blob, before the transaction that names it commits."""
        if self._note is None:
            self._note = self._path.with_name(f"{self._path.name}.{self.sha256}")
            self._note.touch()
            _sync_folder(self._note.parent)
            self.commit()

    def settle(self) -> None:
        """Delete the note: rows name the blob, or it is deleted."""
        if self._note is not None:
            self._note.unlink(missing_ok=True)


class Blobs:
    """The blob store. Small bodies are table rows, and commit with the rows that name them; larger ones are files."""

    def __init__(self, *, database: Database, folder: Path, inline_bytes: int) -> None:
        self._database = database
        self._folder = folder
        self._inline_bytes = inline_bytes

    def put(self, tx: Transaction, body: bytes) -> str:
        """Store a body; return its sha-256 in hexadecimal. A large body is on disk before the transaction ends."""
        sha256 = hashlib.sha256(body).hexdigest()
        if len(body) <= self._inline_bytes:
            tx.add(blobs, {"sha256": sha256, "size": len(body), "body": body}, ignore_existing=True)
        else:
            self._write(sha256, body)
        return sha256

    @contextmanager
    def upload(self) -> Iterator[Upload]:
        """Open an upload, which is written in pieces. Leaving the block without a commit discards it.

        An upload is a file, however small, so that it can be deleted.
        """
        # It has another name until it is complete and on disk: a kill leaves a stale upload, never half a blob.
        path = self._folder / UPLOADS / new_id()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("wb") as file:
                yield Upload(file, path, self._folder)
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def receive(self) -> Iterator[ReceivedFile]:
        """Open an upload for a sender's file. Leaving the block discards it unless it was kept.

        If the block fails or the process is killed after that, a note stays: see `list_unsettled`.
        """
        path = self._folder / UPLOADS / new_id()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("wb") as file:
                received = ReceivedFile(file, path, self._folder)
                yield received
                received.settle()
        finally:
            path.unlink(missing_ok=True)

    def list_unsettled(self, *, before: datetime) -> list[str]:
        """List the kept files whose transaction may have failed before the given time, by their sha-256."""
        notes = (self._folder / UPLOADS).glob("*.*")
        return sorted({note.name.rpartition(".")[2] for note in notes if _is_older(note, before)})

    def erase(self, sha256: str, *, why: Mapping[str, Any]) -> None:
        """Delete an uploaded blob from the disk, even if rows name it, and note why. Both are on disk on return."""
        note = self._folder / ERASED / sha256
        note.parent.mkdir(parents=True, exist_ok=True)
        # The note comes first, so that the reason is known whenever the blob is gone. It appears as a whole.
        with self.upload() as fresh:
            fresh.write(canonical_json(why))
            fresh.finish(note)
        self.delete(sha256)

    def find_erasure(self, sha256: str) -> dict[str, Any] | None:
        """Find the reason for which a blob was erased."""
        try:
            why: dict[str, Any] = parse_json((self._folder / ERASED / sha256).read_bytes())
        except FileNotFoundError:
            return None
        return why

    def delete_erasure(self, sha256: str) -> None:
        """Delete the note on a blob that was received again, and may be stored."""
        (self._folder / ERASED / sha256).unlink(missing_ok=True)

    def delete(self, sha256: str) -> None:
        """Delete an uploaded blob from the disk, even if rows name it."""
        path = self._path(sha256)
        with suppress(FileNotFoundError):
            path.unlink()
            _sync_folder(path.parent)

    def delete_stale_uploads(self, *, before: datetime) -> None:
        """Delete uploads that a process began before the given time and never finished."""
        for path in (self._folder / UPLOADS).glob("*"):
            if _is_older(path, before):
                path.unlink(missing_ok=True)

    def get(self, sha256: str) -> bytes:
        """Return a body; raise `BlobIsMissing`."""
        with self.open(sha256) as body:
            return body.read()

    def open(self, sha256: str) -> BinaryIO:
        """Open a body as a seekable stream, so that a slice can be read alone; raise `BlobIsMissing`.

        The caller closes the stream.
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
        return _path_in(self._folder, sha256)

    def _write(self, sha256: str, body: bytes) -> None:
        if not self._path(sha256).exists():
            with self.upload() as upload:
                upload.write(body)
                upload.commit()


def _is_older(path: Path, moment: datetime) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime < moment.timestamp()
    return False


def _path_in(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / sha256


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
