"""A bounded load on loopback from a separate process.

Keep-alive clients post as fast as they get responses, or at a given interval.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

KEY = "@" * 29
"""A placeholder that each request replaces with a unique key of the same length, wherever it occurs."""


@dataclass(frozen=True)
class Result:
    """The responses that the clients received. Latencies are in seconds, sorted."""

    seconds: float
    statuses: dict[int, int]
    latencies: list[float]

    @property
    def rate(self) -> float:
        """The number of 2xx responses per second."""
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300) / self.seconds

    def quantile(self, share: float) -> float:
        """Return a quantile of the latencies in seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


async def _client(
    port: int,
    request: Callable[[int], bytes],
    until: float,
    seen: list[tuple[int, float]],
    base: int,
    *,
    every: float,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = base
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(request(number))
        number += 1
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        )
        await reader.readexactly(length)
        took = time.perf_counter() - began
        seen.append((int(head[9:12]), took))
        if took < every:
            await asyncio.sleep(every - took)
    writer.close()


def request_bytes(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return an HTTP/1.1 POST request."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def posted(
    *,
    port: int,
    path: str,
    body: bytes,
    headers: dict[str, str],
    clients: int,
    seconds: float,
    every: float = 0.0,
) -> Result:
    """Return the result of clients that each post at an interval, or without a pause."""
    mark = time.time_ns()
    template = request_bytes(path, body, headers | {"Idempotency-Key": KEY})

    def request(number: int) -> bytes:
        return template.replace(KEY.encode(), f"{mark:019}-{number:09}".encode())

    seen: list[tuple[int, float]] = []
    began = time.perf_counter()
    await asyncio.gather(
        *(
            _client(port, request, began + seconds, seen, at * 10_000_000, every=every)
            for at in range(clients)
        )
    )
    statuses: dict[int, int] = {}
    for status, _ in seen:
        statuses[status] = statuses.get(status, 0) + 1
    return Result(time.perf_counter() - began, statuses, sorted(latency for _, latency in seen))


def main() -> None:
    """Read the load to run from standard input; write its result to standard output."""
    task = json.load(sys.stdin)
    result = asyncio.run(
        posted(
            port=task["port"],
            path=task["path"],
            body=task["body"].encode(),
            headers=task["headers"],
            clients=task["clients"],
            seconds=task["seconds"],
            every=task.get("every", 0.0),
        )
    )
    json.dump([result.seconds, result.statuses, result.latencies], sys.stdout)


if __name__ == "__main__":
    main()
