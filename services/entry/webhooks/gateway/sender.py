"""The HTTP client that calls receivers of webhooks by URLs that reporters have chosen.

A name is resolved once, all its addresses must be public, and the connection is made to one of these. So no later
response of a name server can redirect it. Redirects are not followed; proxies and cookies are not used.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, Protocol

import httpcore

from services.entry.webhooks.gateway.addresses import Address, is_public, parse_address
from services.entry.webhooks.gateway.urls import Target, UrlIsRefused

RESOLVE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
"""The maximum time from resolving the name to the end of the response, however slow."""

MAX_RESPONSE_BYTES = 64 * 1024
"""The number of bytes read from a response, so that its sender sees it received. They are not stored."""

MAX_ADDRESSES = 3
"""The maximum number of a name's addresses that are tried."""

_NO_RESPONSE = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a name, the best first; raises OSError without one."""


class ReceiverIsUnavailable(Exception):
    """The receiver gave no response. Whether it received the message is unknown."""


class Sender(Protocol):
    """The protocol of a client that sends messages."""

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> int:
        """Send a message and return the status of the response. Raise `UrlIsRefused` or `ReceiverIsUnavailable`."""
        ...


class HttpSender:
    """A client over HTTPS. With `may_be_local` it also calls this machine, over HTTP too: for tests and demonstrations."""

    def __init__(
        self,
        *,
        may_be_local: bool = False,
        resolve: Resolve | None = None,
        secure: ssl.SSLContext | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._may_be_local = may_be_local
        self._resolve = resolve or resolve_host
        self._ssl_context = secure
        self._total_seconds = total_seconds

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> int:
        """Send a message and return the status of the response."""
        until = time.monotonic() + self._total_seconds
        target = Target.of(url, may_be_local=self._may_be_local)
        connector = PinnedConnector(self._addresses(target), until)
        try:
            with httpcore.ConnectionPool(ssl_context=self._secure, network_backend=connector) as pool:
                return _status(pool, target, headers, body)
        except _NO_RESPONSE as error:
            raise ReceiverIsUnavailable(_describe(error)) from error

    @cached_property
    def _secure(self) -> ssl.SSLContext:
        # The machine's certificates are used: an administration may have its own authority.
        return self._ssl_context or ssl.create_default_context()

    def _addresses(self, target: Target) -> list[str]:
        literal = parse_address(target.host)
        try:
            found = [target.host] if literal else self._resolve(target.host, target.port)
        except OSError as error:
            raise ReceiverIsUnavailable("The host name has no address.") from error
        addresses = [address for text in found if (address := parse_address(text))]
        if not all(self._may_call(address) for address in addresses):
            raise UrlIsRefused(
                "The host name resolves to an address that is not an address of the public internet."
            )
        return [str(address) for address in addresses[:MAX_ADDRESSES]]

    def _may_call(self, address: Address) -> bool:
        return is_public(address) or (self._may_be_local and address.is_loopback)


def resolve_host(host: str, port: int) -> list[str]:
    """Resolve a name with the machine's resolver. It has no time limit, so that a thread that takes too long is abandoned."""
    found: list[str] = []

    def look_up() -> None:
        with suppress(OSError, UnicodeError):
            results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(address[0]) for *_, address in results)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(RESOLVE_SECONDS)
    if not found:
        raise OSError(f"{host} has no address")
    return list(found)


def _status(pool: httpcore.ConnectionPool, target: Target, headers: Mapping[str, str], body: bytes) -> int:
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    sent = [("Host", target.authority), *headers.items()]
    with pool.stream("POST", url, headers=sent, content=body) as response:
        # The status decides. Errors while reading the rest change nothing.
        with suppress(*_NO_RESPONSE):
            _read_some(response.iter_stream())
        return response.status


def _read_some(chunks: Iterable[bytes]) -> None:
    read = 0
    for chunk in chunks:
        read += len(chunk)
        if read >= MAX_RESPONSE_BYTES:
            return


def _describe(error: Exception) -> str:
    # The pool removes the cause; the context still has it.
    if isinstance(error.__context__, ssl.SSLError):
        return "No secure connection: check that the certificate is valid for this host."
    if isinstance(error, httpcore.ConnectTimeout | httpcore.ConnectError):
        return "No connection could be made."
    if isinstance(error, httpcore.TimeoutException):
        return "No response in time."
    return "The connection broke, or the response was not HTTP."


class PinnedConnector(httpcore.NetworkBackend):
    """A connector to the given addresses, whatever the URL's name resolves to now."""

    def __init__(self, addresses: Sequence[str], until: float) -> None:
        self._addresses = addresses
        self._until = until
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *_args: Any, **_options: Any) -> httpcore.NetworkStream:
        """Connect to the first address that accepts the connection."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._addresses:
            try:
                left = min(CONNECT_SECONDS, _left(self._until, httpcore.ConnectTimeout))
                return _DeadlineStream(self._sockets.connect_tcp(address, port, timeout=left), self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _DeadlineStream(httpcore.NetworkStream):
    """A stream with one deadline for all reads and writes: a limit for each read would allow endless slow responses."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore's signature
        """Read the next bytes."""
        return self._stream.read(max_bytes, _left(self._until, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - httpcore's signature
        """Write all bytes."""
        self._stream.write(buffer, _left(self._until, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - httpcore's signature
    ) -> httpcore.NetworkStream:
        """Start TLS on the stream. The certificate must be valid for the URL's host."""
        left = _left(self._until, httpcore.ConnectTimeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        """Return information about the socket."""
        return self._stream.get_extra_info(info)


def _left(until: float, late: type[httpcore.TimeoutException]) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise late
    return left
