import json
import re
from datetime import timedelta

import jwt
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from deploy.cli import main
from deploy.installation import service_named
from services.entry.audit.store import entries
from services.entry.clients.store.tables import client_secrets
from shared.clock import SystemClock
from shared.reference import COORDINATORS, FOOTNOTE, MEMBERS, STRUCTURES
from shared.resources import Runtime
from shared.runtime.flask_app import build_flask
from shared.settings import Settings
from tests.conftest import Client
from tests.entry.clients.portals import Portal, pem_of, refused

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
REASON = ("--reason", "It leaked.")


def call(settings: Settings, *arguments: str, columns: int = 200) -> Result:
    environ = {name: value for name, value in settings.as_environ().items() if name.startswith("IISGD_")}
    return CliRunner(env=environ | {"COLUMNS": str(columns)}).invoke(main, ["reporters", *arguments])


@pytest.fixture
def client(settings) -> str:
    """A client of AL-WBCTi, created on the command line."""
    made = call(settings, "client", "AL-WBCTi", "--label", "Portal of the Ministry of Interior")
    assert made.exit_code == 0, made.output
    return re.search(ID, made.output)[0]


@pytest.fixture
def portal(settings, client):
    """The client's portal, with a secret, which calls over HTTP."""
    secret = call(settings, "secret", client).stdout.strip()
    app = build_flask([service_named("entry")], settings)
    yield Portal(Client(app.test_client(), settings, SystemClock()), client, secret, "")
    for runtime in app.extensions["iisgd"]:
        runtime.database.dispose()


def line_of(listed: Result, word: str) -> str:
    return next(line for line in listed.output.splitlines() if word in line)


def test_everybody_who_reports_is_listed_with_clients_or_without(settings, client):
    listed = call(settings, "list")
    assert listed.exit_code == 0, listed.output
    for code in (*STRUCTURES, *COORDINATORS, *MEMBERS):
        assert re.search(rf"^{code} ", listed.output, re.MULTILINE), code
    assert "Portal of the Ministry of Interior" in line_of(listed, client)
    assert listed.output.count("nothing that would let it in") == 1
    assert "no client" in line_of(listed, "AL-WBBSi")
    assert "no client" not in line_of(listed, "AL-WBCTi")
    assert FOOTNOTE in listed.output
    assert FOOTNOTE not in call(settings, "list", "--partner", "AL").output


def test_a_secret_is_printed_once_alone_and_lets_the_client_in(settings, portal, client):
    assert re.fullmatch(r"iisgd_[0-9A-Za-z]{49}", portal.secret)
    assert "never" in line_of(call(settings, "list"), client)
    assert portal.ask().status_code == 200
    listed = call(settings, "list")
    assert portal.secret not in listed.output
    assert f"secret ...{portal.secret[-4:]} until " in listed.output
    assert f"{SystemClock().now():%Y-%m-%d}" in line_of(listed, client), "when it was last used"
    runtime = Runtime.of("entry", settings)
    with runtime.database.read() as tx:
        assert portal.secret not in str(list(tx.execute(select(client_secrets))))
    runtime.database.dispose()


def test_a_secret_is_ended_by_its_last_characters(settings, portal, client):
    for name in ("zzzz", portal.secret):
        wrong = call(settings, "end-secret", client, name, *REASON)
        assert wrong.exit_code == 1
        assert f"...{portal.secret[-4:]}" in wrong.output
        assert portal.secret not in wrong.output
    assert call(settings, "end-secret", client, portal.secret[-4:], *REASON).exit_code == 0
    assert refused(portal.ask(), "invalid_client", 401)


@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_a_key_lets_the_client_in_until_it_is_ended(settings, portal, client, tmp_path, form):
    key = Ed25519PrivateKey.generate()
    text = pem_of(key)
    if form == "jwk":
        text = json.dumps(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "one"})
    file = tmp_path / "key"
    file.write_text(text)
    done = call(settings, "key", client, str(file))
    assert done.exit_code == 0, done.output
    kid = done.output.split()[-1].rstrip(".")
    assert f"key {kid}" in call(settings, "list").output
    assert portal.show(portal.sign(key, kid=kid)).status_code == 200
    assert call(settings, "end-key", client, kid, *REASON).exit_code == 0
    assert refused(portal.show(portal.sign(key, kid=kid)), "invalid_client", 401)


