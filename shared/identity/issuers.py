"""Another issuer of tokens, whose keys are fetched from its URL."""

import threading
import time
from typing import Any

import jwt

from shared.logs import log

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""The algorithms accepted from others: with a public key, never none and never a shared secret."""

KEYS_TTL_SECONDS = 300.0
FETCH_SECONDS = 5.0
WAIT_SECONDS = 10.0
"""The seconds between two fetches of the keys, whatever key a token names."""


class IssuerIsUnavailable(Exception):
    """The issuer's keys cannot be fetched, or do not include the named one."""


class Issuer:
    """An issuer of tokens for this installation, besides itself."""

    def __init__(self, name: str, *, jwks_url: str) -> None:
        self.name = name
        self._client = jwt.PyJWKClient(
            jwks_url, lifespan=KEYS_TTL_SECONDS, timeout=FETCH_SECONDS, cooldown_duration=WAIT_SECONDS
        )
        self._unavailable_until = 0.0
        self._lock = threading.Lock()

    def key(self, kid: Any) -> jwt.PyJWK:
        """Return the issuer's key of this name; raise `IssuerIsUnavailable`.

        Only one thread at a time waits for an issuer that does not answer, and then none for a while.
        """
        with self._lock:
            if time.monotonic() < self._unavailable_until:
                raise IssuerIsUnavailable
            try:
                return self._client.get_signing_key(str(kid))
            except (jwt.PyJWTError, ValueError, OSError) as error:
                if not _is_only_unknown(error):
                    self._unavailable_until = time.monotonic() + WAIT_SECONDS
                    log().warning("the issuer's keys cannot be fetched", issuer=self.name, why=str(error))
                raise IssuerIsUnavailable from error


def _is_only_unknown(error: Exception) -> bool:
    """Return whether only the named key is missing: the library raises one class for both cases."""
    return type(error) is jwt.PyJWKClientError and "Unable to find" in str(error)
