"""The file of a backup: a tar that is written and read as a stream and tells by itself whether it is whole.

Its members, in this order: `tables/<schema>.<table>/<number>.jsonl` (a row a line, each a JSON object by column; bytes
in base64), `blobs/<sha256>`, `keys/<name>.pem`, then `manifest.json` with the sha-256 of each member before it, and
`manifest.sha256`. The manifest comes last because only then is all of it known: a file that was cut off has none.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from shared.ids import new_id

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "manifest.sha256"

TABLE = re.compile(r"tables/([a-z_]+\.[a-z_]+)/\d{6}\.jsonl")
BLOB = re.compile(r"blobs/([0-9a-f]{64})")
KEY = re.compile(r"keys/([A-Za-z0-9][A-Za-z0-9._-]*\.pem)")


class ArchiveIsDamaged(Exception):
    """The file is not a complete, unchanged backup."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be restored: {why}. Nothing was changed; use another copy.")


class ArchiveExists(Exception):
    """The target file exists. A backup never overwrites a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} already exists. Name a new file.")


@dataclass
class Manifest:
    """The description of an archive's content."""

    application: str
    """The version of IISG-D that wrote it."""
    made_at: str
    database: str
    """`sqlite` or `postgresql`: the database it was read from."""
    revisions: dict[str, str | None]
    """The migration revision of each schema."""
    format: int = FORMAT
    rows: dict[str, int] = field(default_factory=dict)
    """The number of rows of each table."""
    members: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of each member."""

    def names(self, kind: re.Pattern[str]) -> list[str]:
        """Return the names of all members of one kind, without their folder."""
        return [found[1] for name in self.members if (found := kind.fullmatch(name))]


class Archive:
    """An archive that is being written."""

    def __init__(self, tar: tarfile.TarFile, manifest: Manifest) -> None:
        self._tar = tar
        self.manifest = manifest

    def add(self, name: str, body: bytes) -> None:
        """Append a member."""
        self.manifest.members[name] = hashlib.sha256(body).hexdigest()
        self._write(name, body)

    def seal(self) -> None:
        """Append the manifest. Nothing may follow it."""
        body = json.dumps(asdict(self.manifest), indent=1).encode()
        self._write(MANIFEST, body)
        self._write(SEAL, hashlib.sha256(body).hexdigest().encode())

    def _write(self, name: str, body: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(body), 0o600
        self._tar.addfile(member, io.BytesIO(body))


@contextmanager
def writing(path: Path, manifest: Manifest) -> Iterator[Archive]:
    """Write an archive to a temporary file, readable only by its owner, and rename it once it is complete and on disk."""
    if path.exists():
        raise ArchiveExists(path)
    aside = path.with_name(f".{path.name}.{new_id()}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                archive = Archive(tar, manifest)
                yield archive
                archive.seal()
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)


def verify(path: Path) -> Manifest:
    """Read the whole archive and compare it with its manifest; raise `ArchiveIsDamaged` if anything differs."""
    seen: dict[str, str] = {}
    rows: dict[str, int] = {}
    texts: dict[str, bytes] = {}
    for name, body in read_members(path):
        if name in seen or SEAL in texts:
            raise ArchiveIsDamaged(path, f"{name} occurs twice or after the end")
        if name in (MANIFEST, SEAL):
            texts[name] = body
            continue
        seen[name] = hashlib.sha256(body).hexdigest()
        if found := TABLE.fullmatch(name):
            rows[found[1]] = rows.get(found[1], 0) + body.count(b"\n")
    manifest = _manifest_in(path, texts)
    if differing := sorted(
        name for name in seen.keys() | manifest.members.keys() if seen.get(name) != manifest.members.get(name)
    ):
        raise ArchiveIsDamaged(path, f"{differing[0]} differs from what was written")
    if rows != {table: count for table, count in manifest.rows.items() if count}:
        raise ArchiveIsDamaged(path, "its tables do not have the number of rows that its manifest states")
    return manifest


def read_members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each member's name and content, one at a time. A member is never larger than what a service holds in memory."""
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                body = tar.extractfile(member) if member.isreg() else None
                if body is None or not _is_known(member.name):
                    raise ArchiveIsDamaged(
                        path, f"it contains {member.name!r}, which is not part of a backup"
                    )
                yield member.name, body.read()
    except (tarfile.TarError, EOFError) as error:
        raise ArchiveIsDamaged(path, f"it is not a backup, or it is truncated ({error})") from error


def _is_known(name: str) -> bool:
    return name in (MANIFEST, SEAL) or any(kind.fullmatch(name) for kind in (TABLE, BLOB, KEY))


def _manifest_in(path: Path, texts: dict[str, bytes]) -> Manifest:
    if SEAL not in texts or MANIFEST not in texts:
        raise ArchiveIsDamaged(path, "it is truncated")
    if hashlib.sha256(texts[MANIFEST]).hexdigest().encode() != texts[SEAL]:
        raise ArchiveIsDamaged(path, "its manifest differs from what was written")
    fields = json.loads(texts[MANIFEST])
    if fields.get("format") != FORMAT:
        raise ArchiveIsDamaged(path, f"it has format {fields.get('format')}, and this version reads {FORMAT}")
    return Manifest(**fields)
