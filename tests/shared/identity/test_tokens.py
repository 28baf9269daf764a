"""Identification of callers by our own tokens during key rotation, and by an external issuer's tokens."""

import base64
import json
import math
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from structlog.testing import capture_logs

from shared.identity import issuers, keys
from shared.identity.callers import Caller
from shared.identity.issuers import Issuer
from shared.identity.keys import create_keys, ensure_keys, published_keys
from shared.identity.tokens import TokenIsRefused, Tokens, issue_token
from shared.settings import SettingIsInvalid, Settings
from tests.conftest import NOW

CALLER = Caller("AL-WBCTi", "structure", "AL", ("WBCTi",))
ISSUER = "https://login.ministry.example"
SIGNERS = {
    "RS256": (RSAAlgorithm, rsa.generate_private_key(65537, 2048)),
    "ES256": (ECAlgorithm, ec.generate_private_key(ec.SECP256R1())),
    "EdDSA": (OKPAlgorithm, Ed25519PrivateKey.generate()),
}


# --- Our own ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path) -> Path:
    ensure_keys(tmp_path, name="installation")
    return tmp_path


@pytest.fixture
def looking(monkeypatch) -> None:
    """Keys are looked at whenever they are asked for, not once a second."""
    monkeypatch.setattr(keys, "POLL_SECONDS", 0.0)


def token_of(folder: Path, caller: Caller = CALLER) -> str:
    return issue_token(folder, caller, audience="iisgd", now=NOW)


def is_refused(tokens: Tokens, token: str, *, now=NOW) -> bool:
    try:
        tokens.caller(token, now=now)
    except TokenIsRefused:
        return True
    return False


@pytest.mark.parametrize(
    "caller",
    [
        CALLER,
        Caller("AL-WBCTi", "structure", "AL", ("WBCTi",), ("read",), "01a2", "AL-NC"),
        Caller("EC", "member", None, ("WBCTi", "WBBSi"), ()),
    ],
)
def test_a_token_gives_back_who_it_was_issued_for(folder, caller):
    assert Tokens(folder, audience="iisgd").caller(token_of(folder, caller), now=NOW) == caller


def test_a_key_that_is_taken_away_opens_nothing_any_more_without_a_restart(folder, looking):
    tokens, token = Tokens(folder, audience="iisgd"), token_of(folder)
    assert not is_refused(tokens, token)
    (folder / "installation.public.pem").rename(folder / "kept")
    assert is_refused(tokens, token)
    (folder / "kept").rename(folder / "installation.public.pem")
    assert not is_refused(tokens, token)


def test_a_key_that_went_is_missed_also_where_somebody_names_one_that_never_was(folder):
    tokens, token = Tokens(folder, audience="iisgd"), token_of(folder)
    assert not is_refused(tokens, token)
    (folder / "installation.public.pem").unlink()
    assert is_refused(
        tokens, jwt.encode({}, SIGNERS["EdDSA"][1], algorithm="EdDSA", headers={"kid": "made up"})
    )
    assert is_refused(tokens, token)


def test_a_key_that_is_replaced_under_its_name_opens_nothing_any_more(folder, looking, tmp_path_factory):
    tokens, token = Tokens(folder, audience="iisgd"), token_of(folder)
    assert not is_refused(tokens, token)
    other = tmp_path_factory.mktemp("other")
    ensure_keys(other, name="installation")
    (other / "installation.public.pem").replace(folder / "installation.public.pem")
    assert is_refused(tokens, token)


def test_a_key_that_has_just_come_is_known_at_once(folder):
    tokens = Tokens(folder, audience="iisgd")
    assert not is_refused(tokens, token_of(folder))
    create_keys(folder, name="installation-2")
    token = token_of(folder)
    assert jwt.get_unverified_header(token)["kid"] == "installation-2"
    assert not is_refused(tokens, token)


def test_the_folder_is_looked_at_once_a_second_at_most(folder, monkeypatch):
    public, looks = keys.PublicKeys(folder), []
    monkeypatch.setattr(public, "_poll", lambda: bool(looks.append(1)))
    for _ in range(1000):
        public.version()
    assert len(looks) == 1


