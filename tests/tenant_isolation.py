"""Requests of strangers: every route with another reporter's ids in its path, query and body."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from marshmallow.fields import Boolean, Field, Integer
from marshmallow.validate import OneOf
from werkzeug.test import TestResponse

from shared.http.routes import Route
from shared.ids import new_id
from tests.in_process import COLLECTION, CONTACT, MEETING, SUPPORTS, Installation
from tests.tenant_fixtures import TenantData

OWN_ALONE = ("webhook", "client", "secret", "key", "message")
"""Path parameters that even the coordinator may not see: a structure's clients, webhooks and secrets."""

PUBLIC_NAMES = {
    "name": ["WBCTi", "general"],
    "meeting": ["board-8"],
    "collection": ["need-2025-2026"],
    "structure": ["AL-WBCTi", "RS-WBCTi"],
    "version": ["1"],
    "pillar": ["WBCTi"],
    "kind": ["need", "support"],
    "period": ["2025-2026", "2026", "2027-2028"],
}
"""Path parameters whose values belong to no reporter."""

PLACES = ("submission", "finding", "exception", "delegation", *OWN_ALONE)
"""Path parameters whose values belong to a reporter: each takes the other reporter's ids."""

Values = Callable[[TenantData], Sequence[Any]]

PARAMETERS: dict[str, Values] = {
    "after": lambda of: [*of.ids.get("submission", ())[:2], *of.ids["message"][:1]],
    "reference": lambda of: [of.word("reference")],
    "submission": lambda of: of.ids.get("submission", ())[:1],
    "supersedes": lambda of: of.ids.get("submission", ())[:1],
    "reporter": lambda of: [of.code],
    "structure": lambda of: [of.code],
    "from": lambda _: ["2025-2026"],
    "pillar": lambda _: ["WBCTi"],
    "kind": lambda _: ["need", "response", "support"],
    "partner": lambda _: ["AL", "RS"],
    "period": lambda _: ["2025-2026", "2026"],
    "group_by": lambda _: ["pillar,partner,kind,theme,category,period,status"],
    "theme": lambda _: ["jap25_prevention"],
    "category": lambda _: ["operational"],
    "status": lambda _: ["open", "2"],
    "action": lambda _: ["submission."],
    "version": lambda _: ["1"],
    "since": lambda _: ["2026-01-01T00:00:00+00:00"],
    "file_name": lambda of: [f"{of.word('csv file')}.bin"],
}
"""The values to try for each query parameter, one at a time, beside the required ones.

Numbers are 1; of enumerations each value is tried.
"""

TOGETHER = {"supersedes": {"version": 1}}
"""Other parameters that a parameter requires."""

BECAUSE = {"reason": "It is not mine."}
REQUIRED = {"pillar": "WBCTi", "kind": "support", "period": "2026", "tlp": "TLP:AMBER"}
SIGNED = {"signed_by": "A. Stranger", "function": "Nobody"}


def corrected(of: TenantData, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return a body, and the body as a correction of each of a reporter's submissions."""
    corrections = (
        {"supersedes": {"submission": each, "version": 1}} for each in of.ids.get("submission", ())
    )
    return [body, *(body | each for each in corrections)]


BODIES: dict[str, Values] = {
    "POST /entry/v1/submissions": lambda of: corrected(of, SUPPORTS | {"mode": "replace"}),
    "POST /entry/v1/files": lambda _: [b"ref,title\nS-1,A title\n"],
    "POST /entry/v1/nothing-to-report": lambda _: [REQUIRED | {"period": "2024", "statement": SIGNED}],
    "POST /entry/v1/submissions/<submission>/withdrawal": lambda _: [BECAUSE | {"version": 1}],
    "POST /entry/v1/submissions/<submission>/records/withdrawal": lambda of: [
        BECAUSE | {"version": 1, "refs": [of.word("shared ref")]}
    ],
    "POST /entry/v1/exceptions": lambda of: [
        BECAUSE | {"reporter": of.code, "kind": "need", "period": "2025-2026", "expires_on": "2026-12-31"}
    ],
    "POST /entry/v1/exceptions/<exception>/end": lambda _: [BECAUSE],
    "POST /entry/v1/carry-over": lambda of: [
        {
            "pillar": "WBCTi",
            "from": "2025-2026",
            "to": "2027-2028",
            "tlp": "TLP:AMBER",
            "dispositions": [{"ref": of.word("need ref"), "disposition": "kept"}],
        }
    ],
    "POST /entry/v1/webhooks": lambda _: [
        {"url": "https://stranger.example/", "events": ["submission.accepted"]}
    ],
    **{
        f"POST /entry/v1/webhooks/<webhook>/{step}": lambda _: [{}]
        for step in ("enable", "test", "secrets", "secrets/<secret>/end", "messages/<message>/replay", "end")
    },
    "POST /entry/v1/webhooks/<webhook>/replay": lambda _: [{"after": 0}],
    "POST /entry/v1/clients": lambda of: [{"reporter": of.code, "label": "A portal"}],
    "POST /entry/v1/clients/<client>/end": lambda _: [BECAUSE],
    "POST /entry/v1/clients/<client>/secrets": lambda _: [{}],
    "POST /entry/v1/clients/<client>/secrets/<secret>/end": lambda _: [BECAUSE],
    "POST /entry/v1/clients/<client>/keys": lambda _: [
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}}
    ],
    "POST /entry/v1/clients/<client>/keys/<key>/end": lambda _: [BECAUSE],
    "POST /entry/v1/delegations": lambda of: [BECAUSE | {"to": of.code, "expires_on": "2026-12-24"}],
    "POST /entry/v1/delegations/<delegation>/end": lambda _: [BECAUSE],
    "POST /entry/oauth/token": lambda of: [
        {"grant_type": "client_credentials", "client_id": each, "act_for": of.code}
        for each in of.ids["client"]
    ],
    "POST /validation/v1/findings/<finding>/justification": lambda _: [{"text": "It is as it should be."}],
    "POST /validation/v1/findings/<finding>/waiver": lambda _: [BECAUSE | {"expires_on": "2026-12-31"}],
    "POST /validation/v1/check": lambda of: corrected(of, SUPPORTS),
    "PUT /notify/v1/meetings/<meeting>": lambda _: [MEETING],
    "PUT /notify/v1/collections/<collection>": lambda _: [COLLECTION],
    "PUT /notify/v1/contacts/<structure>": lambda _: [CONTACT],
}
"""The request bodies, with the other reporter's ids and words in them."""


