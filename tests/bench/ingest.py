"""The rate of storing a file of 100,000 records: streamed over HTTP, hashed, written to disk, answered."""

import hashlib
import http.client
import json
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from shared.ids import new_id
from tests.bench.posts import BODY
from tests.figures import Figure
from tests.systems import System, systems

RECORDS = 100_000
ROUNDS = 5
PIECE_BYTES = 256 * 1024
MEGABYTE = 1_000_000
BAR_MB_PER_SECOND = 60.0
BAR_OF_YARDSTICK = 0.5
PATH = "/entry/v1/files?pillar=WBCTi&kind=support&period=2026&tlp=TLP:AMBER"


def measure_ingest() -> Iterable[Figure]:
    """Measure the same bytes in turn through the product, and through sha256 and a file with fsync."""
    with tempfile.TemporaryDirectory() as folder, systems(Path(folder)) as make:
        system = make(database="postgresql", start=("web", "broker"))
        rounds = []
        for number in range(ROUNDS):
            body = _lines(number)
            rounds.append((_ours(system, body), _yardstick(Path(folder), body)))
    megabytes = len(body) / MEGABYTE
    ours = median(megabytes / seconds for seconds, _ in rounds)
    yardstick = median(megabytes / seconds for _, seconds in rounds)
    # The lower of the two is required.
    wanted = min(BAR_MB_PER_SECOND, BAR_OF_YARDSTICK * yardstick)
    how = f"{megabytes:.0f} MB at {ours:.0f} MB/s; sha256 and fsync {yardstick:.0f} MB/s; required {wanted:.0f} MB/s"
    yield Figure("ingest.of_wanted", ours / wanted, "x", how, bar=1.0)
    yield Figure("ingest.of_yardstick", ours / yardstick, "x", how)


def _lines(number: int) -> bytes:
    """Return NDJSON that is unique to the round."""
    record = json.loads(BODY)["records"][0]
    lines = (json.dumps(record | {"ref": f"AL-CT-{number}-{at}"}) for at in range(RECORDS))
    return ("\n".join(lines) + "\n").encode()


def _ours(system: System, body: bytes) -> float:
    headers = {
        "Authorization": f"Bearer {system.token('AL-WBCTi')}",
        "Idempotency-Key": new_id(),
        "Content-Type": "application/x-ndjson",
    }
    connection = http.client.HTTPConnection("127.0.0.1", system.launcher.port, timeout=120)
    began = time.perf_counter()
    connection.request("POST", PATH, body=body, headers=headers)
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - began
    connection.close()
    if answer.status != 202:
        raise RuntimeError(f"the response to the file was {answer.status}")
    return seconds


def _yardstick(folder: Path, body: bytes) -> float:
    began = time.perf_counter()
    digest = hashlib.sha256()
    with (folder / new_id()).open("wb") as file:
        for at in range(0, len(body), PIECE_BYTES):
            piece = body[at : at + PIECE_BYTES]
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began
