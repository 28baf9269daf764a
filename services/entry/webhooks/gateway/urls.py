"""The check of a receiver's URL before it is called."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from services.entry.webhooks.gateway.addresses import is_numeric, is_public, parse_address

MAX_LENGTH = 500
PORTS = {"https": 443, "http": 80}


class UrlIsRefused(Exception):
    """The URL is refused."""


@dataclass(frozen=True)
class Target:
    """The parts of a URL."""

    scheme: str
    host: str
    port: int
    path: str
    """The path with its query."""

    @classmethod
    def of(cls, url: str, *, may_be_local: bool = False) -> Self:
        """Parse a URL. Raise `UrlIsRefused`, with the reason, for a URL that is not allowed.

        The addresses of its host are checked later, when the name is resolved.
        """
        if len(url) > MAX_LENGTH or not url.isascii() or not url.isprintable() or " " in url:
            raise UrlIsRefused(
                f"A URL has at most {MAX_LENGTH} characters, all of them ASCII, and no spaces."
            )
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise UrlIsRefused("This is not a URL.") from None
        is_local = may_be_local and _is_this_machine(host)
        if parts.scheme != "https" and not (is_local and parts.scheme == "http"):
            raise UrlIsRefused("Messages are sent to https:// only.")
        if parts.username is not None or parts.password is not None:
            raise UrlIsRefused("A URL must not contain a user or password: messages are signed instead.")
        if parts.fragment:
            raise UrlIsRefused("The part after # is never sent; remove it.")
        if not is_local:
            _check_host(host)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, host, port or PORTS[parts.scheme], path)

    @property
    def authority(self) -> str:
        """Return the value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def _is_this_machine(host: str) -> bool:
    address = parse_address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _check_host(host: str) -> None:
    if not host:
        raise UrlIsRefused("The URL names no host.")
    address = parse_address(host)
    if address is not None and not is_public(address):
        raise UrlIsRefused("The address is not an address of the public internet.")
    if address is None and (is_numeric(host) or "." not in host.rstrip(".")):
        raise UrlIsRefused("The host is not a full domain name of the public internet.")
