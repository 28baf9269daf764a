"""Hostile and broken files are refused with a reason, within limits of time and memory, and without connections."""

import json
import socket
import subprocess
import sys
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.entry.files.domain import media_types
from services.entry.files.domain.refusals import FileIsRefused
from tests.entry.files.hostile import FILES
from tests.entry.files.samples import archive, read, workbook

MOST_SECONDS = 5.0
MOST_MEMORY = 300 * 1024**2
CASES = [(media_type, name) for media_type, files in FILES.items() for name in files]


@pytest.fixture(scope="module")
def server():
    """A server that counts connections."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening


@pytest.fixture(scope="module")
def outcomes(server, tmp_path_factory):
    """The outcome of each file in a separate process, with time and memory."""
    folder = tmp_path_factory.mktemp("hostile")
    url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
    for number, (media_type, name) in enumerate(CASES):
        make, _ = FILES[media_type][name]
        (folder / str(number)).write_bytes(make(url))
    (folder / "files.json").write_text(json.dumps({str(at): case[0] for at, case in enumerate(CASES)}))
    done = subprocess.run(
        [sys.executable, "-m", "tests.entry.files.read_hostile", str(folder)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(CASES), (
        f"it ended with {done.returncode} at {CASES[len(found)]}: {done.stderr[-2000:]}"
    )
    return dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].rpartition('.')[2]}: {case[1]}")
def test_a_hostile_file_is_refused_within_limits_of_time_and_memory(outcomes, case):
    found = outcomes[case]
    assert FILES[case[0]][case[1]][1] in found["said"]
    assert found["seconds"] < MOST_SECONDS
    assert found["peak"] < MOST_MEMORY


def test_no_connection_is_opened_while_files_are_read(outcomes, server):
    assert outcomes
    with pytest.raises(BlockingIOError):
        server.accept()


PARTS = {
    part.filename: package.read(part)
    for package in [
        zipfile.ZipFile(workbook(["Needs"], ["ref", "title", "estimated_cost"], ["A", "x", 1], ["B", "y", 2]))
    ]
    for part in package.infolist()
}
PIECES = st.sampled_from(
    [
        b"",
        b"<",
        b">",
        b'"',
        b"'",
        b"</c>",
        b"<f>1</f>",
        b' t="e"',
        b' t="d"',
        b' r="A0"',
        b"9999999",
        b"&#0;",
        b"\xff",
        b"-",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(PARTS)), st.integers(0, 2_000), st.integers(0, 30), PIECES)
def test_any_changed_workbook_is_read_or_refused(name, at, length, piece):
    content = PARTS[name]
    at = min(at, len(content))
    changed = content[:at] + piece + content[at + length :]
    with suppress(FileIsRefused):
        records, _ = read(archive({**PARTS, name: changed}), media_types.XLSX)
        assert len(records) <= 3
