"""Times in the claims of tokens and assertions that others sign."""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

LEEWAY = timedelta(seconds=30)
"""The tolerance for another system's clock."""


def not_before(claims: Mapping[str, Any]) -> float:
    """Return the time from which claims are valid (`nbf`), minus infinity without one; raise TypeError or ValueError."""
    begins_at = claims.get("nbf", -math.inf)
    if "nbf" in claims and (isinstance(begins_at, bool) or not math.isfinite(begins_at)):
        raise ValueError("nbf is not a time")
    return float(begins_at)