def test_a_file_that_is_no_key_is_logged_and_keeps_no_other_from_being_used(folder):
    (folder / "broken.public.pem").write_text("nothing")
    with capture_logs() as logs:
        assert not is_refused(Tokens(folder, audience="iisgd"), token_of(folder))
    assert [line["file"] for line in logs if line["event"] == "public key cannot be used"] == [
        "broken.public.pem"
    ]
    assert [each["kid"] for each in published_keys(folder)["keys"]] == ["installation"]


def part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def headed(**head: Any) -> str:
    return part(json.dumps(head))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "garbage",
        "a.b.c.d",
        "{nested}.{body}.{signature}",
        "{head}.{nested}.{signature}",
        f"{{head}}.{part('[]')}.{{signature}}",
        f"{headed(alg='EdDSA', kid='../installation')}.{{body}}.{{signature}}",
        f"{headed(alg='EdDSA', kid=['installation'])}.{{body}}.{{signature}}",
        f"{headed(alg='EdDSA', jku='http://127.0.0.1')}.{{body}}.{{signature}}",
        f"{headed(alg='none', kid='installation')}.{{body}}.",
        f"{headed(alg='HS256', kid='installation')}.{{body}}.{{signature}}",
    ],
    ids=range(11),
)
def test_what_is_no_token_of_ours_is_refused_whatever_it_is(folder, token):
    """Those in the middle are nested beyond what a reader can follow."""
    head, body, signature = token_of(folder).split(".")
    said = token.format(head=head, body=body, signature=signature, nested=part("[" * 100_000))
    assert is_refused(Tokens(folder, audience="iisgd"), said)


# --- Another issuer's -------------------------------------------------------------------------------------------------


