from collections.abc import Callable

import pytest

from services.notify.sending import tasks
from shared.resources import Runtime
from tests.conftest import Client
from tests.notify.mail_server import MailServer
from tests.notify.steps import owe_only, plan_and_send, with_server

AL = "AL-WBCTi"
SECRETARIAT = "SECRETARIAT"


@pytest.fixture
def client(client_of: Callable[[str], Client], planned: Runtime) -> Client:
    assert planned.service == "notify"
    return client_of("notify")


def test_only_the_secretariat_lists_mails_also_by_state(
    client: Client, planned: Runtime, server: MailServer
) -> None:
    owe_only(planned, AL)
    plan_and_send(with_server(planned, server.url))
    (mail,) = client.get("/notify/v1/mails?state=sent", as_=SECRETARIAT).json["items"]
    assert (mail["recipient"], mail["attempts"], mail["sent_at"]) == (
        "al-wbcti@iisg.example",
        1,
        "2026-11-23T09:00:00.000Z",
    )
    assert client.get("/notify/v1/mails?state=uncertain", as_=SECRETARIAT).json == {"items": [], "next": None}
    assert client.get("/notify/v1/mails?state=lost", as_=SECRETARIAT).status_code == 422
    assert client.get("/notify/v1/mails", as_="RCC-ANALYST").status_code == 403


def test_the_metrics_count_mails_by_state(client: Client, planned: Runtime) -> None:
    tasks.plan(planned)
    scraped = client.get("/metrics", as_=None).text
    assert "iisgd_mails{" in scraped
    assert 'state="due"' in scraped
