"""Templates, records and annotated workbooks over HTTP. What takes long is made after the transaction has ended."""

import re
from urllib.parse import quote

from services.entry import operations
from services.entry.formats.media import CSV, JSON, XLSX
from shared.http.routes import RequestContext, Result

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
"""Whose answer it is depends on the credential."""

LONGEST_NAME = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def get_template(call: RequestContext, pillar: str, kind: str, period: str) -> Result:
    """Give a template to fill in, with the records that are to be carried over in it."""
    blank = operations.find_template(
        call.tx,
        blobs=call.runtime.blobs,
        caller=call.known_caller,
        pillar=pillar,
        kind=kind,
        period=period,
        language=call.query["language"],
    )
    what = blank.mapping
    name = f"IISG-D {what.kind} {what.period} {what.pillar} {what.reporter}.xlsx"
    return Result(await_better=lambda: _file(operations.make_template(blank), XLSX, name))


def get_records(call: RequestContext, submission: str, version: str) -> Result:
    """Give a version's records as they are kept."""
    records, blobs = _records(call, submission, version), call.runtime.blobs
    return Result(await_better=lambda: _file(blobs.get(records.body), JSON, _named(records, "json")))


def get_records_csv(call: RequestContext, submission: str, version: str) -> Result:
    """Give a version's records as CSV."""
    records, blobs = _records(call, submission, version), call.runtime.blobs
    return Result(
        await_better=lambda: _file(operations.export_csv(blobs, records), CSV, _named(records, "csv"))
    )


def get_records_xlsx(call: RequestContext, submission: str, version: str) -> Result:
    """Give a version's records as a workbook."""
    records, blobs = _records(call, submission, version), call.runtime.blobs
    return Result(
        await_better=lambda: _file(operations.export_xlsx(blobs, records), XLSX, _named(records, "xlsx"))
    )


def get_annotated(call: RequestContext, submission: str) -> Result:
    """Give the sender's own workbook back, with what was found in it."""
    workbook = operations.find_workbook(call.tx, caller=call.known_caller, submission=submission)
    blobs = call.runtime.blobs
    stem = (workbook.file.name or submission).removesuffix(".xlsx")
    return Result(
        await_better=lambda: _file(operations.annotate(blobs, workbook), XLSX, f"{stem} annotated.xlsx")
    )


def _records(call: RequestContext, submission: str, version: str) -> operations.Records:
    return operations.find_records(call.tx, caller=call.known_caller, submission=submission, version=version)


def _named(records: operations.Records, form: str) -> str:
    known = records.submission
    return f"{known.kind} {known.period} {known.pillar} {known.reporter} v{records.version}.{form}"


def _file(content: bytes, media_type: str, name: str) -> Result:
    return Result(content=content, media_type=media_type, headers=PRIVATE | _saved_as(name))


def _saved_as(name: str) -> dict[str, str]:
    """Under which name a browser saves it (RFC 6266): as it is for those who read all letters, else plain ones."""
    stem, dot, form = name.rpartition(".")
    stem = stem[:LONGEST_NAME]
    plain = _UNSAFE.sub("_", stem) + dot + form
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(stem + dot + form, safe='')}"
    }
