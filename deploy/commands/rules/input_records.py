"""Records in a file, read by the same readers as submitted files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from services.entry.files.domain import media_types
from services.entry.files.domain.read_result import ReadResult
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.operations import read_file
from services.validation.engine.domain.evaluation.origins import Origins

_TYPES = {
    ".csv": media_types.CSV,
    ".tsv": media_types.CSV,
    ".xlsx": media_types.XLSX,
    ".xml": media_types.XML,
    ".ndjson": media_types.NDJSON,
    ".jsonl": media_types.NDJSON,
    ".json": media_types.JSON,
}
_TABLES = (media_types.CSV, media_types.XLSX)
_LONGEST_LINE = 4 * 1024 * 1024


@dataclass(frozen=True)
class InputRecords:
    """Records, the facts of their submission, and the cells of a table."""

    records: Sequence[dict[str, Any]]
    facts: Mapping[str, Any]
    origins: Origins | None


def read_input(file: Path, *, kind: str | None) -> InputRecords:
    """Read a file by its suffix. In a table, the headings are those of the given `kind` of record."""
    media_type = _type_of(file)
    if kind is None and media_type in _TABLES:
        raise click.UsageError("The file does not state the kind. Use --kind.")
    try:
        with file.open("rb") as stream:
            read = read_file(stream, media_type=media_type, kind=kind or "support", name=file.name)
            records = list(read.records)
    except FileIsRefused as refused:
        where = f" ({refused.place})" if refused.place else ""
        raise click.ClickException(f"{file.name}{where}: {refused.message} {refused.expected}") from None
    facts = {"kind": "support", **read.facts} if media_type == media_types.XML else read.facts
    echo_unread(read)
    return InputRecords(records, facts, Origins(**read.origins) if read.origins else None)


def echo_unread(read: ReadResult) -> None:
    """Print each part of a file that was not read, with its place, to standard error."""
    for part in read.unread:
        sheet_or_ref = part.sheet or part.ref
        place = part.cell or part.element or (f"row {part.row}" if part.row else None)
        where = ", ".join(each for each in (sheet_or_ref, place) if each)
        click.echo(f"{where}: {part.written['message']}" if where else part.written["message"], err=True)


def _type_of(file: Path) -> str:
    """Return the media type by suffix. JSON may be one text or lines, whatever the suffix."""
    found = _TYPES.get(file.suffix.lower(), media_types.JSON)
    return media_types.NDJSON if found == media_types.JSON and _begins_with_a_record(file) else found


def _begins_with_a_record(file: Path) -> bool:
    with file.open("rb") as stream:
        try:
            first = json.loads(stream.readline(_LONGEST_LINE))
        except ValueError:
            return False
    return isinstance(first, dict) and "records" not in first
