"""Back an installation up into one file, and restore it from there, on SQLite and PostgreSQL alike.

The file (`deploy.archives`) holds the rows of every table, the large bodies, and the token keys. Keys are in it
because an installation without them is not itself: every portal's token would be refused. So the file is as secret as
the installation. Settings, passwords and mails already sent into a folder are not in it.

The tables are read row by row in one read-only transaction, which shows one moment (REPEATABLE READ, or SQLite's own
snapshot) however long it takes and keeps nobody from writing. That asks for no program of the database's on this
machine, is the same for both databases, and so what was backed up from one can be restored into the other. Large
bodies are copied after it: each was on disk before the row that names it was committed, and never changes.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from deploy.archives import BLOB, KEY, TABLE, Manifest, read_members, verify, writing
from deploy.installation import ROLES, histories
from deploy.launcher import sample_marker
from deploy.tables import OwnerDatabase, find_nonempty, kept_tables, read_lines, write_lines
from services.notify.sending.operations import sending_hold
from shared.blobs import Blobs
from shared.clock import Clock, SystemClock
from shared.database import Transaction
from shared.database.migrations import current_revisions, head_revisions, migrate
from shared.identity.keys import ensure_keys
from shared.settings import Settings

MEMBER_BYTES = 1024 * 1024
"""The approximate size of a table's members. No table has to fit in memory."""

FIRST = "/000000.jsonl"
"""The end of the name of a table's first member."""

Say = Callable[[str], None]
"""A function that reports a finished step."""


class DatabaseIsNotMigrated(Exception):
    """The database's tables are missing or belong to another version."""

    def __init__(self) -> None:
        super().__init__("The database's tables belong to another version. Run 'iisgd migrate' first.")


class InstallationIsNotEmpty(Exception):
    """The target holds data. A restore never mixes with existing data."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"This installation is not empty: {what}. Stop its processes and name an empty database "
            "(IISGD_DATABASE_URL, or IISGD_HOME for an embedded one). Nothing was changed."
        )


class KeysDiffer(Exception):
    """The key folder holds other keys than the backup."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} holds other keys than the backup. Move them away, so that tokens in use stay valid, "
            "or use --keep-keys and issue all tokens again. Nothing was changed."
        )


class RevisionDiffers(Exception):
    """The backup's tables belong to another version."""

    def __init__(self, manifest: Manifest, schema: str, head: str | None) -> None:
        super().__init__(
            f"The backup was written by version {manifest.application} with revision {manifest.revisions.get(schema)} "
            f"of {schema}; this version has {head}. Restore it with that version, then upgrade. "
            "Nothing was changed."
        )


@dataclass
class Done:
    """The summary of a backup or restore."""

    manifest: Manifest
    damaged: list[str] = field(default_factory=list)
    """Large bodies that were left out because their content does not match their name."""

    def __str__(self) -> str:
        """Return the summary for a person."""
        rows, bodies = sum(self.manifest.rows.values()), len(self.manifest.names(BLOB))
        keys = len(self.manifest.names(KEY))
        return f"{rows:,} rows of {len(self.manifest.rows)} tables, {bodies:,} large bodies, {keys} key files"


