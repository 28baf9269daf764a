"""Tests that a receipt can be checked years later with only the installation's public keys and stored data."""

import base64
import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main
from services.entry.submissions.store.tables import versions
from shared.identity.callers import Caller
from shared.identity.tokens import issue_token
from shared.settings import Settings
from tests.in_process import NEEDS, installed

SUBMISSIONS = "/entry/v1/submissions"


@pytest.fixture
def installation(settings, clock):
    with installed(settings, clock) as made:
        yield made


def handed_in(installation) -> dict[str, Any]:
    """Return the response to a submission, merged with its receipt."""
    answer = installation.client.post(SUBMISSIONS, json=NEEDS, as_="AL-WBCTi").json
    return answer | installation.client.get(answer["receipt"], as_="AL-WBCTi").json


def verify(settings: Settings, receipt: str) -> Result:
    environ = {name: value for name, value in settings.as_environ().items() if name.startswith("IISGD_")}
    return CliRunner(env=environ).invoke(main, ["entry", "verify-receipt", "-"], input=receipt)


def test_a_receipt_is_good_and_says_what_became_of_its_version(installation, settings):
    answer = handed_in(installation)
    installation.settle()
    done = verify(settings, answer["receipt"])
    assert done.exit_code == 0, done.output
    assert f"AL-WBCTi submitted version 1 of submission {answer['id']}" in done.output
    assert answer["content_hash"] in done.output
    assert "1 record (json) were read; 0 parts of it were not." in done.output
    assert "It is stored and accepted." in done.output


def test_the_receipt_can_be_asked_for_again_and_is_the_same(installation):
    answer = handed_in(installation)
    path = f"{SUBMISSIONS}/{answer['id']}/receipt?version=1"
    assert installation.client.get(path, as_="AL-WBCTi").json == {"receipt": answer["receipt"]}
    assert installation.client.get(path, as_="RS-WBCTi").status_code == 404


def test_a_receipt_that_was_changed_is_refused(installation, settings):
    receipt = handed_in(installation)["receipt"]
    head, payload, signature = receipt.split(".")
    said = json.loads(base64.urlsafe_b64decode(payload + "=="))
    other = base64.urlsafe_b64encode(json.dumps(said | {"version": 2}).encode()).rstrip(b"=").decode()
    for changed in (f"{head}.{other}.{signature}", "no receipt at all", ""):
        done = verify(settings, changed)
        assert done.exit_code == 1
        assert "The statement was not signed by this installation" in done.output


def test_a_token_is_no_receipt(settings, clock):
    caller = Caller("AL-WBCTi", "structure", "AL", ("WBCTi",))
    token = issue_token(settings.keys, caller, audience=settings.token_audience, now=clock.now())
    assert "it has another type" in verify(settings, token).output


def test_content_that_was_changed_behind_the_receipt_is_told(installation, settings):
    answer = handed_in(installation)
    with installation.engine.begin() as connection:
        connection.execute(versions.update().values(content="0" * 64))
    done = verify(settings, answer["receipt"])
    assert done.exit_code == 1
    assert "This installation holds different content" in done.output
