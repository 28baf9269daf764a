"""Validation for people: the rules as a page."""

import hashlib

from services.validation import operations
from services.validation.formats.media import HTML, NOTHING_RUNS
from services.validation.formats.ruleset_html import ruleset_as_html
from shared.http.routes import RequestContext, Result


def read_ruleset(call: RequestContext, *, name: str) -> Result:
    """One ruleset, to be read."""
    ruleset = operations.get_ruleset(
        call.tx, blobs=call.runtime.blobs, name=name, on=call.now.date(), version=call.query["version"]
    )
    text = ruleset_as_html(ruleset)
    etag = hashlib.sha256(text.encode()).hexdigest()[:32]
    return Result(text=text, media_type=HTML, etag=etag, headers=NOTHING_RUNS)
