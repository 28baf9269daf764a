"""Routes as data, the request that a view receives, and the result that it returns."""

from collections.abc import Callable, Container, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, BinaryIO, Literal, Self

from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_etags

from shared.database import ALL_ROWS, NO_ROWS, Transaction
from shared.errors import ANY_VERSION
from shared.http.limits import RateLimiter
from shared.http.problems import Problem
from shared.i18n import ENGLISH
from shared.identity.callers import Caller
from shared.identity.rights import Role
from shared.resources import Runtime

Method = Literal["GET", "POST", "PUT", "DELETE"]

PUBLIC: frozenset[Role] = frozenset()
"""Anyone, even without a token."""


@dataclass
class Result:
    """The result of a view. The edge turns it into a response."""

    body: Any = None
    """The body as JSON. Its texts are translated when it is written."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    hash_etag: bool = False
    """Take the hash of the response's body as its ETag."""
    language: str = ENGLISH
    """The language in which the view wrote its texts."""
    text: str | None = None
    """A text body other than JSON, with its `media_type`."""
    content: bytes | None = None
    """A binary body, with its `media_type`."""
    media_type: str = "application/json"
    stored_body: Any = None
    """The body stored for repeats of the request, where `body` holds a secret that is shown once."""
    await_better: Callable[[], "Result | None"] | None = None
    """Called after the commit. A result that it returns replaces this one."""
    on_conflict: Callable[[Transaction], "Result"] | None = None
    """Called in a transaction of its own if a row of this transaction exists already. Its result replaces this one."""
    on_rollback: Callable[[], None] | None = None
    """Called if another result replaces this one because its transaction was rolled back."""


@dataclass(frozen=True)
class UploadedFile:
    """A file on disk, hashed but not parsed. It is discarded after the request unless the view keeps it."""

    sha256: str
    size: int
    media_type: str
    keep: Callable[[], None]
    """Keeps the file as a blob. A view calls it before its transaction ends, if a row names the file."""
    open: Callable[[], BinaryIO]
    """Opens the file as a seekable stream, before it is kept. The caller closes the stream."""
    charset: str | None = None
    """The encoding that the Content-Type names."""
    start: bytes = b""
    """The first bytes of the file."""


class RequestContext:
    """One checked request: its caller, its content, and the transaction that its response ends."""

    def __init__(
        self,
        *,
        runtime: Runtime,
        caller: Caller | None,
        only_reads: bool,
        body: Any,
        query: Mapping[str, Any],
        headers: Mapping[str, str],
        file: UploadedFile | None = None,
        address: str | None = None,
        visible_to: str = NO_ROWS,
        limits: RateLimiter | None = None,
        language: str = ENGLISH,
    ) -> None:
        self.language = language
        """The language of the response, one of `shared.i18n.LANGUAGES`."""
        self.runtime = runtime
        self.body = body
        self.query = query
        self.headers = headers
        self.address = address
        """The client's address, as reported by the trusted proxies."""
        self.visible_to = visible_to
        """The reporters' rows that the database shows; for transactions that the view opens itself."""
        self._file = file
        self.now: datetime = runtime.clock.now()
        self._caller = caller
        self._limits = limits
        self._only_reads = only_reads
        self._stack = ExitStack()
        self._tx: Transaction | None = None

    @property
    def caller(self) -> Caller | None:
        """The caller; None only on a public route, without a token."""
        return self._caller

    @property
    def known_caller(self) -> Caller:
        """The caller, on a route that needs a token."""
        if self._caller is None:
            raise TypeError("this route is public: it may have no caller")
        return self._caller

    @property
    def file(self) -> UploadedFile:
        """The uploaded file, on a route that accepts files."""
        if self._file is None:
            raise TypeError("this route accepts no files")
        return self._file

    @property
    def tx(self) -> Transaction:
        """The request's transaction, opened on first use: read-only on a route that only reads."""
        if self._tx is None:
            database = self.runtime.database
            open_ = database.read if self._only_reads else database.begin
            self._tx = self._stack.enter_context(open_(visible_to=self.visible_to))
        return self._tx

    def consume(self, *, records: int) -> None:
        """Count records against the caller's quota; raise `LimitIsReached` if they exceed it."""
        if self._limits is not None:
            self._limits.consume(self.known_caller.reporter, "records", records, now=self.now)

    def preferred_of(self, *media_types: str) -> str:
        """Return the media type that the client prefers (header Accept), the first if it has no preference."""
        accept: MIMEAccept = parse_accept_header(self.headers.get("Accept"), MIMEAccept)
        # Parameters such as a charset do not matter to the choice.
        accept = MIMEAccept([(item.partition(";")[0], quality) for item, quality in accept])
        return max(media_types, key=accept.quality)

    def requested_type(self, formats: Mapping[str, str]) -> str:
        """Return the media type that the parameter `format` names, else the one that the client prefers."""
        named = self.query.get("format")
        return formats[named] if named else self.preferred_of(*formats.values())

    @property
    def if_match(self) -> Container[str] | None:
        """The ETags that the header If-Match names, None without it; for `shared.errors.check_match`.

        A weak ETag counts as the strong one: proxies that compress a response weaken its ETag.
        """
        sent = self.headers.get("If-Match", "").strip()
        if not sent:
            return None
        tags = parse_etags(sent)
        return ANY_VERSION if tags.star_tag else frozenset(tags.as_set(include_weak=True))

    @property
    def prefer_wait(self) -> float:
        """The seconds that the client would wait (RFC 7240), 0 without such a preference."""
        for part in self.headers.get("Prefer", "").split(","):
            # A preference may have parameters, and its value may be quoted.
            name, _, value = part.partition(";")[0].partition("=")
            seconds = value.strip().strip('"')
            if name.strip().lower() == "wait" and seconds.isascii() and seconds.isdigit():
                return float(seconds)
        return 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> bool | None:
        return self._stack.__exit__(*error)  # type: ignore[arg-type]


