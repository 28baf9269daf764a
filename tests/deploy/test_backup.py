import hashlib
import json
import re
import shutil
import stat
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from deploy import backups
from deploy.archives import ArchiveIsDamaged
from deploy.backups import back_up, restore
from deploy.cli import main
from deploy.installation import histories
from deploy.tables import OwnerDatabase, all_tables
from services.notify.calendar.domain import Collection, Meeting
from services.notify.calendar.operations import collections, meetings
from services.notify.contacts import domain
from services.notify.contacts import operations as contacts
from services.notify.sending.operations import bundling, ledger, sending_hold
from shared.blobs import Blobs
from shared.clock import FixedClock
from shared.database import Transaction
from shared.database.migrations import current_revisions
from shared.identity.keys import ensure_keys
from shared.resources import Runtime
from shared.settings import Settings
from tests.conftest import NOW

LARGE = b'{"large": "' + b"x" * 100_000 + b'"}'


def nothing(_line: str) -> None:
    """Print nothing."""


def fill(settings: Settings, clock: FixedClock, client) -> str:
    """Fill an installation with a submission, a calendar, a due mail and a large body; return the body's sha-256."""
    body = {
        "pillar": "WBCTi",
        "kind": "support",
        "period": "2026",
        "tlp": "TLP:AMBER",
        "records": [
            {"ref": "AL-CT-S01", "title": "Pomoć, \u017dene i mir\u2028", "support_type": "training"}
        ],
    }
    answer = client.post("/entry/v1/submissions", json=body, as_="AL-WBCTi")
    assert answer.status_code == 202, answer.text
    runtime = Runtime.of("notify", settings, clock)
    with runtime.database.begin() as tx:
        held_on = (NOW + timedelta(days=10)).date()
        meetings.set_meeting(tx, wanted=Meeting("board", "board", "Board", held_on), now=NOW)
        collection = Collection("need", "2025-2026", "board", opens_days_before=60, due_days_before=7)
        collections.define_collection(tx, collection=collection, now=NOW)
        contacts.set_contact(tx, contact=domain.Contact("AL-WBCTi", "ct@al.example", None, "CT office"))
        bundling.bundle_due_mails(tx, now=NOW)
    runtime.database.dispose()
    entry = Runtime.of("entry", settings, clock)
    with entry.database.begin() as tx:
        sha256 = entry.blobs.put(tx, LARGE)
    entry.database.dispose()
    return sha256


def everything(settings: Settings) -> dict[str, list[tuple]]:
    database = OwnerDatabase(settings.database, clock=FixedClock(NOW))
    with database.read() as tx:
        found = {
            name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key))]
            for name, table in all_tables().items()
        }
    database.dispose()
    return found


@pytest.fixture
def filled(settings, clock, client_of, tmp_path, keys) -> Settings:
    own_keys = tmp_path / "keys"
    shutil.copytree(keys, own_keys)
    fill(settings, clock, client_of("entry"))
    return settings


@pytest.fixture
def archive(filled, clock, tmp_path) -> Path:
    path = tmp_path / "backup.tar"
    back_up(filled, path, say=nothing, clock=clock)
    return path


@pytest.fixture
def empty(tmp_path) -> Settings:
    """Settings of an installation that does not exist yet."""
    return Settings(home=tmp_path / "other", broker_url="redis://127.0.0.1:1/0")


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path, empty):
    """An empty installation on each database, so that backups are restored from each into each."""
    if request.param == "sqlite":
        yield empty
        return
    server = request.getfixturevalue("postgres")
    url = server.empty()
    yield Settings(home=empty.home, database_url=url, broker_url=empty.broker_url)
    server.drop(url)


