"""Responses that clients may cache and revalidate: an ETag from the content, and whose copy it is."""

import hashlib
from typing import Any

from shared.http.bodies import canonical_json
from shared.http.calls import Answer, Call


def cacheable_json(call: Call, body: Any) -> Answer:
    """Return a JSON answer that the client may revalidate with its ETag."""
    return Answer(body, etag=_content_tag(canonical_json(body)), headers=_headers(call))


def cacheable_text(call: Call, text: str, media_type: str) -> Answer:
    """Return a text answer that the client may revalidate with its ETag."""
    return Answer(text=text, media_type=media_type, etag=_content_tag(text.encode()), headers=_headers(call))


def _content_tag(content: bytes) -> str:
    """Return a strong ETag: equal contents have equal tags, whenever they were computed."""
    return hashlib.sha256(content).hexdigest()[:32]


def _headers(call: Call) -> dict[str, str]:
    """Allow shared caches only for public answers, since the answer depends on the credential."""
    scope = "private" if call.caller else "public"
    return {"Cache-Control": f"{scope}, no-cache", "Vary": "Accept, Authorization"}
