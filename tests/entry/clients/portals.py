"""Portals of reporters, as the Secretariat makes them, and what they send to get tokens."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from werkzeug.test import TestResponse

from deploy.installation import service_named
from shared.clock import FixedClock
from shared.ids import new_id
from shared.runtime.flask_app import build_flask
from shared.settings import Settings
from tests.conftest import NOW, Client
from tests.databases import SqliteFiles

CLIENTS = "/entry/v1/clients"
TOKEN = "/entry/oauth/token"
TOKEN_URL = "http://127.0.0.1:8000/entry/oauth/token"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Portal:
    """A client of a reporter, with a secret."""

    api: Client
    id: str
    secret: str
    secret_id: str

    def ask(self, secret: str | None = None, **form: str) -> TestResponse:
        """Ask for a token with a secret, its own unless another is given."""
        return asked(self.api, basic(self.id, secret or self.secret), **form)

    def ask_in_form(self, secret: str | None = None, **form: str) -> TestResponse:
        """Ask for a token with the secret in the form."""
        return asked(self.api, None, client_id=self.id, client_secret=secret or self.secret, **form)

    def sign(self, key: Ed25519PrivateKey, *, kid: str | None = None, **changes: Any) -> str:
        """What it signs to say who it is, changed as told; None leaves a claim out."""
        now = self.api.clock.now()
        claims = {
            "iss": self.id,
            "sub": self.id,
            "aud": TOKEN_URL,
            "exp": int((now + timedelta(minutes=2)).timestamp()),
            "jti": new_id(),
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid} if kid else {})

    def show(self, assertion: str, **form: str) -> TestResponse:
        """Ask for a token with what it signed."""
        return asked(self.api, None, client_assertion_type=JWT_BEARER, client_assertion=assertion, **form)

    def may(self, what: str, *, reason: str = "It leaked.", **body: Any) -> TestResponse:
        """Ask as the Secretariat for what comes below the client: an end of something, another secret or key."""
        ends = {"reason": reason} if what.endswith("end") else {}
        return self.api.post(f"{CLIENTS}/{self.id}/{what}", json=ends | body, as_="SECRETARIAT")


def portal_of(api: Client, reporter: str, **body: Any) -> Portal:
    """A new portal of the reporter."""
    made = api.post(CLIENTS, json={"reporter": reporter, "label": "Portal", **body}, as_="SECRETARIAT")
    assert made.status_code == 201, made.text
    secret = api.post(f"{CLIENTS}/{made.json['id']}/secrets", json={}, as_="SECRETARIAT").json
    return Portal(api, made.json["id"], secret["secret"], secret["id"])


@contextmanager
def entry_for_all(files: SqliteFiles, home: Path, keys: Path) -> Iterator[Client]:
    """entry for a whole module's tests: what is only refused leaves nothing that the next would see."""
    settings = Settings(home=home, database_url=files.fresh(home), key_folder=keys, log_level="WARNING")
    app = build_flask([service_named("entry")], settings, clock := FixedClock(NOW))
    yield Client(app.test_client(), settings, clock)
    for runtime in app.extensions["iisgd"]:
        runtime.database.dispose()


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def asked(api: Client, authorization: str | None, **form: str) -> TestResponse:
    headers = {"Authorization": authorization} if authorization else {}
    return api.http.post(TOKEN, data={"grant_type": "client_credentials"} | form, headers=headers)


def with_token(api: Client, answer: TestResponse, method: str, path: str, **options: Any) -> TestResponse:
    """Ask for something with the token that was given."""
    headers = {"Authorization": f"Bearer {answer.json['access_token']}", "Idempotency-Key": new_id()}
    return api.http.open(path, method=method, headers=headers, **options)


def refused(answer: TestResponse, code: str, status: int = 400) -> bool:
    """Whether no token was given, as OAuth says it."""
    assert answer.mimetype == "application/json"
    assert set(answer.json) == {"error", "error_description"}
    assert answer.headers["Cache-Control"] == "no-store"
    return (answer.status_code, answer.json["error"]) == (status, code)


def pem_of(key: Any) -> str:
    """The public half of a key."""
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key.public_key().public_bytes(*form).decode()