def test_a_restored_installation_has_every_row_body_and_key_of_the_original(filled, archive, target, keys):
    done = restore(target, archive, keep_keys=False, say=nothing)
    before, after = everything(filled), everything(target)
    assert done.manifest.rows == {name: len(rows) for name, rows in before.items() if name != "bus.canaries"}
    assert before["entry.submissions"]
    assert before["notify.reminders"]
    differing = {name for name in before if before[name] != after[name]}
    # Sending is off now, and waiting mails are held.
    assert differing == {"notify.sending", "notify.mails"}
    runtime = Runtime.of("entry", target)
    for (sha256,) in {(row[0],) for row in before["bus.blobs"]}:
        assert runtime.blobs.get(sha256)
    assert [path.read_bytes() for path in sorted(target.blobs.glob("*/*"))] == [LARGE]
    runtime.database.dispose()
    assert {file.name: file.read_bytes() for file in target.keys.iterdir()} == {
        file.name: file.read_bytes() for file in keys.iterdir()
    }
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in target.keys.glob("*.private.pem"))


def test_a_restored_installation_sends_no_mail_until_it_is_released(archive, empty):
    restore(empty, archive, keep_keys=False, say=nothing)
    runner = CliRunner(env={"IISGD_HOME": str(empty.home)})
    runtime = Runtime.of("notify", empty, FixedClock(NOW))
    with runtime.database.read() as tx:
        assert ledger.count_mails(tx)["held"] == 1
        assert "restored from the backup of 2026-11-23 09:00" in (sending_hold.find_hold_reason(tx) or "")
    assert "restored from the backup" in runner.invoke(main, ["notify", "release"]).output
    with runtime.database.read() as tx:
        assert ledger.count_mails(tx)["due"] == 1
    runtime.database.dispose()


def test_the_sample_is_not_loaded_into_a_restored_installation(archive, empty):
    restore(empty, archive, keep_keys=False, say=nothing)
    assert (empty.home / "sample-is-loaded").exists()


