"""Reads files in a process of its own, as a worker does, and says of each how that went: `python -m ... FOLDER`.

A file of the folder is called by its number; `files.json` has the type of each. An address space of a gigabyte is a
safety limit: what counts is the memory that was really taken.
"""

import json
import resource
import sys
import time
from pathlib import Path

from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.operations import read_file

GIGABYTE = 1024**3


def outcome(path: Path, media_type: str) -> str:
    """What is said of a file, or how many records it has."""
    kind = "support" if media_type.endswith("/xml") else "need"
    try:
        with path.open("rb") as stream:
            reading = read_file(stream, media_type=media_type, kind=kind, name="file")
            return f"{sum(1 for _ in reading.records)} records"
    except FileIsRefused as refused:
        return f"{refused.message} {refused.expected}"


def peak() -> int:
    """The most memory that was taken since the process began; `getrusage` would count what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def main(folder: Path) -> None:
    """Read them all; the memory is the most that was taken so far."""
    resource.setrlimit(resource.RLIMIT_AS, (GIGABYTE, GIGABYTE))
    for name, media_type in json.loads((folder / "files.json").read_text()).items():
        start = time.monotonic()
        said = outcome(folder / name, media_type)
        facts = {"name": name, "said": said, "seconds": time.monotonic() - start, "peak": peak()}
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