@dataclass(frozen=True)
class TenantRequest:
    """A request."""

    route: Route
    address: str
    path: str
    query: str = ""
    body: Any = None

    def send(self, installation: Installation, caller: str | None) -> TestResponse:
        """Send the request as the caller; return the response."""
        headers = {"Idempotency-Key": new_id()} | installation.client._headers(caller)
        brings: dict[str, Any] = {"json": self.body} if self.body is not None else {}
        if self.route.request_is_form:
            brings = {"data": self.body}
        if self.route.request_media_types:
            brings = {"data": self.body, "content_type": "text/csv"}
        return installation.client.http.open(
            self.path, method=self.route.method, query_string=self.query, headers=headers, **brings
        )

    def __str__(self) -> str:
        return f"{self.route.method} {self.path}?{self.query}"

    @property
    def sent(self) -> str:
        """The text of the whole request."""
        return f"{self.path}?{self.query} {self.body}".lower()

    @property
    def corrects(self) -> bool:
        """Whether the request would change another reporter's submission that is named outside the path."""
        return "supersedes" in self.sent and not self.route.stores_nothing


def requests_of(
    service: str, route: Route, of: TenantData, own: TenantData | None
) -> Iterator[TenantRequest]:
    """Yield the requests of a route with the ids and words of its data's owner, and with the caller's own."""
    name = f"{route.method} {route.address(service)}"
    assert route.method == "GET" or name in BODIES, f"Say in BODIES what {name} is brought."
    bodies = BODIES[name](of) if name in BODIES else [None]
    address = route.address(service)
    plain, *said = queries(route, of)
    named = list(paths(address, of, own))
    # Combine every path and body with the minimal query, and every other query with one path and body.
    yield from (TenantRequest(route, address, path, plain, body) for path in named for body in bodies)
    yield from (
        TenantRequest(route, address, path, query, bodies[-1]) for path in named[:1] for query in said
    )


def paths(address: str, of: TenantData, own: TenantData | None) -> Iterator[str]:
    """Yield the path with ids in each place: all ids of the owner, or the caller's own except for the last."""
    places = re.findall(r"<(\w+)>", address)
    unknown = [each for each in places if each not in PUBLIC_NAMES and each not in PLACES]
    assert not unknown, f"Say in PLACES, or in PUBLIC_NAMES, what stands for {unknown} in {address}."
    theirs = [PUBLIC_NAMES.get(each) or of.ids.get(each, []) for each in places]
    filled = list(itertools.product(*theirs))
    if own and len(places) > 1 and all(each in own.ids for each in places[:-1]):
        filled += itertools.product(*(own.ids[each][:1] for each in places[:-1]), theirs[-1])
    for ids in filled:
        named = dict(zip(places, ids, strict=True))
        yield re.sub(r"<(\w+)>", lambda place, named=named: named[place[1]], address)


def queries(route: Route, of: TenantData) -> Iterator[str]:
    """Yield the query with required parameters only, then with each optional parameter alone."""
    fields = route.query().load_fields if route.query else {}
    tried = {each.data_key or name: values(each, each.data_key or name, of) for name, each in fields.items()}
    needed = {
        each.data_key or name: REQUIRED.get(name) or tried[each.data_key or name][0]
        for name, each in fields.items()
        if each.required
    }
    yield urlencode(needed)
    for name, some in tried.items():
        for value in some:
            yield urlencode(needed | TOGETHER.get(name, {}) | {name: value})


def values(field: Field, name: str, of: TenantData) -> Sequence[Any]:
    """Return the values to try for a parameter."""
    for validator in field.validators:
        if isinstance(validator, OneOf):
            return list(validator.choices)
    if isinstance(field, Integer | Boolean):
        return [1]
    assert name in PARAMETERS, f"Say in PARAMETERS what is tried for {name!r}."
    return PARAMETERS[name](of)
