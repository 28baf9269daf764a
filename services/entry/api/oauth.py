"""Tokens for clients (OAuth 2.0 client credentials), and what they, and who checks the tokens, need to know of us."""

import re
from collections.abc import Sequence
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
from authlib.oauth2.rfc6749.util import scope_to_list

from services.entry import operations
from services.entry.api.authors import address_of
from services.entry.operations import Shown, TokenIsNotGiven
from shared.http.problems import Problem
from shared.http.routes import RequestContext, Result
from shared.identity.callers import SCOPES
from shared.identity.issuers import ALGORITHMS
from shared.identity.keys import published_keys
from shared.identity.tokens import issue_token
from shared.logs import log
from shared.settings import Settings

GRANT: str = ClientCredentialsGrant.GRANT_TYPE
METHODS = ["client_secret_basic", "private_key_jwt"]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEYS_KEPT_SECONDS = 300

UNTELLABLE = re.compile(r"[^ !#-\[\]-~]")
"""What RFC 6749 does not let stand in a description."""


def give_token(call: RequestContext) -> Result:
    """Give a client a token."""
    answer: Result = _Server(call).create_token_response()
    return answer


def show_keys(call: RequestContext) -> Result:
    """Show the keys with which our tokens can be checked."""
    return Result(published_keys(call.runtime.settings.keys), headers=_kept())


def describe(call: RequestContext) -> Result:
    """Show where what is found, and what can be asked."""
    settings = call.runtime.settings
    return Result(
        {
            "issuer": _base(settings),
            "token_endpoint": _token_url(settings),
            "jwks_uri": f"{_base(settings)}/entry/oauth/jwks.json",
            "scopes_supported": list(SCOPES),
            # Nobody is asked for consent: there is no authorization endpoint.
            "response_types_supported": [],
            "grant_types_supported": [GRANT],
            "token_endpoint_auth_methods_supported": METHODS,
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        },
        headers=_kept(),
    )


def tell_refusal(error: Exception, problem: Problem) -> Result:
    """A problem as RFC 6749 has it told."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, TokenIsNotGiven):
        code, status = error.code, HTTPStatus.BAD_REQUEST
        if code == "invalid_client":
            status, headers["WWW-Authenticate"] = HTTPStatus.UNAUTHORIZED, 'Basic realm="iisgd"'
    else:
        status = HTTPStatus(problem.status)
        code = "temporarily_unavailable" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request"
    return Result({"error": code, "error_description": UNTELLABLE.sub("'", str(error))}, status, headers)


class _Asking(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A client that asks, as Authlib sees one. It is looked up when there is something to compare."""

    def __init__(self, server: "_Server", name: str) -> None:
        self._server = server
        self._name = name
        self.shown: Shown | None = None

    def check_client_secret(self, secret: str) -> bool:
        call = self._server.call
        with call.runtime.database.read(visible_to=call.visible_to) as tx:
            self.shown = operations.recognise_secret(tx, client=self._name, secret=secret)
        return self.shown is not None

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]  # the same
    """The only one."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class _Server(AuthorizationServer):  # type: ignore[misc]  # the same
    """Authlib's server, for one request: the protocol is its, who is who is ours."""

    def __init__(self, call: RequestContext) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.call = call
        self.register_grant(_Grant)
        self.register_client_auth_method("private_key_jwt", self._recognise_assertion)
        self.register_token_generator("default", self._token)

    def create_oauth2_request(self, _request: None) -> OAuth2Request:
        settings, form = self.call.runtime.settings, self.call.body
        try:
            # Before us is whoever ends TLS: what counts is how we are reached from outside.
            request = OAuth2Request("POST", _token_url(settings), headers=self.call.headers)
        except InsecureTransportError as error:
            log().error("tokens are given over https only", public_url=settings.public_url)
            raise TokenIsNotGiven("invalid_request", "Tokens are given over https only.") from error
        request.payload = BasicOAuth2Payload({name: text for name, text in form.items() if text is not None})
        return request

    def query_client(self, name: str) -> _Asking:
        return _Asking(self, name)

    def authenticate_client(
        self, request: OAuth2Request, methods: Sequence[str], endpoint: str = "token"
    ) -> _Asking:
        try:
            asking: _Asking = super().authenticate_client(request, methods, endpoint)
        except (InvalidClientError, ValueError) as error:
            # Authlib's own words tell whether there is such a client.
            raise TokenIsNotGiven("invalid_client", operations.UNKNOWN) from error
        return asking

    def handle_response(
        self, status: int, body: dict[str, Any], headers: Sequence[tuple[str, str]]
    ) -> Result:
        return Result(body, status, dict(headers))

    def handle_error_response(self, _request: OAuth2Request, error: OAuth2Error) -> Result:
        raise TokenIsNotGiven(error.error, error.get_error_description()) from error

    def send_signal(self, *_args: Any, **_facts: Any) -> None:
        """Nobody listens."""

    def save_token(self, _token: dict[str, Any], _request: OAuth2Request) -> None:
        """Tokens are not kept: who checks one needs only our public keys."""

    def _recognise_assertion(self, _query_client: Any, _request: OAuth2Request) -> _Asking | None:
        form = self.call.body
        if form["client_assertion_type"] != ASSERTION_TYPE:
            return None
        call, settings = self.call, self.call.runtime.settings
        with call.runtime.database.read(visible_to=call.visible_to) as tx:
            shown = operations.recognise_assertion(
                tx,
                client=form["client_id"],
                assertion=form["client_assertion"] or "",
                audiences=(_token_url(settings), _base(settings)),
            )
        asking = _Asking(self, shown.client.id)
        asking.shown = shown
        return asking

    def _token(self, *, client: _Asking, scope: str | None, **_facts: Any) -> dict[str, Any]:
        call, settings = self.call, self.call.runtime.settings
        if client.shown is None:
            raise TokenIsNotGiven("invalid_client", operations.UNKNOWN)
        caller = operations.let_in(
            call.tx,
            shown=client.shown,
            scopes=[each for each in SCOPES if each in (scope_to_list(scope) or ())],
            act_for=call.body["act_for"],
            address=address_of(call),
        )
        lifetime = timedelta(minutes=settings.token_minutes)
        token = issue_token(
            settings.keys, caller, audience=settings.token_audience, now=call.now, lifetime=lifetime
        )
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(lifetime.total_seconds()),
            "scope": " ".join(caller.scopes),
        }


def _kept() -> dict[str, str]:
    return {"Cache-Control": f"public, max-age={KEYS_KEPT_SECONDS}"}


def _base(settings: Settings) -> str:
    return settings.public_url.rstrip("/")


def _token_url(settings: Settings) -> str:
    return f"{_base(settings)}/entry/oauth/token"
