from collections.abc import Callable

import pytest

from shared.resources import Runtime
from tests.conftest import Client

AL = "AL-WBCTi"
SECRETARIAT = "SECRETARIAT"
MAILBOX = {"address": "ct@mb.example", "backup": "desk@mb.example", "label": "Counter-terrorism desk"}


@pytest.fixture
def client(client_of: Callable[[str], Client], planned: Runtime) -> Client:
    assert planned.service == "notify"
    return client_of("notify")


def test_only_the_secretariat_sets_a_mailbox(client: Client) -> None:
    path = f"/notify/v1/contacts/{AL}"
    tag = client.get(path, as_=SECRETARIAT).headers["ETag"]
    assert client.put(path, json=MAILBOX, as_=SECRETARIAT).status_code == 428
    kept = client.put(path, json=MAILBOX, as_=SECRETARIAT, headers={"If-Match": tag})
    assert (kept.status_code, kept.json) == (200, {"structure": AL} | MAILBOX)
    assert client.put(path, json=MAILBOX, as_=AL).status_code == 403
    assert client.get(path, as_=AL).status_code == 403
    assert client.put("/notify/v1/contacts/AL-NOBODY", json=MAILBOX, as_=SECRETARIAT).status_code == 404


@pytest.mark.parametrize(
    "address", ["nobody", "a b@c.example", "desk@mb.example\r\nBcc: x@y.example", "déšk@mb.example"]
)
def test_an_address_that_no_mail_server_could_use_is_refused(client: Client, address: str) -> None:
    path = f"/notify/v1/contacts/{AL}"
    tag = client.get(path, as_=SECRETARIAT).headers["ETag"]
    refused = client.put(
        path, json=MAILBOX | {"address": address}, as_=SECRETARIAT, headers={"If-Match": tag}
    )
    assert refused.status_code == 422
