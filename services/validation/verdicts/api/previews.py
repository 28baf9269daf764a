"""The API of previews."""

from services.validation.findings.domain.media_types import CSV, HTML, XLSX
from services.validation.verdicts.api.answers import report_answer
from services.validation.verdicts.operations import previews
from services.validation.verdicts.schemas.previews import PreviewBody, PreviewQuery, PreviewResponse
from shared.http.routes import RequestContext, Result, Route
from shared.identity.rights import SUBMITTERS
from shared.reference import KINDS
from shared.reference.fields.examples import example_submission


def preview_verdict(call: RequestContext) -> Result:
    """Preview the verdict on a body; nothing is stored."""
    call.consume(records=len(call.body["records"]))
    with_outcomes = call.query["outcomes"] == "all"
    facts = ("pillar", "kind", "period", "tlp", "records")
    corrected = call.body["supersedes"]
    report, heading = previews.preview_verdict(
        database=call.runtime.database,
        blobs=call.runtime.blobs,
        command=previews.PreviewCommand(
            caller=call.known_caller,
            supersedes=corrected and corrected["submission"],
            **{name: call.body[name] for name in facts},
        ),
        now=call.now,
        with_outcomes=with_outcomes,
    )
    # Outcomes of single records come as JSON only.
    form = call.query["format"] or ("json" if with_outcomes else None)
    return report_answer(call, report, heading, form=form, name="check")


ROUTES = (
    Route(
        "POST",
        "/check",
        preview_verdict,
        allow=SUBMITTERS,
        operation_id="previewVerdict",
        stores_nothing=True,
        query=PreviewQuery,
        request_schema=PreviewBody,
        response_schema=PreviewResponse,
        text_media_types=(CSV, HTML),
        binary_media_types=(XLSX,),
        summary="Preview the verdict on a body; nothing is stored",
        has_etag=True,
        examples={kind: example_submission(kind) for kind in KINDS},
    ),
)
