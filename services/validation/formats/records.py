"""Records as somebody who tries rules has them: a body, a list, a line each, or a flat table."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.validation.domain.engine.origins import Origins


class RecordsAreUnreadable(ValueError):
    """A file holds nothing that can be read as records."""


@dataclass(frozen=True)
class Given:
    """Records, with what a body says about the submission, and where a table's cells are."""

    records: Sequence[Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    origins: Origins | None = None


def read_records(content: bytes) -> Given:
    """Read a JSON body, a JSON list, or JSON records one to a line; raises RecordsAreUnreadable."""
    text = text_of(content)
    try:
        written = json.loads(text)
    except json.JSONDecodeError as error:
        if "\n" not in text.strip() or not text.lstrip().startswith("{"):
            raise RecordsAreUnreadable(f"The file is no JSON: {error}.") from None
        return Given(_lines(text, error))
    except RecursionError:
        raise RecordsAreUnreadable("The file is nested too deep.") from None
    if isinstance(written, list):
        return Given(written)
    if isinstance(written, dict) and isinstance(written.get("records"), list):
        return Given(written["records"], {name: said for name, said in written.items() if name != "records"})
    return Given([written])


def text_of(content: bytes) -> str:
    """A file's text; raises RecordsAreUnreadable."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordsAreUnreadable(f"The file is not UTF-8: byte {error.start} cannot be read.") from None


def _lines(text: str, of_whole: json.JSONDecodeError) -> list[Any]:
    """A record from each line; where the first is none either, the file was meant as one JSON text."""
    records = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            records.extend([json.loads(line)] if line.strip() else [])
        except json.JSONDecodeError as error:
            said = of_whole if not records else error
            where = "" if not records else f" in line {number}"
            raise RecordsAreUnreadable(f"The file is no JSON{where}: {said}.") from None
    return records
