"""Calls receivers of webhooks: strangers' machines, by URLs that strangers gave.

A name is resolved once, every address that comes of it must be a public one, and the connection goes to just these. So
no answer of a name server that comes later can lead it elsewhere. Redirects are not followed, proxies and cookies
unknown.
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

from services.entry.webhooks.gateway.addresses import Address, address_in, is_public
from services.entry.webhooks.gateway.urls import Target, UrlIsRefused

RESOLVE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 15.0
"""From the first look at the name to the end of the answer, however slowly it drips."""

MOST_ANSWER_BYTES = 64 * 1024
"""So much of an answer is read, so that its sender sees it taken; none of it is kept."""

MOST_ADDRESSES = 3
"""So many of a name's addresses are tried."""

_NO_ANSWER = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a name, the best first; raises OSError where there are none."""


class ReceiverIsAway(Exception):
    """The receiver gave no answer. What it had of the message nobody knows."""


class Poster(Protocol):
    """Sends messages."""

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> int:
        """The status that the receiver answers with; raises `UrlIsRefused`, `ReceiverIsAway`."""
        ...


class HttpPoster:
    """Sends over HTTPS; where `may_be_local`, also to this machine and in the clear: for tests and demonstrations."""

    def __init__(
        self,
        *,
        may_be_local: bool = False,
        resolve: Resolve | None = None,
        secure: ssl.SSLContext | None = None,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        self._may_be_local = may_be_local
        self._resolve = resolve or addresses_of
        self._given = secure
        self._whole_seconds = whole_seconds

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> int:
        """The status that the receiver answers with."""
        until = time.monotonic() + self._whole_seconds
        target = Target.of(url, may_be_local=self._may_be_local)
        line = _Line(self._addresses(target), until)
        try:
            with httpcore.ConnectionPool(ssl_context=self._secure, network_backend=line) as pool:
                return _status(pool, target, headers, body)
        except _NO_ANSWER as error:
            raise ReceiverIsAway(_in_words(error)) from error

    @cached_property
    def _secure(self) -> ssl.SSLContext:
        # The machine's own certificates: an administration may have an authority of its own.
        return self._given or ssl.create_default_context()

    def _addresses(self, target: Target) -> list[str]:
        literal = address_in(target.host)
        try:
            found = [target.host] if literal else self._resolve(target.host, target.port)
        except OSError as error:
            raise ReceiverIsAway("Its name has no address.") from error
        addresses = [address for text in found if (address := address_in(text))]
        if not all(self._may_call(address) for address in addresses):
            raise UrlIsRefused("The name leads to an address that is not one of the public internet.")
        return [str(address) for address in addresses[:MOST_ADDRESSES]]

    def _may_call(self, address: Address) -> bool:
        return is_public(address) or (self._may_be_local and address.is_loopback)


def addresses_of(host: str, port: int) -> list[str]:
    """What the machine's resolver says. It knows no time limit of its own: it is left behind where it takes too long."""
    found: list[str] = []

    def look() -> None:
        with suppress(OSError, UnicodeError):
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(address[0]) for *_, address in answers)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(RESOLVE_SECONDS)
    if not found:
        raise OSError(f"{host} has no address")
    return list(found)


def _status(pool: httpcore.ConnectionPool, target: Target, headers: Mapping[str, str], body: bytes) -> int:
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    sent = [("Host", target.authority), *headers.items()]
    with pool.stream("POST", url, headers=sent, content=body) as answer:
        # With its status the answer is given; whether the rest can be read changes nothing.
        with suppress(*_NO_ANSWER):
            _read_some(answer.iter_stream())
        return answer.status


def _read_some(chunks: Iterable[bytes]) -> None:
    read = 0
    for chunk in chunks:
        read += len(chunk)
        if read >= MOST_ANSWER_BYTES:
            return


def _in_words(error: Exception) -> str:
    # The pool cuts the cause off; where it came from is still there.
    if isinstance(error.__context__, ssl.SSLError):
        return "No secure connection: is its certificate valid, and for this host?"
    if isinstance(error, httpcore.ConnectTimeout | httpcore.ConnectError):
        return "No connection could be made."
    if isinstance(error, httpcore.TimeoutException):
        return "No answer in time."
    return "The connection broke, or what came was no HTTP."


class _Line(httpcore.NetworkBackend):
    """Connects to the given addresses, whatever the URL's name would lead to now."""

    def __init__(self, addresses: Sequence[str], until: float) -> None:
        self._addresses = addresses
        self._until = until
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *_args: Any, **_options: Any) -> httpcore.NetworkStream:
        """A stream to the first of the addresses that answers."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._addresses:
            try:
                left = min(CONNECT_SECONDS, _left(self._until, httpcore.ConnectTimeout))
                return _Timed(self._sockets.connect_tcp(address, port, timeout=left), self._until)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _Timed(httpcore.NetworkStream):
    """A stream on which everything together ends by a moment: a limit for each read would let it drip for ever."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - httpcore's signature
        """What comes next."""
        return self._stream.read(max_bytes, _left(self._until, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the same
        """Send it all."""
        self._stream.write(buffer, _left(self._until, httpcore.WriteTimeout))

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the same
    ) -> httpcore.NetworkStream:
        """The same line, encrypted; the certificate must be that of the URL's host."""
        left = _left(self._until, httpcore.ConnectTimeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of the socket."""
        return self._stream.get_extra_info(info)


def _left(until: float, late: type[httpcore.TimeoutException]) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise late
    return left
