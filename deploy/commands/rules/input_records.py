"""Records in a file, read by the same readers as submitted files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from services.entry.files.domain import media_types
from services.entry.files.domain.accounts import account_of
from services.entry.files.domain.refusals import FileIsRefused
from services.entry.files.operations import read_file
from services.validation.engine.domain.evaluation.origins import Origins
from shared.reference.accounts import Account

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
    """Records, the facts of their submission, the cells of a table, and what was read and what was not."""

    records: Sequence[dict[str, Any]]
    facts: Mapping[str, Any]
    origins: Origins | None
    account: Account


def read_input(file: Path, *, kind: str | None) -> InputRecords:
    """Read a file by its suffix. In a table, the headings are those of the given `kind` of record."""
    media_type = _type_of(file)
    if kind is None and media_type in _TABLES:
        raise click.UsageError("The file does not state the kind. Use --kind.")
    try:
        with file.open("rb") as stream:
            read = read_file(stream, media_type=media_type, kind=kind or "support", name=file.name)
            records = list(read.records)
        account = account_of(read, media_type=media_type, records=len(records))
    except FileIsRefused as refused:
        where = f" ({refused.place})" if refused.place else ""
        raise click.ClickException(f"{file.name}{where}: {refused.message} {refused.expected}") from None
    facts = {"kind": "support", **read.facts} if media_type == media_types.XML else read.facts
    origins = Origins(**read.origins) if read.origins else None
    return InputRecords(records, facts, origins, account)


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
