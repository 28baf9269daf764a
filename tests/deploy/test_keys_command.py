from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main
from services.entry.submissions.domain.submissions import Submission, Version
from services.entry.submissions.operations.receipts import read_receipt, sign_receipt
from shared.clock import SystemClock
from shared.identity.callers import Caller
from shared.identity.keys import ensure_keys
from shared.identity.tokens import TokenIsRefused, Tokens, issue_token
from shared.settings import Settings

CALLER = Caller("AL-WBCTi", "structure", "AL", ("WBCTi",))


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Settings of an installation with its first key."""
    settings = Settings(home=tmp_path)
    ensure_keys(settings.keys, name="installation")
    return settings


def call(settings: Settings, *arguments: str) -> Result:
    return CliRunner(env={"IISGD_HOME": str(settings.home)}).invoke(main, ["keys", *arguments])


def token_of(settings: Settings) -> str:
    return issue_token(settings.keys, CALLER, audience="iisgd", now=SystemClock().now())


def states(settings: Settings) -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in call(settings, "list").output.splitlines())


def test_a_new_key_signs_and_the_former_one_checks_until_it_is_retired(settings):
    former = token_of(settings)
    assert call(settings, "rotate").exit_code == 0
    (newest,) = states(settings).keys() - {"installation"}
    assert states(settings) == {"installation": "checks", newest: "signs and verifies"}
    tokens, now = Tokens(settings.keys, audience="iisgd"), SystemClock().now()
    assert tokens.caller(former, now=now) == tokens.caller(token_of(settings), now=now) == CALLER
    assert call(settings, "retire", "installation").exit_code == 0
    assert states(settings) == {"installation": "checks receipts only", newest: "signs and verifies"}
    fresh = Tokens(settings.keys, audience="iisgd")
    assert fresh.caller(token_of(settings), now=now) == CALLER
    with pytest.raises(TokenIsRefused):
        fresh.caller(former, now=now)
    assert list(settings.keys.glob("installation.private.pem")) == []


def test_a_receipt_outlives_the_key_that_signed_it(settings):
    now = SystemClock().now()
    submission = Submission(
        "one", "AL-WBCTi", "AL", "WBCTi", "need", "2025-2026", 1, "received", now, now + timedelta()
    )
    receipt = sign_receipt(settings.keys, submission, Version(1, "received", now))
    call(settings, "rotate")
    call(settings, "retire", "installation")
    assert read_receipt(receipt, folder=settings.keys)["reporter"] == "AL-WBCTi"


def test_the_key_that_signs_and_one_that_is_not_there_are_not_retired(settings):
    signing = call(settings, "retire", "installation")
    unknown = call(settings, "retire", "../installation")
    assert (signing.exit_code, unknown.exit_code) == (1, 1)
    assert "iisgd keys rotate" in signing.output
    assert "the keys are installation" in unknown.output
    assert states(settings) == {"installation": "signs and verifies"}


def test_without_a_key_it_is_said_where_one_comes_from(tmp_path):
    done = call(Settings(home=tmp_path), "rotate")
    assert done.exit_code == 1
    assert "iisgd migrate" in done.output
