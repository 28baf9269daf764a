"""The requests of docs/reporters.md authenticate a portal."""

import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from string import Template

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deploy.installation import ROOT, service_named
from shared.clock import SystemClock
from shared.runtime.flask_app import build_flask
from tests.conftest import Client
from tests.entry.clients.portals import TOKEN_URL, basic, pem_of, portal_of

PAGE = Path(ROOT / "docs" / "reporters.md").read_text(encoding="utf-8")
API = "http://127.0.0.1:8000"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("bash") for line in block.splitlines()]


@pytest.fixture
def api(settings) -> Iterator[Client]:
    """entry by the machine's clock, which is that of the page's readers."""
    app = build_flask([service_named("entry")], settings)
    yield Client(app.test_client(), settings, SystemClock())
    for runtime in app.extensions["iisgd"]:
        runtime.database.dispose()


def curl(http: FlaskClient, command: str, **known: str) -> TestResponse:
    """Send what a curl command would."""
    words = iter(shlex.split(Template(command).substitute(known)))
    assert next(words) == "curl"
    headers, data, url = {}, [], ""
    for word in words:
        if word == "-u":
            headers["Authorization"] = basic(*next(words).split(":"))
        elif word == "-H":
            name, value = next(words).split(": ")
            headers[name] = value
        elif word == "-d":
            data.append(next(words))
        elif word != "-s":
            url = word
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = "POST" if data else "GET"
    return http.open(url.removeprefix(API), method=method, data="&".join(data) or None, headers=headers)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_command_of_the_page_is_answered_with_what_it_asks_for(api):
    portal, backup = portal_of(api, "AL-WBCTi"), portal_of(api, "AL-WBBSi")
    key = Ed25519PrivateKey.generate()
    kid = portal.may("keys", pem=pem_of(key)).json["kid"]
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    page: dict[str, object] = {}
    exec(blocks("python")[0], page)
    known = {
        "api": API,
        "client": portal.id,
        "secret": portal.secret,
        "first": portal.secret_id,
        "assertion": page["assertion"](portal.id, key.private_bytes(*form).decode(), kid, TOKEN_URL),
        "day": str(SystemClock().now().date() + timedelta(days=30)),
        "backup": backup.id,
        "backup_secret": backup.secret,
        "token": api.token("AL-WBCTi"),
    }
    answers = [curl(api.http, command, **known) for command in COMMANDS]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 201, 200, 200, 201, 200]
    assert [answer.json.get("scope") for answer in answers if "access_token" in answer.json] == [
        "read write",
        "read write",
        "read",
        "read write",
        "read write",
    ]
