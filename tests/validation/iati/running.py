"""Runs of IATI rulesets on files in memory."""

import io
from typing import Any

from services.validation.iati.operations import list_results


def run_ruleset(ruleset: bytes, activities: bytes, **given: Any) -> list[dict[str, Any]]:
    """Return all results at once."""
    return list(list_results(ruleset, io.BytesIO(activities), **given))
