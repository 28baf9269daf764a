"""The records in a file, as reporters hand it in: read by the same readers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from services.entry.formats import media
from services.entry.formats.reading import FileIsRefused, read_file
from services.validation.engine.domain.evaluation.origins import Origins

_TYPES = {
    ".csv": media.CSV,
    ".tsv": media.CSV,
    ".xlsx": media.XLSX,
    ".xml": media.XML,
    ".ndjson": media.NDJSON,
    ".jsonl": media.NDJSON,
    ".json": media.JSON,
}
_TABLES = (media.CSV, media.XLSX)
_LONGEST_LINE = 4 * 1024 * 1024


@dataclass(frozen=True)
class Given:
    """Records, with what a body says about the submission, and where a table's cells are."""

    records: Sequence[dict[str, Any]]
    facts: Mapping[str, Any]
    origins: Origins | None


def read_given(file: Path, *, kind: str | None) -> Given:
    """Read a file by what its name ends with; in a table the headings are known of each `kind` of record."""
    media_type = _type_of(file)
    if kind is None and media_type in _TABLES:
        raise click.UsageError("Say --kind: the file does not.")
    try:
        with file.open("rb") as stream:
            read = read_file(stream, media_type=media_type, kind=kind or "support", name=file.name)
            records = list(read.records)
    except FileIsRefused as refused:
        where = f" ({refused.place})" if refused.place else ""
        raise click.ClickException(f"{file.name}{where}: {refused.message} {refused.expected}") from None
    facts = {"kind": "support", **read.facts} if media_type == media.XML else read.facts
    for remark in read.remarks:
        click.echo(remark, err=True)
    return Given(records, facts, Origins(**read.origins) if read.origins else None)


def _type_of(file: Path) -> str:
    """By its name; JSON may stand in one text or on lines, whatever the file is called."""
    found = _TYPES.get(file.suffix.lower(), media.JSON)
    return media.NDJSON if found == media.JSON and _begins_with_a_record(file) else found


def _begins_with_a_record(file: Path) -> bool:
    with file.open("rb") as stream:
        try:
            first = json.loads(stream.readline(_LONGEST_LINE))
        except ValueError:
            return False
    return isinstance(first, dict) and "records" not in first
