"""Web pages of rulesets."""

from services.validation.rulesets import schemas
from services.validation.rulesets.formats.html import CONTENT_SECURITY, HTML
from services.validation.rulesets.operations import versions
from shared.http import PUBLIC, Answer, Call, Route


def show_ruleset(call: Call, *, name: str) -> Answer:
    """Return a ruleset as a page."""
    text, etag = versions.render_ruleset(
        call.tx, blobs=call.runtime.blobs, name=name, on=call.now.date(), version=call.query["version"]
    )
    return Answer(text=text, media_type=HTML, etag=etag, headers=CONTENT_SECURITY)


ROUTES = (
    Route(
        "GET",
        "/rulesets/<name>.html",
        show_ruleset,
        allow=PUBLIC,
        query=schemas.RulesetQuery,
        gives_texts=(HTML,),
        summary="Get a ruleset as HTML",
    ),
)