def back_up(settings: Settings, path: Path, *, say: Say, clock: Clock | None = None) -> Done:
    """Write the running installation into a new file.

    Raises `DatabaseIsNotMigrated` and `ArchiveExists`. The file appears only when it is complete.
    """
    revisions = current_revisions(settings.database, histories())
    if revisions != head_revisions(histories()):
        raise DatabaseIsNotMigrated
    database = OwnerDatabase(settings.database, clock=clock or SystemClock())
    done = Done(Manifest(version("iisgd"), "", database.url.get_backend_name(), revisions))
    try:
        with writing(path, done.manifest) as archive:
            with database.read() as tx:
                done.manifest.made_at = tx.now.isoformat()
                for table in kept_tables():
                    done.manifest.rows[table] = 0
                    for number, lines in enumerate(_cut(read_lines(tx, table))):
                        done.manifest.rows[table] += lines.count(b"\n")
                        archive.add(f"tables/{table}/{number:06d}.jsonl", lines)
                    say(f"{table}: {done.manifest.rows[table]:,} rows")
            for file in sorted(settings.blobs.glob("[0-9a-f][0-9a-f]/[0-9a-f]*")):
                body = file.read_bytes()
                if hashlib.sha256(body).hexdigest() == file.name:
                    archive.add(f"blobs/{file.name}", body)
                else:
                    done.damaged.append(file.name)
            say(f"large bodies: {len(done.manifest.names(BLOB)):,}")
            for file in sorted(settings.keys.glob("*.pem")):
                archive.add(f"keys/{file.name}", file.read_bytes())
            say(f"key files: {len(done.manifest.names(KEY))}")
    finally:
        database.dispose()
    return done


def restore(settings: Settings, path: Path, *, keep_keys: bool, say: Say, clock: Clock | None = None) -> Done:
    """Restore a backup into an empty installation, and hold its mails.

    Every check runs before anything is written: raises `ArchiveIsDamaged`, `RevisionDiffers`, `KeysDiffer` and
    `InstallationIsNotEmpty`. One transaction writes all rows, as the last step.
    """
    manifest = verify(path)
    made_at = f"{manifest.made_at[:16].replace('T', ' ')} UTC"
    say(f"{path}: complete, written at {made_at} by version {manifest.application}")
    _check_revisions(manifest)
    if not keep_keys:
        _check_keys(settings.keys, path)
    _prepare_database(settings)
    database = OwnerDatabase(settings.database, clock=clock or SystemClock())
    blobs = Blobs(database=database, folder=settings.blobs, inline_bytes=0)
    try:
        with database.begin() as tx:
            _check_empty(tx)
            for name, body in read_members(path):
                if found := TABLE.fullmatch(name):
                    if name.endswith(FIRST):
                        say(f"{found[1]}: {manifest.rows[found[1]]:,} rows")
                    write_lines(tx, found[1], body)
                elif BLOB.fullmatch(name):
                    blobs.put(tx, body)
                elif (found := KEY.fullmatch(name)) and not keep_keys:
                    _write_key(settings.keys / found[1], body)
            ensure_keys(settings.keys, name="installation")
            sending_hold.hold_sending(tx, reason=f"restored from the backup of {made_at}")
    finally:
        database.dispose()
    # An embedded installation would load the sample and then release mails.
    settings.home.mkdir(parents=True, exist_ok=True)
    sample_marker(settings).touch()
    return Done(manifest)


def _cut(lines: Iterator[bytes]) -> Iterator[bytes]:
    waiting, size = [], 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= MEMBER_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _check_revisions(manifest: Manifest) -> None:
    for schema, head in head_revisions(histories()).items():
        if manifest.revisions.get(schema) != head:
            raise RevisionDiffers(manifest, schema, head)


def _check_keys(folder: Path, path: Path) -> None:
    there = {file.name: file.read_bytes() for file in folder.glob("*.pem")}
    backed_up = {found[1]: body for name, body in read_members(path) if (found := KEY.fullmatch(name))}
    if there.items() - backed_up.items():
        raise KeysDiffer(folder)


def _prepare_database(settings: Settings) -> None:
    """Create the tables if there are none. A database in use stays unchanged."""
    current = current_revisions(settings.database, histories())
    if not any(current.values()):
        migrate(settings.database, histories(), ROLES)
    elif current != head_revisions(histories()):
        raise InstallationIsNotEmpty("its tables belong to another version")


def _check_empty(tx: Transaction) -> None:
    if (filled := find_nonempty(tx)) is not None:
        raise InstallationIsNotEmpty(f"its table {filled} holds rows")


def _write_key(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600 if path.name.endswith(".private.pem") else 0o644)
    path.write_bytes(body)
