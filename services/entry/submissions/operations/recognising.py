"""Recognise a workbook that was made from a version: corrected and submitted again, it corrects that version."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO

from services.entry.files.domain.media_types import XLSX
from services.entry.files.domain.workbook_origins import WorkbookOrigin, read_origin
from services.entry.submissions.domain.counting import CORRECTION, WorkbookUse
from services.entry.submissions.domain.refusals import WorkbookIsForAnother
from services.entry.submissions.operations.commands import SubmitCommand
from services.entry.submissions.store import submissions
from shared.database import Transaction

Supersedes = dict[str, Any]


def recognise_workbook(
    tx: Transaction, *, open_file: Callable[[], BinaryIO], command: SubmitCommand, is_new: bool
) -> tuple[SubmitCommand, Supersedes | None]:
    """Return the command with the use of its workbook, and the version that the workbook corrects, if any.

    Only a small part of the file is read. With `is_new`, the workbook corrects nothing. Raise `WorkbookIsForAnother` for
    a template or workbook of another mapping.
    """
    file = command.file
    if file is None or file.media_type != XLSX:
        return command, None
    with open_file() as stream:
        origin = read_origin(stream)
    if origin is None:
        return command, None
    if origin.reporter != command.caller.reporter:
        return replace(command, workbook=WorkbookUse("other_reporter")), None
    _check_mapping(command, origin)
    if origin.submission is None or origin.version is None:
        return command, None
    used = WorkbookUse(_reason(tx, command, origin, is_new=is_new), origin.submission, origin.version)
    if used.reason != CORRECTION:
        return replace(command, workbook=used), None
    supersedes = {"submission": origin.submission, "version": origin.version}
    return replace(command, workbook=used), supersedes


def _reason(tx: Transaction, command: SubmitCommand, origin: WorkbookOrigin, *, is_new: bool) -> str:
    """Return the reason for the use of a workbook of the caller's own."""
    if is_new:
        return "new"
    known = submissions.find_submission(tx, origin.submission or "")
    if known is None or known.reporter != command.caller.reporter or known.is_trial:
        return "unknown"
    return "withdrawn" if known.state == "withdrawn" else CORRECTION


def _check_mapping(command: SubmitCommand, origin: WorkbookOrigin) -> None:
    made_for = (origin.pillar, origin.kind, origin.period)
    submitted = (command.pillar, command.kind, command.period)
    if made_for != submitted:
        raise WorkbookIsForAnother(made_for=made_for, submitted=submitted)
