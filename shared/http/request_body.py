"""Reading requests: the body, into memory or the blob store, and the query."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from marshmallow import Schema, ValidationError

from shared.errors import FieldError, Unprocessable
from shared.http.json_codec import read_json, same_json
from shared.http.languages import PARAMETER
from shared.http.problems import (
    BodyIsNotJson,
    BodyIsTooLarge,
    BodyIsTruncated,
    EncodingIsUnsupported,
    IdempotencyKeyIsMissing,
    MediaTypeIsUnsupported,
    field_errors_of,
)
from shared.http.routes import Route, UploadedFile
from shared.i18n import Text
from shared.resources import Runtime

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 50

PIECE_BYTES = 256 * 1024
"""The size of the pieces in which a file is read."""

START_BYTES = 4 * 1024
"""The size of a file's start, which tells its format."""

IDENTITY = "identity"
"""The Content-Encoding of a body that is not encoded."""


def read_body(limit: int, route: Route) -> bytes:
    """Return the body, empty on a route without one; raise if it is too large, truncated or of another media type.

    An omitted body is an empty object where nothing in the body is required.
    """
    if route.method not in ("POST", "PUT") or route.request_media_types:
        return b""
    if route.body_is_optional and _has_no_body():
        return b"{}"
    _check_headers(limit, (FORM if route.request_is_form else JSON,))
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise BodyIsTooLarge(limit)
    _check_complete(len(body))
    return body


@contextmanager
def store_upload(runtime: Runtime, route: Route) -> Iterator[UploadedFile]:
    """Stream the body to the disk. It is discarded when the block ends, unless the view keeps it.

    The caller was admitted before; a missing Idempotency-Key is refused here.
    """
    if not request.headers.get("Idempotency-Key"):
        raise IdempotencyKeyIsMissing
    limit = runtime.settings.max_file_bytes
    _check_headers(limit, route.request_media_types)
    start = b""
    with runtime.blobs.receive() as upload:
        while piece := request.stream.read(PIECE_BYTES):
            start += piece[: START_BYTES - len(start)]
            upload.write(piece)
            if upload.size > limit:
                raise BodyIsTooLarge(limit)
        _check_complete(upload.size)
        charset = request.mimetype_params.get("charset")
        yield UploadedFile(
            upload.sha256, upload.size, request.mimetype, upload.keep, upload.open, charset, start
        )


def json_content(file: UploadedFile, *, limit: int) -> bytes | None:
    """Return the content of a JSON file, however it is serialised; None for other files, and for larger ones."""
    if file.media_type != JSON or file.size > limit:
        return None
    try:
        with file.open() as stream:
            return same_json(read_json(stream.read()))
    except BodyIsNotJson:
        return None


def _check_headers(limit: int, media_types: Sequence[str]) -> None:
    if request.content_length is not None and request.content_length > limit:
        raise BodyIsTooLarge(limit)
    if request.mimetype not in media_types:
        raise MediaTypeIsUnsupported(request.mimetype, media_types)
    encoding = request.headers.get("Content-Encoding", "").strip()
    if encoding and encoding.lower() != IDENTITY:
        raise EncodingIsUnsupported(encoding)


def _has_no_body() -> bool:
    """Return whether the request announces no body. A chunked one announces no length."""
    return not request.content_length and "Transfer-Encoding" not in request.headers


def _check_complete(size: int) -> None:
    """Refuse a truncated body. Half of a CSV file, for example, looks complete."""
    if request.content_length is not None and size < request.content_length:
        raise BodyIsTruncated(request.content_length, size)


def requested_path() -> str:
    """Return the path with its query, exactly as requested, but without the language of the response."""
    parts = request.query_string.decode("latin-1").split("&")
    # The same request in another language is the same request.
    query = "&".join(part for part in parts if part.partition("=")[0] != PARAMETER)
    return f"{request.path}?{query}" if query else request.path


def parse_body(body: bytes, *, is_form: bool) -> Any:
    """Parse the body; raise `BodyIsNotJson`, or `Unprocessable` for a form."""
    return _read_form(body) if is_form else read_json(body)


def load_body(schema: Schema, value: Any) -> Any:
    """Load a parsed body with a schema; raise `Unprocessable` with the errors and their places."""
    try:
        return schema.load(value)
    except ValidationError as error:
        raise Unprocessable(field_errors_of(error.messages)) from None


def _read_form(body: bytes) -> Mapping[str, str]:
    """Parse a form; refuse repeated fields (RFC 6749, 3.2) and unreadable ones."""
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Unprocessable([FieldError("", Text("The body is not a readable form."))]) from None
    read: dict[str, str] = {}
    for name, value in fields:
        if name in read or "\0" in name + value:
            raise Unprocessable(
                [FieldError(f"/{name[:100]}", Text("The field is repeated, or contains a NUL character."))]
            )
        read[name] = value
    return read


def load_query(schema: Schema | None) -> Mapping[str, Any]:
    """Load the query with a schema; raise `Unprocessable`, also for unknown parameters."""
    lists = [(name, values) for name, values in request.args.lists() if name != PARAMETER]
    if schema is None and not lists:
        return {}
    given = {name: values if len(values) > 1 else values[0] for name, values in lists}
    if with_nul := [name for name, values in lists if "\0" in "".join(values)]:
        raise Unprocessable(
            [
                FieldError(f"/query/{name}", Text("A text must not contain a NUL character."))
                for name in with_nul
            ]
        )
    if schema is None:
        raise Unprocessable(
            [
                FieldError(f"/query/{name}", Text("The parameter is unknown."), Text("no parameters"))
                for name in given
            ]
        )
    try:
        loaded: Mapping[str, Any] = schema.load(given)
    except ValidationError as error:
        raise Unprocessable(field_errors_of(error.messages, "/query")) from None
    return loaded
