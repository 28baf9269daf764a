"""Another issuer of tokens, known by the address of its keys."""

import threading
import time
from typing import Any

import jwt

from shared.logs import log

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""What a signature of somebody else's may be: with a public key, never none and never a shared secret."""

KEYS_TTL_SECONDS = 300.0
FETCH_SECONDS = 5.0
WAIT_SECONDS = 10.0
"""So long after the keys were asked for they are not asked for again, whatever key a token names."""


class IssuerIsUnavailable(Exception):
    """The issuer's keys cannot be had just now, or the one that is named is not among them."""


class Issuer:
    """Who else issues tokens for this installation."""

    def __init__(self, name: str, *, jwks_url: str) -> None:
        self.name = name
        self._client = jwt.PyJWKClient(
            jwks_url, lifespan=KEYS_TTL_SECONDS, timeout=FETCH_SECONDS, cooldown_duration=WAIT_SECONDS
        )
        self._away_until = 0.0
        self._lock = threading.Lock()

    def key(self, kid: Any) -> jwt.PyJWK:
        """The issuer's key of that name; `KeysAreAway`.

        One thread at a time asks an issuer that does not answer, and then none for a while: the others have work to do.
        """
        with self._lock:
            if time.monotonic() < self._away_until:
                raise IssuerIsUnavailable
            try:
                return self._client.get_signing_key(str(kid))
            except (jwt.PyJWTError, ValueError, OSError) as error:
                if not _is_only_unknown(error):
                    self._away_until = time.monotonic() + WAIT_SECONDS
                    log().warning("keys of the issuer cannot be had", issuer=self.name, why=str(error))
                raise IssuerIsUnavailable from error


def _is_only_unknown(error: Exception) -> bool:
    """Whether the keys are there and no such one among them: the library says both with one class."""
    return type(error) is jwt.PyJWKClientError and "Unable to find" in str(error)
