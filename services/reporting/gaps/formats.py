"""The gap matrix as CSV (RFC 4180)."""

import csv
import io
from collections.abc import Mapping
from typing import Any

NUMBERS = ("needs", "answered", "supported", "covered", "partly", "open")
KEYS = ("partner", "partner_label", "pillar", "pillar_label", "state")


def gaps_as_csv(response: Mapping[str, Any]) -> str:
    """Write one line per number of each cell. Where nothing was reported, the value is empty, and `state` says why."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*KEYS, "measure", "value"])
    for cell in response["cells"]:
        for name in NUMBERS:
            writer.writerow([*(cell[key] for key in KEYS), name, "" if cell[name] is None else cell[name]])
    return text.getvalue()


def totals_as_text(response: Mapping[str, Any]) -> str:
    """Return the total of all cells as parameters of a header."""
    total = response["totals"]["all"]
    numbers = [f"{name}={total[name]}" for name in NUMBERS if total[name] is not None]
    return ";".join(["need", *numbers, f"structures={total['structures']}", f"reported={total['reported']}"])
