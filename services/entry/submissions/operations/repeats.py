"""Compose the body of a new submission that repeats records."""

from dataclasses import replace
from functools import partial

from services.entry.files.domain.accounts import account_of_records
from services.entry.submissions.domain.submissions import Version
from services.entry.submissions.operations.commands import Content, SubmitCommand
from services.entry.submissions.operations.merging import PlacedLine, compose_body
from services.entry.submissions.operations.statements import (
    find_repeats,
    subjects_of_command,
    with_repeated,
)
from shared.blobs import Blobs
from shared.database import Transaction
from shared.records.canonical import canonical_json


def with_repeats(
    tx: Transaction,
    blobs: Blobs,
    version: Version,
    *,
    command: SubmitCommand,
    content: Content,
    place: str,
) -> Version:
    """Return a first version with its body, in which repeated records have the places of what they repeat."""
    if content.body is None:
        return version
    repeats = find_repeats(tx, blobs, subjects_of_command(command), own=place)
    account = with_repeated(account_of_records(len(command.records)), repeats, command.refs)
    facts = command.facts
    if repeats.outdated:
        facts |= {"reading": blobs.put(tx, canonical_json(account.whole))}
    placed = [PlacedLine(*each) for each in zip(command.lines, repeats.places, strict=True)]
    body = blobs.put(tx, compose_body(facts, placed, put=partial(blobs.put, tx), own=place, default=place))
    return replace(version, body=body, records=len(placed), reading=account.overview)