class KeyServer:
    """An issuer's keys over HTTP, as it would have them; it counts who asks."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        self.asked = 0
        self.status = 200
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked += 1
                self.send_response(server.status)
                self.end_headers()
                self.wfile.write(json.dumps({"keys": server.keys}).encode())

            def log_message(self, *_args: object) -> None:
                """It says nothing."""

        self._http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/jwks.json"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def publish(self, algorithm: str, *, kid: str = "one", **changes: Any) -> None:
        kind, key = SIGNERS[algorithm]
        self.keys.append(kind.to_jwk(key.public_key(), as_dict=True) | {"kid": kid} | changes)

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[KeyServer]:
    made = KeyServer()
    yield made
    made.stop()


@pytest.fixture
def tokens(folder, server) -> Tokens:
    return Tokens(folder, audience="iisgd", issuer=Issuer(ISSUER, jwks_url=server.url))


def signed(algorithm: str = "RS256", *, kid: str = "one", key: Any = None, **changes: Any) -> str:
    """A token of the issuer; None leaves a claim out."""
    claims = {
        "iss": ISSUER,
        "aud": "iisgd",
        "sub": "AL-WBCTi",
        "role": "structure",
        "partner": "AL",
        "pillars": ["WBCTi"],
        "scope": "openid read",
        "exp": int((NOW + timedelta(hours=1)).timestamp()),
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key or SIGNERS[algorithm][1], algorithm=algorithm, headers={"kid": kid})


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_a_token_of_the_issuer_is_good_with_its_key_and_ours_go_on(tokens, server, folder, algorithm):
    server.publish(algorithm)
    caller = tokens.caller(signed(algorithm), now=NOW)
    assert caller == Caller("AL-WBCTi", "structure", "AL", ("WBCTi",), ("read",))
    assert tokens.caller(token_of(folder), now=NOW) == CALLER


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"iss": "https://login.another.example"},
        {"iss": "iisgd"},
        {"exp": int(NOW.timestamp())},
        *({"nbf": nbf} for nbf in (int(NOW.timestamp()) + 31, math.nan, math.inf, "soon", True, [])),
        *({name: None} for name in ("sub", "role", "pillars", "scope", "exp", "aud")),
    ],
    ids=str,
)
def test_a_token_of_the_issuer_needs_the_same_claims_as_ours(tokens, server, changes):
    server.publish("RS256")
    assert is_refused(tokens, signed(**changes))


@pytest.mark.parametrize("seconds", [-3600, 0, 30])
def test_the_issuers_clock_may_be_half_a_minute_ahead(tokens, server, seconds):
    server.publish("RS256")
    ahead = int(NOW.timestamp()) + seconds
    assert tokens.caller(signed(nbf=ahead, iat=ahead), now=NOW).reporter == "AL-WBCTi"


def test_the_issuer_signs_with_a_public_key_only(tokens, server):
    server.publish("RS256")
    server.keys.append({"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode(), "kid": "secret"})
    _, body, _ = signed().split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","kid":"one"}').rstrip(b"=").decode()
    assert not is_refused(tokens, signed())
    assert is_refused(tokens, signed("HS256", kid="secret", key="x" * 32))
    assert is_refused(tokens, signed("RS512", key=SIGNERS["RS256"][1]))
    assert is_refused(tokens, f"{unsigned}.{body}.")


def test_keys_that_cannot_be_had_are_a_refusal_that_is_logged_and_not_asked_for_again_at_once(tokens, server):
    server.publish("RS256")
    server.status = 500
    with capture_logs() as logs:
        assert all(is_refused(tokens, signed(sub=sub)) for sub in ("EC", "CEPOL", "UNODC"))
    assert [line["issuer"] for line in logs if line["event"] == "the issuer's keys cannot be fetched"] == [
        ISSUER
    ]
    assert server.asked == 1


@pytest.mark.parametrize("status", [200, 302])
def test_an_issuer_that_answers_nonsense_is_refused(tokens, server, status):
    server.status = status
    server.keys = [{"kty": "nothing"}]
    assert is_refused(tokens, signed())


def test_an_issuer_that_is_back_is_asked_again(tokens, server, monkeypatch):
    monkeypatch.setattr(issuers, "WAIT_SECONDS", 0.0)
    server.publish("RS256")
    server.status = 500
    assert is_refused(tokens, signed())
    server.status = 200
    assert not is_refused(tokens, signed())


def test_tokens_that_name_keys_that_nobody_has_do_not_make_us_ask_each_time(tokens, server):
    server.publish("RS256")
    assert not is_refused(tokens, signed())
    assert all(is_refused(tokens, signed(kid=f"made up {number}")) for number in range(20))
    assert server.asked == 1
    assert not is_refused(tokens, signed(sub="EC", role="member", partner=None))


def test_a_key_that_the_issuer_took_back_is_found_out_when_its_keys_are_asked_for_again(
    folder, server, monkeypatch
):
    monkeypatch.setattr(issuers, "KEYS_TTL_SECONDS", 0.01)
    tokens = Tokens(folder, audience="iisgd", issuer=Issuer(ISSUER, jwks_url=server.url))
    server.publish("RS256")
    token = signed()
    assert not is_refused(tokens, token)
    server.keys.clear()
    server.publish("ES256", kid="two")
    assert not is_refused(tokens, token), "for a while it is remembered"
    forgotten_at = time.monotonic() + issuers.KEYS_TTL_SECONDS
    while time.monotonic() <= forgotten_at:
        time.sleep(0.01)
    assert is_refused(tokens, token, now=NOW + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"IISGD_TOKEN_ISSUER": ISSUER}, "IISGD_TOKEN_JWKS_URL is ''; it must be set"),
        ({"IISGD_TOKEN_JWKS_URL": "https://a.example/jwks"}, "IISGD_TOKEN_ISSUER is ''; it must be set"),
        *(
            ({"IISGD_TOKEN_ISSUER": ISSUER, "IISGD_TOKEN_JWKS_URL": url}, "an https address")
            for url in ("http://a.example/jwks", "file:///etc/passwd", "ftp://127.0.0.1/a", "nothing")
        ),
    ],
)
def test_an_issuer_is_named_with_the_safe_address_of_its_keys(environ, says):
    with pytest.raises(SettingIsInvalid, match=says):
        Settings.from_environ(environ)


@pytest.mark.parametrize("url", ["https://a.example/jwks", "http://127.0.0.1:8080/jwks", "http://[::1]/jwks"])
def test_https_and_this_machine_are_safe(url):
    settings = Settings.from_environ({"IISGD_TOKEN_ISSUER": ISSUER, "IISGD_TOKEN_JWKS_URL": url})
    assert settings.token_jwks_url == url