def test_a_key_whose_kid_begins_with_a_hyphen_can_be_ended(settings, portal, client, tmp_path):
    key = Ed25519PrivateKey.generate()
    jwk = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "-BJ43hM_reason"}
    file = tmp_path / "key"
    file.write_text(json.dumps(jwk))
    assert call(settings, "key", client, str(file)).exit_code == 0
    assert portal.show(portal.sign(key, kid=jwk["kid"])).status_code == 200
    done = call(settings, "end-key", client, jwk["kid"], *REASON)
    assert done.exit_code == 0, done.output
    assert refused(portal.show(portal.sign(key, kid=jwk["kid"])), "invalid_client", 401)


def test_a_private_key_is_refused_with_a_sentence(settings, client, tmp_path):
    key = Ed25519PrivateKey.generate()
    file = tmp_path / "key.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(key.private_bytes(*form))
    done = call(settings, "key", client, str(file))
    assert done.exit_code == 1
    assert "This is a private key" in done.output
    assert "create a new pair" in done.output


def test_a_client_that_is_ended_is_listed_no_more_and_gets_in_no_more(settings, portal, client):
    assert call(settings, "end", client, *REASON).exit_code == 0
    assert client not in call(settings, "list").output
    assert refused(portal.ask(), "invalid_client", 401)


def test_a_backup_is_named_listed_and_ended(settings, client):
    until = f"{SystemClock().now().date() + timedelta(days=30)}"
    options = ("--until", until, "--reason", "Leave of the desk officer.")
    done = call(settings, "delegate", "AL-WBCTi", "--to", "AL-NC", *options)
    assert done.exit_code == 0, done.output
    delegation = re.search(ID, done.output)[0]
    listed = line_of(call(settings, "list", columns=40), delegation)
    assert listed == f"AL-NC may act for AL-WBCTi until {until}: Leave of the desk officer.  {delegation}"
    assert call(settings, "end-delegation", delegation, *REASON).exit_code == 0
    assert delegation not in call(settings, "list").output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("client", "AL-WBX", "--label", "Portal"), "There is no reporter 'AL-WBX'."),
        (("client", "EC", "--label", "EU SECRET things"), "carries the marking"),
        (("secret", "nothing"), "There is no such client."),
        (("end-secret", "nothing", "abcd", *REASON), "There is no such client."),
        (("end-key", "nothing", "abcd", *REASON), "There is no such client."),
        (("end", "nothing", *REASON), "There is no such client."),
        (("end-delegation", "nothing", *REASON), "There is no such delegation."),
        (
            ("delegate", "EC", "--to", "AL-NC", "--until", "2030-01-01", *REASON),
            "There is no such structure.",
        ),
        (
            ("delegate", "AL-WBCTi", "--to", "RS-NC", "--until", "2020-01-01", *REASON),
            "one of AL-WBCSCi, AL-WBBSi",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_right_is_said_in_a_sentence(settings, arguments, says):
    done = call(settings, *arguments)
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert says in done.output
    assert "Traceback" not in done.output


def test_what_the_operator_does_is_in_the_journal(settings, client):
    call(settings, "secret", client)
    call(settings, "end", client, *REASON)
    runtime = Runtime.of("entry", settings)
    with runtime.database.read() as tx:
        noted = list(tx.execute(select(entries).order_by(entries.c.id)))
    runtime.database.dispose()
    assert [row.action for row in noted] == ["client.made", "secret.made", "client.ended"]
    assert {(row.actor, row.reporter, row.partner) for row in noted} == {("operator", "AL-WBCTi", "AL")}
    assert noted[-1].detail["reason"] == "It leaked."
