"""What a view is given and gives back. A view translates and calls one operation."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from marshmallow import Schema

from shared.database import ALL_ROWS, NO_ROWS, Transaction
from shared.http.limits import RateLimiter
from shared.http.problems import MatchIsRequired, MatchIsStale, Problem
from shared.identity.callers import Caller
from shared.identity.rights import Role
from shared.resources import Runtime

Method = Literal["GET", "POST", "PUT", "DELETE"]

PUBLIC: frozenset[Role] = frozenset()
"""Everybody, also without a token."""


@dataclass
class Result:
    """What a view gives back; the kernel makes the response."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    text: str | None = None
    """A body that is not JSON, with its `media_type`."""
    content: bytes | None = None
    """A body that is no text at all, with its `media_type`."""
    media_type: str = "application/json"
    stored_body: Any = None
    """What is stored, and given to a repeat of the request, where the body holds a secret that is shown once."""
    await_better: Callable[[], "Result | None"] | None = None
    """Called after the commit; what it gives is sent instead."""
    on_conflict: Callable[[Transaction], "Result"] | None = None
    """Called in a transaction of its own where a row of this one's was there already; what it gives is sent instead."""


@dataclass(frozen=True)
class UploadedFile:
    """What came as a file, on disk and hashed, and not looked into."""

    sha256: str
    size: int
    media_type: str


class RequestContext:
    """One request, checked: who calls, what came along, and the transaction that its answer ends."""

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
    ) -> None:
        self.runtime = runtime
        self.body = body
        self.query = query
        self.headers = headers
        self.address = address
        """Where the request came from, as far as the proxies before us can be believed."""
        self.visible_to = visible_to
        """What the database shows of reporters' rows; for transactions that the view opens by itself."""
        self._file = file
        self.now: datetime = runtime.clock.now()
        self._caller = caller
        self._limits = limits
        self._only_reads = only_reads
        self._stack = ExitStack()
        self._tx: Transaction | None = None

    @property
    def caller(self) -> Caller | None:
        """Who calls; None only on a public route, without a token."""
        return self._caller

    @property
    def known_caller(self) -> Caller:
        """Who calls, on a route that needs a token."""
        if self._caller is None:
            raise TypeError("this route is public: its caller may be nobody")
        return self._caller

    @property
    def file(self) -> UploadedFile:
        """The file that came, on a route that takes files."""
        if self._file is None:
            raise TypeError("this route takes no files")
        return self._file

    @property
    def tx(self) -> Transaction:
        """The request's transaction, opened when first needed: to read where nothing is kept, else to write."""
        if self._tx is None:
            database = self.runtime.database
            open_ = database.read if self._only_reads else database.begin
            self._tx = self._stack.enter_context(open_(visible_to=self.visible_to))
        return self._tx

    def consume(self, *, records: int) -> None:
        """Count records against what the caller may hand in; raises `LimitIsReached` when it is too much."""
        if self._limits is not None:
            self._limits.consume(self.known_caller.reporter, "records", records, now=self.now)

    @property
    def if_match(self) -> str | None:
        """The ETag that the client is changing, without its quotes."""
        given = self.headers.get("If-Match")
        return given.strip().removeprefix("W/").strip('"') if given else None

    def require_match(self, etag: str) -> None:
        """Raise `MatchIsRequired` (428) or `MatchIsStale` (412) unless If-Match names the present state."""
        if self.if_match is None:
            raise MatchIsRequired
        if self.if_match != etag:
            raise MatchIsStale

    @property
    def prefer_wait(self) -> float:
        """Seconds that the client would wait (RFC 7240), 0 if it did not say."""
        for part in self.headers.get("Prefer", "").split(","):
            name, _, value = part.strip().partition("=")
            if name.lower() == "wait" and value.strip().isdigit():
                return float(value)
        return 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> bool | None:
        return self._stack.__exit__(*error)  # type: ignore[arg-type]


View = Callable[..., Result]


@dataclass(frozen=True)
class Refusals:
    """How problems are told where a standard says how, in place of problem+json."""

    render: Callable[[Exception, Problem], Result]
    response_schema: type[Schema]


@dataclass(frozen=True)
class Route:
    """One route of a service: what is asked, who may, what comes and what goes."""

    method: Method
    path: str
    view: View
    allow: frozenset[Role]
    summary: str = ""
    query: type[Schema] | None = None
    request_schema: type[Schema] | None = None
    request_media_types: tuple[str, ...] = ()
    """Media types of a body that goes to the blob store as it comes, whatever its size; the view finds it as `call.file`."""
    request_is_form: bool = False
    """The body comes as a form (`application/x-www-form-urlencoded`)."""
    response_schema: type[Schema] | None = None
    text_media_types: tuple[str, ...] = ()
    """The media types, besides JSON, that the answer may come as."""
    binary_media_types: tuple[str, ...] = ()
    """The same of what is no text."""
    stores_nothing: bool = False
    """A POST that only answers: it may be sent again as it is, so it needs no Idempotency-Key, and it cannot write."""
    statuses: tuple[int, ...] = (200,)
    """What a request that succeeds may be answered with."""
    refuses: Refusals | None = None
    all_rows_reason: str = ""
    """Why the view must see every reporter's rows, whoever calls. It answers for what it shows of them."""
    at_root: bool = False
    """The path is all of the address, since a standard or a habit says where this is found."""

    def address(self, service: str) -> str:
        """Where the route is found."""
        return self.path if self.at_root else f"/{service}/v1{self.path}"

    @property
    def needs_key(self) -> bool:
        """Whether a request brings an Idempotency-Key: they are kept by caller."""
        return self.method == "POST" and not self.stores_nothing and bool(self.allow)

    def visible_to(self, caller: Caller | None) -> str:
        """What the database shows to the view: what its caller may see, and nothing to nobody."""
        if self.all_rows_reason:
            return ALL_ROWS
        return caller.visible_to if caller else NO_ROWS

    @property
    def scope(self) -> str:
        """What a token must be good for."""
        return "read" if self.only_reads else "write"

    @property
    def only_reads(self) -> bool:
        """Whether asking changes nothing."""
        return self.method == "GET" or self.stores_nothing
