"""What a stranger's URL must look like before anybody is called by it."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from services.entry.webhooks.gateway.addresses import address_in, is_number, is_public

LONGEST = 500
PORTS = {"https": 443, "http": 80}


class UrlIsRefused(Exception):
    """Nobody is called by this URL."""


@dataclass(frozen=True)
class Target:
    """A URL, taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    """With its query."""

    @classmethod
    def of(cls, url: str, *, may_be_local: bool = False) -> Self:
        """Take a URL apart; `UrlIsRefused` says what is wrong with it.

        Whether its name leads to somebody on the internet shows only when it is resolved.
        """
        if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
            raise UrlIsRefused(f"A URL has at most {LONGEST} characters, all of them ASCII, and no blanks.")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise UrlIsRefused("This is not a URL.") from None
        is_local = may_be_local and _is_this_machine(host)
        if parts.scheme != "https" and not (is_local and parts.scheme == "http"):
            raise UrlIsRefused("Messages go to https:// only.")
        if parts.username is not None or parts.password is not None:
            raise UrlIsRefused("A URL carries no user and no password: messages are signed instead.")
        if parts.fragment:
            raise UrlIsRefused("What follows a # is never sent; leave it out.")
        if not is_local:
            _check_host(host)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, host, port or PORTS[parts.scheme], path)

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def _is_this_machine(host: str) -> bool:
    address = address_in(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _check_host(host: str) -> None:
    if not host:
        raise UrlIsRefused("The URL names no host.")
    address = address_in(host)
    if address is not None and not is_public(address):
        raise UrlIsRefused("The address is not one of the public internet.")
    if address is None and (is_number(host) or "." not in host.rstrip(".")):
        raise UrlIsRefused("The host is not a full name of the public internet.")