def test_a_backup_is_for_its_owner_only_and_leaves_nothing_aside(archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert not list(archive.parent.glob(".backup*"))


def test_a_backup_that_fails_leaves_no_file(filled, tmp_path):
    def fail(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(filled, tmp_path / "half.tar", say=fail)
    assert not [path for path in tmp_path.iterdir() if "half" in path.name]


def test_a_backup_shows_one_moment_however_much_is_written_meanwhile(
    filled, clock, client_of, tmp_path, empty
):
    client = client_of("entry")
    posted = 0

    def write(_line: str) -> None:
        nonlocal posted
        body = {"pillar": "WBCTi", "kind": "support", "period": "2026", "tlp": "TLP:GREEN"}
        records = [{"ref": f"AL-CT-S9{posted}", "title": "Later", "support_type": "training"}]
        assert (
            client.post("/entry/v1/submissions", json=body | {"records": records}, as_="AL-WBCTi").status_code
            == 202
        )
        posted += 1

    before = everything(filled)
    back_up(filled, tmp_path / "moment.tar", say=write, clock=clock)
    assert posted > 20
    restore(empty, tmp_path / "moment.tar", keep_keys=False, say=nothing)
    after = everything(empty)
    for table in (
        "entry.submissions",
        "entry.submission_versions",
        "bus.events",
        "bus.deliveries",
        "bus.blobs",
    ):
        assert after[table] == before[table]


def test_a_damaged_body_is_left_out_and_said(filled, tmp_path):
    body = next(filled.blobs.glob("*/*"))
    body.write_bytes(b"something else")
    done = CliRunner(env=environ(filled)).invoke(main, ["backup", str(tmp_path / "b.tar")])
    assert done.exit_code == 1
    assert f"1 large bodies are damaged and were left out: {body.name}" in done.output
    assert (tmp_path / "b.tar").exists()


def test_a_backup_overwrites_no_file(filled, archive):
    before = archive.read_bytes()
    done = CliRunner(env=environ(filled)).invoke(main, ["backup", str(archive)])
    assert done.exit_code == 1
    assert "already exists. Name a new file" in done.output
    assert archive.read_bytes() == before


def environ(settings: Settings) -> dict[str, str]:
    names = ("home", "database_url", "key_folder")
    return {f"IISGD_{name.upper()}": str(value) for name in names if (value := getattr(settings, name))}


def rewritten(archive: Path, change) -> Path:
    """Return the archive with changed members: `change` maps (name, body) pairs."""
    with tarfile.open(archive) as tar:
        members = [(member.name, tar.extractfile(member).read()) for member in tar]
    other = archive.with_name("other.tar")
    with tarfile.open(other, "w") as tar:
        for name, body in change(members):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            path = archive.with_name("member")
            path.write_bytes(body)
            with path.open("rb") as file:
                tar.addfile(info, file)
    return other


def altered(name: str):
    return lambda members: [
        (each, body.replace(b"AL", b"XX") if each.startswith(name) else body) for each, body in members
    ]


def forged_version(members):
    return [
        (name, re.sub(rb'"entry": "[0-9]+"', b'"entry": "0999"', body) if name == "manifest.json" else body)
        for name, body in members
    ]


def other_count(members):
    """Make the manifest count one row more than the archive has; its seal is correct."""
    texts = dict(members)
    manifest = json.loads(texts["manifest.json"])
    manifest["rows"]["entry.submissions"] += 1
    texts["manifest.json"] = json.dumps(manifest).encode()
    texts["manifest.sha256"] = hashlib.sha256(texts["manifest.json"]).hexdigest().encode()
    return list(texts.items())


DAMAGES = {
    "a row is altered": (altered("tables/entry.submissions/"), "differs from what was written"),
    "a body is altered": (
        lambda members: [(name, body[::-1] if name.startswith("blobs/") else body) for name, body in members],
        "differs from what was written",
    ),
    "a key is exchanged": (
        lambda members: [(name, b"mine" if name.endswith(".pem") else body) for name, body in members],
        "differs from what was written",
    ),
    "the manifest is altered": (forged_version, "its manifest differs from what was written"),
    "the rows are not those counted": (other_count, "number of rows that its manifest states"),
    "a member is missing": (lambda members: members[1:], "differs from what was written"),
    "a member is there twice": (lambda members: [*members[:1], *members], "twice"),
    "the end is missing": (lambda members: members[:-2], "truncated"),
    "something follows the end": (lambda members: [*members, ("keys/more.pem", b"")], "after the end"),
    "it reaches outside": (lambda members: [("keys/../../up.pem", b""), *members], "not part of a backup"),
}


def refuse(archive: Path, settings: Settings, says: str) -> None:
    with pytest.raises(ArchiveIsDamaged, match=says):
        restore(settings, archive, keep_keys=False, say=nothing)
    assert not settings.home.exists(), "it left something behind"


@pytest.fixture
def sqlite_archive(tmp_path, sqlite_files, keys, clock) -> Path:
    """A backup of one database, because damage does not depend on the database."""
    folder = tmp_path / "original"
    folder.mkdir()
    shutil.copytree(keys, folder / "keys")
    settings = Settings(home=folder, database_url=sqlite_files.fresh(folder))
    runtime = Runtime.of("entry", settings, clock)
    with runtime.database.begin() as tx:
        runtime.blobs.put(tx, LARGE)
        runtime.blobs.put(tx, b'"AL"')
        add_submission(tx)
    runtime.database.dispose()
    back_up(settings, tmp_path / "whole.tar", say=nothing, clock=clock)
    return tmp_path / "whole.tar"


def add_submission(tx: Transaction) -> None:
    texts = dict.fromkeys(("id", "reporter", "partner", "pillar", "kind", "period", "state"), "AL")
    tx.add(all_tables()["entry.submissions"], texts | {"version": 1, "created_at": NOW, "changed_at": NOW})


@pytest.mark.parametrize("what", DAMAGES)
def test_an_altered_archive_is_refused_and_nothing_is_left_behind(what, sqlite_archive, empty):
    change, says = DAMAGES[what]
    refuse(rewritten(sqlite_archive, change), empty, says)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9])