View = Callable[..., Result]


@dataclass(frozen=True)
class Refusals:
    """The rendering of problems where a standard prescribes another form than problem+json."""

    render: Callable[[Exception, Problem], Result]
    response_schema: type[Schema]


@dataclass(frozen=True)
class Route:
    """One route of a service: its address, its view, the roles that may use it, and its schemas."""

    method: Method
    path: str
    view: View
    allow: frozenset[Role]
    operation_id: str = ""
    """The name of the operation in clients that are generated from the description. It never changes."""
    summary: str = ""
    query: type[Schema] | None = None
    request_schema: type[Schema] | None = None
    request_media_types: tuple[str, ...] = ()
    """The media types of a file, which goes to the blob store whatever its size. The view reads it as `call.file`."""
    request_is_form: bool = False
    """Whether the body is a form (`application/x-www-form-urlencoded`)."""
    response_schema: type[Schema] | None = None
    text_media_types: tuple[str, ...] = ()
    """The media types, besides JSON, of text responses."""
    binary_media_types: tuple[str, ...] = ()
    """The media types of binary responses."""
    stores_nothing: bool = False
    """Whether a POST only computes a response. It may be repeated, so it needs no Idempotency-Key, and it cannot write."""
    statuses: Mapping[int, str] = field(default_factory=lambda: {200: ""}, hash=False)
    """The statuses of a successful response, with what they mean where the response's schema does not say it."""
    response_headers: tuple[str, ...] = ()
    """The headers of a successful response that depend on the view, such as Location."""
    has_etag: bool = False
    """Whether a successful response has an ETag."""
    may_wait: bool = False
    """Whether the client may prefer to wait for a better result (`Prefer: wait`)."""
    examples: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Examples of the request's body, by name."""
    refuses: Refusals | None = None
    all_rows_reason: str = ""
    """The reason for which the view reads all reporters' rows, for any caller. The view decides which of them it shows."""
    at_root: bool = False
    """Whether the path is the whole address, as a standard or a convention prescribes."""

    def address(self, service: str) -> str:
        """Return the path of the route's URL."""
        return self.path if self.at_root else f"/{service}/v1{self.path}"

    @property
    def needs_key(self) -> bool:
        """Whether a request needs an Idempotency-Key. Keys are stored per caller, so a public route has none."""
        return self.method == "POST" and not self.stores_nothing and bool(self.allow)

    @cached_property
    def body_is_optional(self) -> bool:
        """Whether a request may have no body, because nothing in the body is required."""
        if self.request_schema is None or self.request_is_form:
            return False
        try:
            self.request_schema().load({})
        except ValidationError:
            return False
        return True

    def visible_to(self, caller: Caller | None) -> str:
        """Return the rows that the database shows to the view: the caller's, and none without a caller."""
        if self.all_rows_reason:
            return ALL_ROWS
        return caller.visible_to if caller else NO_ROWS

    @property
    def scope(self) -> str:
        """The scope that a token needs."""
        return "read" if self.only_reads else "write"

    @property
    def only_reads(self) -> bool:
        """Whether a request changes nothing."""
        return self.method == "GET" or self.stores_nothing
