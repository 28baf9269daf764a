"""Findings in the form of a report."""

from typing import Any


def place(cell: str | None = None, *, sheet: str = "Needs", **facts: Any) -> dict[str, Any]:
    """A place in the record of a cell's row; without a cell, the whole submission."""
    ordinary = {"value": "Cars", "message": "The title has 4 characters.", "expected": "Between 8 and 250."}
    if cell is None:
        return {"ref": None, "pointer": "/tlp", **ordinary, **facts}
    row = int("".join(filter(str.isdigit, cell)))
    at = {
        "ref": f"AL-{row}",
        "pointer": f"/records/{row - 2}/title",
        "sheet": sheet,
        "row": row,
        "cell": cell,
    }
    return {**at, **ordinary, **facts}


def group(*places: dict[str, Any], left_out: int = 0, **facts: Any) -> dict[str, Any]:
    return {
        "rule": "GEN-03",
        "version": "2026.1",
        "title": "The title is short enough to be read",
        "severity": "error",
        "outcome": "failed",
        "why": "Titles stand in tables.",
        "reference": "",
        "count": len(places) + left_out,
        "places": list(places),
        "left_out": left_out,
        **facts,
    }
