"""Results that clients may cache and revalidate with an ETag of the content."""

from collections.abc import Mapping
from typing import Any

from shared.http.routes import RequestContext, Result


def cacheable_json(call: RequestContext, body: Any) -> Result:
    """Return a JSON result that the client may revalidate."""
    return Result(body, hash_etag=True, headers=_headers(call))


def cacheable_text(
    call: RequestContext, text: str, media_type: str, headers: Mapping[str, str] | None = None
) -> Result:
    """Return a text result, with additional headers, that the client may revalidate."""
    return Result(
        text=text, media_type=media_type, hash_etag=True, headers={**_headers(call), **(headers or {})}
    )


def _headers(call: RequestContext) -> dict[str, str]:
    """Allow shared caches only for public results, since others depend on the credential."""
    scope = "private" if call.caller else "public"
    return {"Cache-Control": f"{scope}, no-cache", "Vary": "Accept, Authorization"}
