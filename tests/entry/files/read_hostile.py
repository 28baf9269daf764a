"""Read files in a separate process, like a worker, and report each outcome: `python -m ... FOLDER`.

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
    """The refusal of a file, or its number of records."""
    kind = "support" if media_type.endswith("/xml") else "need"
    try:
        with path.open("rb") as stream:
            reading = read_file(stream, media_type=media_type, kind=kind, name="file")
            return f"{sum(1 for _ in reading.records)} records"
    except FileIsRefused as refused:
        return f"{refused.message} {refused.expected}"


def peak() -> int:
    """The peak memory of this process; `getrusage` would include that of its parent."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def main(folder: Path) -> None:
    """Read all files, and report the peak memory so far after each."""
    resource.setrlimit(resource.RLIMIT_AS, (GIGABYTE, GIGABYTE))
    for name, media_type in json.loads((folder / "files.json").read_text()).items():
        start = time.monotonic()
        said = outcome(folder / name, media_type)
        facts = {"name": name, "said": said, "seconds": time.monotonic() - start, "peak": peak()}
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
