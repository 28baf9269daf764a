"""What of a request is read: its body, into memory or to the blob store, and its query."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from flask import request
from marshmallow import Schema, ValidationError

from shared.errors import FieldError, Unprocessable
from shared.http.json_codec import read_json
from shared.http.problems import (
    BodyIsTooLarge,
    BodyIsTruncated,
    EncodingIsUnsupported,
    IdempotencyKeyIsMissing,
    MediaTypeIsUnsupported,
    field_errors_of,
)
from shared.http.routes import Route, UploadedFile
from shared.resources import Runtime

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 50

PIECE_BYTES = 256 * 1024
"""A file is taken in pieces of this size."""


def read_body(limit: int, route: Route) -> bytes:
    """The body of a request that brings one; raises for one that is too large, cut short or of another type."""
    if route.method not in ("POST", "PUT") or route.request_media_types:
        return b""
    _check_head(limit, (FORM if route.request_is_form else "application/json",))
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        raise BodyIsTooLarge(limit)
    _check_whole(len(body))
    return body


def store_upload(runtime: Runtime, route: Route) -> UploadedFile:
    """Take the body to the blob store as it comes. Who is not named to it, or names no key, has been refused before."""
    if not request.headers.get("Idempotency-Key"):
        raise IdempotencyKeyIsMissing
    limit = runtime.settings.max_file_bytes
    _check_head(limit, route.request_media_types)
    with runtime.blobs.upload() as incoming:
        while piece := request.stream.read(PIECE_BYTES):
            incoming.write(piece)
            if incoming.size > limit:
                raise BodyIsTooLarge(limit)
        _check_whole(incoming.size)
        return UploadedFile(incoming.commit(), incoming.size, request.mimetype)


def _check_head(limit: int, media_types: Sequence[str]) -> None:
    if request.content_length is not None and request.content_length > limit:
        raise BodyIsTooLarge(limit)
    if request.mimetype not in media_types:
        raise MediaTypeIsUnsupported(request.mimetype, media_types)
    if encoding := request.headers.get("Content-Encoding"):
        raise EncodingIsUnsupported(encoding)


def _check_whole(size: int) -> None:
    """A client that goes in the middle leaves a body that may look whole: half of a CSV file is one."""
    if request.content_length is not None and size < request.content_length:
        raise BodyIsTruncated(request.content_length, size)


def requested_path() -> str:
    """The path with its query, as it was asked."""
    query = request.query_string.decode("latin-1")
    return f"{request.path}?{query}" if query else request.path


def load_body(schema: Schema, body: bytes, *, is_form: bool) -> Any:
    """The body as the schema loads it; `Unprocessable` says what is wrong where."""
    try:
        return schema.load(_read_form(body) if is_form else read_json(body))
    except ValidationError as error:
        raise Unprocessable(field_errors_of(error.messages)) from None


def _read_form(body: bytes) -> Mapping[str, str]:
    """The fields of a form; one that comes twice, or cannot be read, means nothing (RFC 6749, 3.2)."""
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Unprocessable([FieldError("", "This is no form that can be read.")]) from None
    read: dict[str, str] = {}
    for name, value in fields:
        if name in read or "\0" in name + value:
            raise Unprocessable([FieldError(f"/{name[:100]}", "It comes twice, or holds a NUL character.")])
        read[name] = value
    return read


def load_query(schema: Schema | None) -> Mapping[str, Any]:
    """The query as the schema loads it; `Unprocessable` also for what it does not know."""
    if schema is None and not request.args:
        return {}
    given = {name: values if len(values) > 1 else values[0] for name, values in request.args.lists()}
    if with_nul := [name for name, values in request.args.lists() if "\0" in "".join(values)]:
        raise Unprocessable(
            [FieldError(f"/query/{name}", "No text holds a NUL character.") for name in with_nul]
        )
    if schema is None:
        raise Unprocessable(
            [FieldError(f"/query/{name}", "There is no such parameter.", "no parameters") for name in given]
        )
    try:
        loaded: Mapping[str, Any] = schema.load(given)
    except ValidationError as error:
        raise Unprocessable(field_errors_of(error.messages, "/query")) from None
    return loaded
