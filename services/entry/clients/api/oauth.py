"""Tokens for clients (OAuth 2.0 client credentials), with the public keys and metadata of the authorization server."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    InsecureTransportError,
    InvalidClientError,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.util import extract_basic_authorization, scope_to_list

from services.entry.clients.operations import token_requests
from services.entry.clients.operations.token_requests import AuthenticatedClient, TokenIsDenied
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result
from shared.i18n import Text
from shared.identity import issuers, keys, tokens
from shared.identity.callers import SCOPES
from shared.logs import log
from shared.settings import Settings

GRANT: str = ClientCredentialsGrant.GRANT_TYPE
METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CACHED = {"Cache-Control": "public, max-age=300"}

FORBIDDEN_CHARACTERS = re.compile(r"[^ !#-\[\]-~]")
"""The characters that RFC 6749 forbids in a description."""


def issue_token(call: RequestContext) -> Result:
    """Issue a token to a client."""
    response: Result = _Server(call).create_token_response()
    return response


def show_keys(call: RequestContext) -> Result:
    """Return the public keys that verify our tokens."""
    return Result(keys.published_keys(call.runtime.settings.keys), headers=CACHED)


def show_metadata(call: RequestContext) -> Result:
    """Return the metadata of the authorization server."""
    settings = call.runtime.settings
    return Result(
        {
            "issuer": _base(settings),
            "token_endpoint": _token_url(settings),
            "jwks_uri": f"{_base(settings)}/entry/oauth/jwks.json",
            "scopes_supported": list(SCOPES),
            # No user gives consent: there is no authorization endpoint.
            "response_types_supported": [],
            "grant_types_supported": [GRANT],
            "token_endpoint_auth_methods_supported": METHODS,
            "token_endpoint_auth_signing_alg_values_supported": list(issuers.ALGORITHMS),
        },
        headers=CACHED,
    )


def oauth_error(error: Exception, problem: Problem) -> Result:
    """Render a problem in the form of RFC 6749."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, TokenIsDenied):
        code, status = error.code, HTTPStatus.BAD_REQUEST
        if code == "invalid_client":
            status, headers["WWW-Authenticate"] = HTTPStatus.UNAUTHORIZED, 'Basic realm="iisgd"'
    else:
        status = HTTPStatus(problem.status)
        code = "temporarily_unavailable" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request"
    return Result(
        {"error": code, "error_description": FORBIDDEN_CHARACTERS.sub("'", str(error))}, status, headers
    )


