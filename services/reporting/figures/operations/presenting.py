"""The common form of the responses of figures, gaps and completeness: labels, filters, date and footnote."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from services.reporting.figures.domain.labels import LABELLED, label_of
from shared.clock import iso
from shared.reference.partners import FOOTNOTE, needs_footnote


def labelled(keys: Sequence[str], values: Sequence[str]) -> dict[str, Any]:
    """Return a row of keys and values, with labels for the keys that have them."""
    row = {}
    for key, value in zip(keys, values, strict=True):
        row[key] = value
        if key in LABELLED:
            row[f"{key}_label"] = label_of(key, value)
    return row


def applied_filters(filters: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """Return the filters that have values, each sorted."""
    return {key: sorted(values) for key, values in filters.items() if values}


def response_body(as_of: datetime | None, body: Mapping[str, Any]) -> dict[str, Any]:
    """Add the time of the data, and the footnote where Kosovo* appears."""
    response = {"as_of": iso(as_of) if as_of else None, **body}
    return response | ({"footnote": FOOTNOTE} if _names_kosovo(response) else {})


TABLE_HEADERS = ("IISGD-As-Of", "IISGD-Markings", "IISGD-Total", "IISGD-Footnote", "Link")
"""The headers of a table in CSV, which has rows of figures only."""


def table_headers(
    body: Mapping[str, Any], *, total: str, path: str, links: Sequence[str] = ()
) -> dict[str, str]:
    """Return what a table in CSV does not contain: its date, markings, total and footnote, and where to find them."""
    parameters = {name: ",".join(values) for name, values in body["filters"].items()}
    if body.get("group_by"):
        parameters["group_by"] = ",".join(body["group_by"])
    as_json = urlencode(parameters | {"format": "json"}, safe=",")
    alternate = f'<{path}?{as_json}>; rel="alternate"; type="application/json"'
    headers = {
        "IISGD-As-Of": body["as_of"],
        "IISGD-Markings": ", ".join(body["markings"]),
        "IISGD-Total": total,
        "IISGD-Footnote": body.get("footnote"),
        "Link": ", ".join((alternate, *links)),
    }
    # A header is ASCII; a currency that nobody checked may not be.
    return {
        name: value.encode("ascii", "backslashreplace").decode() for name, value in headers.items() if value
    }


def _names_kosovo(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_names_kosovo(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_names_kosovo(inner) for inner in value)
    return isinstance(value, str) and needs_footnote(value)
