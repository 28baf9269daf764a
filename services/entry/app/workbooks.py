"""What entry does about files for those who report, declared."""

from services.entry.api import workbooks as api
from services.entry.app.submissions import READERS, REPORTERS
from services.entry.formats.annotating import WorkbookIsBroken
from services.entry.formats.flattening import TableIsTooLarge
from services.entry.formats.media import CSV, XLSX
from services.entry.schemas import workbooks as schemas
from shared.http.problems import Problem
from shared.http.routes import Route

ROUTES = (
    Route(
        "GET",
        "/templates/<pillar>/<kind>/<period>.xlsx",
        api.get_template,
        allow=REPORTERS,
        summary="Give a template to fill in: a workbook, with what is to be carried over in it",
        query=schemas.TemplateQuery,
        binary_media_types=(XLSX,),
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions/<version>/records.json",
        api.get_records,
        allow=READERS,
        summary="Give a version's records as they are kept",
        response_schema=schemas.RecordsAnswer,
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions/<version>/records.csv",
        api.get_records_csv,
        allow=READERS,
        summary="Give a version's records as CSV",
        text_media_types=(CSV,),
    ),
    Route(
        "GET",
        "/submissions/<submission>/versions/<version>/records.xlsx",
        api.get_records_xlsx,
        allow=READERS,
        summary="Give a version's records as a workbook",
        binary_media_types=(XLSX,),
    ),
    Route(
        "GET",
        "/submissions/<submission>/annotated.xlsx",
        api.get_annotated,
        allow=READERS,
        summary="Give the workbook that was handed in, with what was found marked in it",
        binary_media_types=(XLSX,),
    ),
)

PROBLEMS = {
    TableIsTooLarge: Problem(422, "The table is too large"),
    WorkbookIsBroken: Problem(422, "The workbook cannot be marked"),
}
