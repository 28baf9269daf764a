"""Web pages of rulesets."""

from services.validation.rulesets import schemas
from services.validation.rulesets.operations import versions
from shared.http.routes import PUBLIC, RequestContext, Result, Route
from shared.reference.days import secretariat_day

HTML = "text/html"
CONTENT_SECURITY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""The headers of a page: a browser fetches and runs nothing, whatever a text contains."""


def show_ruleset(call: RequestContext, *, name: str) -> Result:
    """Return a ruleset as a page."""
    text = versions.render_ruleset(
        call.tx,
        blobs=call.runtime.blobs,
        name=name,
        on=secretariat_day(call.now),
        version=call.query["version"],
    )
    return Result(text=text, media_type=HTML, hash_etag=True, headers=CONTENT_SECURITY)


ROUTES = (
    Route(
        "GET",
        "/rulesets/<name>.html",
        show_ruleset,
        allow=PUBLIC,
        operation_id="getRulesetPage",
        statuses={200: "The page."},
        query=schemas.RulesetQuery,
        text_media_types=(HTML,),
        summary="Get a ruleset as HTML",
        has_etag=True,
    ),
)
