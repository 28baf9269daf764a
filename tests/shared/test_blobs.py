import hashlib
import subprocess
import sys
import threading

import pytest
from sqlalchemy import select

from shared.blobs import BlobIsMissing, Blobs
from shared.bus.store import blobs as rows

INLINE = 64 * 1024
SMALL = b'{"pillar":"WBCTi"}'
LARGE = b"x" * (INLINE + 1)


@pytest.fixture
def runtime(runtime_of):
    return runtime_of("entry")


def put(runtime, body):
    with runtime.database.begin() as tx:
        return runtime.blobs.put(tx, body)


def files(runtime):
    return sorted(path for path in runtime.settings.blobs.rglob("*") if path.is_file())


def inline(runtime):
    with runtime.database.read() as tx:
        return set(tx.execute(select(rows.c.sha256)).scalars())


@pytest.mark.parametrize(("size", "is_file"), [(0, False), (INLINE, False), (INLINE + 1, True)])
def test_a_small_body_is_a_row_and_a_large_one_a_file(runtime, size, is_file):
    body = b"x" * size
    sha256 = put(runtime, body)
    assert sha256 == hashlib.sha256(body).hexdigest()
    assert runtime.blobs.get(sha256) == body
    assert [path.name for path in files(runtime)] == ([sha256] if is_file else [])
    assert inline(runtime) == (set() if is_file else {sha256})


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_the_same_bytes_are_one_blob(runtime, body):
    assert put(runtime, body) == put(runtime, body)
    with runtime.database.begin() as tx:
        assert runtime.blobs.put(tx, body) == runtime.blobs.put(tx, body)
    assert len(files(runtime)) + len(inline(runtime)) == 1


def test_a_small_body_is_gone_with_the_work_that_failed(runtime):
    def attempt():
        with runtime.database.begin() as tx:
            runtime.blobs.put(tx, SMALL)
            raise LookupError

    with pytest.raises(LookupError):
        attempt()
    assert inline(runtime) == set()


def test_a_large_body_is_whole_on_disk_before_the_work_that_names_it_is_committed(runtime):
    with runtime.database.begin() as tx:
        sha256 = runtime.blobs.put(tx, LARGE)
        assert runtime.blobs.get(sha256) == LARGE


@pytest.mark.parametrize("body", [b"first\nsecond\nthird", b"x" * INLINE + b"first\nsecond\nthird"])
def test_a_part_of_a_body_is_read_alone_wherever_the_body_lies(runtime, body):
    sha256 = put(runtime, body)
    with runtime.blobs.open(sha256) as stream:
        stream.seek(body.index(b"second"))
        assert stream.read(6) == b"second"
        assert stream.read() == b"\nthird"
        stream.seek(0)
        assert [line.strip(b"x") for line in stream] == [b"first\n", b"second\n", b"third"]


@pytest.mark.parametrize("read", [Blobs.get, Blobs.open])
def test_what_was_never_put_is_missing(runtime, read):
    with pytest.raises(BlobIsMissing, match="0" * 64):
        read(runtime.blobs, "0" * 64)


def test_a_service_reads_what_another_put(runtime, runtime_of):
    for body in (SMALL, LARGE):
        assert runtime_of("reporting").blobs.get(put(runtime, body)) == body


KILLED_WHILE_WRITING = """
import os, signal
from pathlib import Path
import shared.blobs
from shared.blobs import Blobs

# At the moment at which the bytes are written and not yet known to be on disk.
shared.blobs.os.fsync = lambda _file: os.kill(os.getpid(), signal.SIGKILL)
Blobs(database=None, folder=Path({folder!r}), inline_bytes=0).put(None, b"x" * {size})
"""


def test_a_blob_whose_writer_was_killed_is_missing_and_can_be_put_again(runtime):
    script = KILLED_WHILE_WRITING.format(folder=str(runtime.settings.blobs), size=len(LARGE))
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    sha256 = hashlib.sha256(LARGE).hexdigest()
    assert len(files(runtime)) == 1
    with pytest.raises(BlobIsMissing):
        runtime.blobs.get(sha256)
    assert put(runtime, LARGE) == sha256
    assert runtime.blobs.get(sha256) == LARGE


def test_a_full_disk_leaves_no_blob_and_nothing_beside_it(runtime, monkeypatch):
    def full(_file):
        raise OSError("No space left on device")

    monkeypatch.setattr("shared.blobs.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(runtime, LARGE)
    assert files(runtime) == []


def test_many_writers_of_the_same_bytes_make_one_blob(runtime):
    together = threading.Barrier(4)
    put_by_all = []

    def work():
        together.wait()
        put_by_all.extend(put(runtime, body) for body in (LARGE, SMALL))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(put_by_all) == 8
    assert len(files(runtime)) == len(inline(runtime)) == 1


def test_a_folder_that_cannot_be_written_is_told_of(runtime, tmp_path):
    (tmp_path / "file").touch()
    broken = Blobs(database=runtime.database, folder=tmp_path / "file" / "blobs", inline_bytes=0)
    runtime.blobs.check()
    with pytest.raises(OSError, match="file"):
        broken.check()