class _TokenClient(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A client that requests a token, for Authlib. It is looked up when its secret or assertion is checked."""

    def __init__(self, server: "_Server", name: str) -> None:
        self._server = server
        self._name = name
        self.authenticated: AuthenticatedClient | None = None

    def check_client_secret(self, secret: str) -> bool:
        call = self._server.call
        with call.runtime.database.read(visible_to=call.visible_to) as tx:
            self.authenticated = token_requests.authenticate_secret(tx, client=self._name, secret=secret)
        return self.authenticated is not None

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    """The only grant."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class _Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """Authlib's server, for one request: Authlib speaks the protocol, and this service authenticates clients."""

    def __init__(self, call: RequestContext) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.call = call
        self.register_grant(_Grant)
        self.register_client_auth_method("client_secret_post", self._authenticate_secret_in_form)
        self.register_client_auth_method("private_key_jwt", self._authenticate_assertion)
        self.register_token_generator("default", self._token)

    def create_oauth2_request(self, _request: None) -> OAuth2Request:
        settings, form = self.call.runtime.settings, self.call.body
        try:
            # A proxy ends TLS: the public URL counts, not the one of this request.
            request = OAuth2Request("POST", _token_url(settings), headers=self.call.headers)
        except InsecureTransportError as error:
            log().error("tokens are issued over https only", public_url=settings.public_url)
            raise TokenIsDenied("invalid_request", "Tokens are issued over https only.") from error
        request.payload = BasicOAuth2Payload({name: text for name, text in form.items() if text is not None})
        return request

    def query_client(self, name: str) -> _TokenClient:
        return _TokenClient(self, name)

    def authenticate_client(
        self, request: OAuth2Request, methods: Sequence[str], endpoint: str = "token"
    ) -> _TokenClient:
        try:
            _refuse_several_methods(request.headers, self.call.body)
            client: _TokenClient = super().authenticate_client(request, methods, endpoint)
        except (InvalidClientError, ValueError) as error:
            # Authlib's own message reveals whether the client exists.
            raise TokenIsDenied("invalid_client", token_requests.UNKNOWN) from error
        return client

    def handle_response(
        self, status: int, body: dict[str, Any], headers: Sequence[tuple[str, str]]
    ) -> Result:
        return Result(body, status, dict(headers))

    def handle_error_response(self, _request: OAuth2Request, error: OAuth2Error) -> Result:
        raise TokenIsDenied(error.error, error.get_error_description()) from error

    def send_signal(self, *_args: Any, **_facts: Any) -> None:
        """Authlib hook; does nothing."""

    def save_token(self, _token: dict[str, Any], _request: OAuth2Request) -> None:
        """Authlib hook; does nothing: the public keys suffice to verify a token."""

    def _authenticate_secret_in_form(
        self, _query_client: Any, _request: OAuth2Request
    ) -> _TokenClient | None:
        name, secret = self.call.body["client_id"], self.call.body["client_secret"]
        if not name or not secret:
            return None
        client = self.query_client(name)
        return client if client.check_client_secret(secret) else None

    def _authenticate_assertion(self, _query_client: Any, _request: OAuth2Request) -> _TokenClient | None:
        form = self.call.body
        if form["client_assertion_type"] != ASSERTION_TYPE:
            return None
        call, settings = self.call, self.call.runtime.settings
        with call.runtime.database.read(visible_to=call.visible_to) as tx:
            authenticated = token_requests.authenticate_assertion(
                tx,
                client=form["client_id"],
                assertion=form["client_assertion"] or "",
                audiences=(_token_url(settings), _base(settings)),
            )
        client = _TokenClient(self, authenticated.client.id)
        client.authenticated = authenticated
        return client

    def _token(self, *, client: _TokenClient, scope: str | None, **_facts: Any) -> dict[str, Any]:
        call, settings = self.call, self.call.runtime.settings
        if client.authenticated is None:
            raise TokenIsDenied("invalid_client", token_requests.UNKNOWN)
        caller = token_requests.authorise(
            call.tx,
            authenticated=client.authenticated,
            scopes=[each for each in SCOPES if each in (scope_to_list(scope) or ())],
            act_for=call.body["act_for"],
            address=call.address,
        )
        lifetime = timedelta(minutes=settings.token_minutes)
        token = tokens.issue_token(
            settings.keys, caller, audience=settings.token_audience, now=call.now, lifetime=lifetime
        )
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(lifetime.total_seconds()),
            "scope": " ".join(caller.scopes),
        }


def _base(settings: Settings) -> str:
    return settings.public_url.rstrip("/")


def _token_url(settings: Settings) -> str:
    return f"{_base(settings)}/entry/oauth/token"


def _refuse_several_methods(headers: Mapping[str, str], form: Mapping[str, str | None]) -> None:
    """Refuse a client that authenticates in several ways at once, or under two names (RFC 6749, 2.3 and 5.2)."""
    named, _ = extract_basic_authorization(headers)
    # A parameter without a value counts as omitted (RFC 6749, 3.2).
    if sum(map(bool, (named, form["client_secret"], form["client_assertion"]))) > 1:
        raise TokenIsDenied(
            "invalid_request",
            Text(
                "Authenticate in one way only: in the header Authorization, with client_secret, or with client_assertion."
            ),
        )
    if named and form["client_id"] and form["client_id"] != named:
        raise TokenIsDenied(
            "invalid_request",
            Text("The client_id in the form is not the client of the header Authorization. Omit client_id."),
        )
