"""Templates, records and annotated workbooks over HTTP. Files are written after the transaction ends."""

import re
from urllib.parse import quote

from services.entry.files.domain.media_types import CSV, JSON, XLSX
from services.entry.workbooks import operations, schemas
from services.entry.workbooks.domain import TableIsTooLarge, WorkbookIsBroken
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result, Route
from shared.i18n import ENGLISH
from shared.identity.rights import SUBMISSION_READERS, SUBMITTERS

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
"""Headers of a response that depends on the caller."""

MEDIA_TYPES = {"json": JSON, "csv": CSV, "xlsx": XLSX}
"""Media types of exports, by the suffix of the file."""

MAX_NAME_LENGTH = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def get_template(call: RequestContext, pillar: str, kind: str, period: str) -> Result:
    """Return a template, prefilled with the needs to carry over."""
    spec = operations.find_template(
        call.tx,
        blobs=call.runtime.blobs,
        caller=call.known_caller,
        pillar=pillar,
        kind=kind,
        period=period,
        language=call.language,
    )
    mapping = spec.mapping
    name = f"IISG-D {mapping.kind} {mapping.period} {mapping.pillar} {mapping.reporter}.xlsx"
    return Result(await_better=lambda: _file(operations.write_template(spec), XLSX, name, call.language))


def get_records(call: RequestContext, submission: str, version: str) -> Result:
    """Return the records of a version as stored."""
    return _export(call, submission, version, "json")


def get_records_csv(call: RequestContext, submission: str, version: str) -> Result:
    """Return the records of a version as CSV."""
    return _export(call, submission, version, "csv")


def get_records_xlsx(call: RequestContext, submission: str, version: str) -> Result:
    """Return the records of a version as a workbook."""
    return _export(call, submission, version, "xlsx")


def get_annotated(call: RequestContext, submission: str) -> Result:
    """Return the submitted workbook with its findings."""
    workbook = operations.find_workbook(call.tx, caller=call.known_caller, submission=submission)
    blobs = call.runtime.blobs
    stem = (workbook.file.name or submission).removesuffix(".xlsx")
    return Result(
        await_better=lambda: _file(
            operations.annotate(blobs, workbook, language=call.language),
            XLSX,
            f"{stem} annotated.xlsx",
            call.language,
        )
    )


def _export(call: RequestContext, submission: str, version: str, suffix: str) -> Result:
    records = operations.find_records(
        call.tx, caller=call.known_caller, submission=submission, version=version
    )
    known, blobs, media_type = records.submission, call.runtime.blobs, MEDIA_TYPES[suffix]
    name = f"{known.kind} {known.period} {known.pillar} {known.reporter} v{records.version}.{suffix}"
    return Result(await_better=lambda: _file(operations.export(blobs, records, media_type), media_type, name))


def _file(content: bytes, media_type: str, name: str, language: str = ENGLISH) -> Result:
    headers = PRIVATE | _content_disposition(name)
    return Result(content=content, media_type=media_type, headers=headers, language=language)


def _content_disposition(name: str) -> dict[str, str]:
    """Return the header with the file name (RFC 6266), in Unicode and in ASCII."""
    stem, dot, form = name.rpartition(".")
    stem = stem[:MAX_NAME_LENGTH]
    ascii_name = _UNSAFE.sub("_", stem) + dot + form
    return {
        "Content-Disposition": f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(stem + dot + form, safe='')}"
    }


ROUTES = (
    Route(
        "GET",
        "/templates/<pillar>/<kind>/<period>.xlsx",
        get_template,
        allow=SUBMITTERS,
        operation_id="downloadTemplate",
        summary="Download a template, prefilled with the needs to carry over",
        binary_media_types=(XLSX,),
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions/<version>/records.json",
        get_records,
        allow=SUBMISSION_READERS,
        operation_id="downloadRecords",
        summary="Download the records of a version as JSON",
        response_schema=schemas.RecordsResponse,
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions/<version>/records.csv",
        get_records_csv,
        allow=SUBMISSION_READERS,
        operation_id="downloadRecordsCsv",
        summary="Download the records of a version as CSV",
        text_media_types=(CSV,),
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions/<version>/records.xlsx",
        get_records_xlsx,
        allow=SUBMISSION_READERS,
        operation_id="downloadRecordsXlsx",
        summary="Download the records of a version as a workbook",
        binary_media_types=(XLSX,),
    ),
    Route(
        "GET",
        "/submissions/<submission>/annotated.xlsx",
        get_annotated,
        allow=SUBMISSION_READERS,
        operation_id="downloadAnnotatedWorkbook",
        summary="Download the submitted workbook with its findings",
        binary_media_types=(XLSX,),
    ),
)

PROBLEMS = {
    TableIsTooLarge: Problem(422, "The table is too large"),
    WorkbookIsBroken: Problem(422, "The workbook cannot be annotated"),
}
