"""Web pages of rulesets."""

from services.validation.rulesets import schemas
from services.validation.rulesets.formats.html import CONTENT_SECURITY, HTML
from services.validation.rulesets.operations import versions
from shared.http.routes import PUBLIC, RequestContext, Result, Route


def show_ruleset(call: RequestContext, *, name: str) -> Result:
    """Return a ruleset as a page."""
    text, etag = versions.render_ruleset(
        call.tx, blobs=call.runtime.blobs, name=name, on=call.now.date(), version=call.query["version"]
    )
    return Result(text=text, media_type=HTML, etag=etag, headers=CONTENT_SECURITY)


ROUTES = (
    Route(
        "GET",
        "/rulesets/<name>.html",
        show_ruleset,
        allow=PUBLIC,
        query=schemas.RulesetQuery,
        text_media_types=(HTML,),
        summary="Get a ruleset as HTML",
    ),
)