def test_an_archive_that_was_cut_off_is_refused(share, sqlite_archive, empty):
    whole = sqlite_archive.read_bytes().rstrip(b"\0")
    sqlite_archive.write_bytes(whole[: int(len(whole) * share)])
    refuse(sqlite_archive, empty, "truncated|not a backup")


def test_any_byte_that_is_turned_is_noticed(sqlite_archive, empty):
    whole = sqlite_archive.read_bytes()
    end = len(whole.rstrip(b"\0"))
    with tarfile.open(sqlite_archive) as tar:
        contents = [
            at for member in tar for at in range(member.offset_data, member.offset_data + member.size)
        ]
    for at in contents[:: max(1, len(contents) // 40)]:
        assert at < end
        sqlite_archive.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        refuse(sqlite_archive, empty, ".")


def test_a_database_that_is_not_empty_is_refused_and_left_as_it_was(archive, filled):
    before = everything(filled)
    done = CliRunner(env=environ(filled)).invoke(main, ["restore", str(archive)])
    assert done.exit_code == 1
    assert "This installation is not empty: its table" in done.output
    assert "name an empty database" in done.output
    assert everything(filled) == before


def test_other_keys_are_refused_unless_they_are_to_stay(sqlite_archive, empty):
    ensure_keys(empty.keys, name="installation")
    there = {file.name: file.read_bytes() for file in empty.keys.iterdir()}
    runner = CliRunner(env=environ(empty))
    refused = runner.invoke(main, ["restore", str(sqlite_archive)])
    assert refused.exit_code == 1
    assert "other keys than the backup" in refused.output
    assert runner.invoke(main, ["restore", "--keep-keys", str(sqlite_archive)]).exit_code == 0
    assert {file.name: file.read_bytes() for file in empty.keys.iterdir()} == there


def test_a_backup_of_another_revision_is_refused_with_both_named(sqlite_archive, empty, monkeypatch):
    heads = current_revisions(f"sqlite:///{sqlite_archive.parent}/original/iisgd.sqlite", histories())
    monkeypatch.setattr(backups, "head_revisions", lambda _histories: heads | {"entry": "0042"})
    with pytest.raises(backups.RevisionDiffers, match=r"revision [0-9]+ of entry; this version has 0042"):
        restore(empty, sqlite_archive, keep_keys=False, say=nothing)
    assert not empty.home.exists()


def test_a_restore_that_fails_midway_leaves_no_row_and_can_be_repeated(sqlite_archive, empty, monkeypatch):
    def fail(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device", "blobs")

    with monkeypatch.context() as patched:
        patched.setattr(Blobs, "put", fail)
        with pytest.raises(OSError, match="No space"):
            restore(empty, sqlite_archive, keep_keys=False, say=nothing)
    assert not any(everything(empty).values())
    restore(empty, sqlite_archive, keep_keys=False, say=nothing)
    assert everything(empty)["entry.submissions"]


def test_an_operator_sees_each_step_and_a_summary(filled, tmp_path, empty):
    path = tmp_path / "seen.tar"
    made = CliRunner(env=environ(filled)).invoke(main, ["backup", str(path)])
    assert made.exit_code == 0
    assert "entry.submissions: 1 rows" in made.output
    assert "1 large bodies, 2 key files" in made.output
    back = CliRunner(env=environ(empty)).invoke(main, ["restore", str(path)])
    assert back.exit_code == 0
    assert "complete, written at 20" in back.output
    assert "'iisgd notify release' releases all" in back.output


def test_an_unmigrated_database_cannot_be_backed_up(empty, tmp_path):
    done = CliRunner(env=environ(empty)).invoke(main, ["backup", str(tmp_path / "x.tar")])
    assert done.exit_code == 1
    assert "Run 'iisgd migrate' first" in done.output
