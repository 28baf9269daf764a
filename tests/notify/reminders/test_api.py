from collections.abc import Callable

import pytest

from services.notify.sending import tasks
from shared.resources import Runtime
from tests.conftest import Client

AL = "AL-WBCTi"


@pytest.fixture
def client(client_of: Callable[[str], Client], planned: Runtime) -> Client:
    assert planned.service == "notify"
    return client_of("notify")


def test_reminders_are_listed_in_pages_to_those_who_may_see_them(client: Client, planned: Runtime) -> None:
    tasks.plan(planned)
    assert {each["structure"] for each in client.get("/notify/v1/reminders", as_=AL).json["items"]} == {AL}
    found, path = [], "/notify/v1/reminders?limit=40"
    while path:
        page = client.get(path, as_="RCC-ANALYST").json
        found += page["items"]
        path = f"/notify/v1/reminders?limit=40&after={page['next']}" if page["next"] else ""
    assert len({(each["structure"], each["step"]) for each in found}) == len(found) == 90
    assert [each["send_on"] for each in found] == sorted(each["send_on"] for each in found)
    assert client.get("/notify/v1/reminders?after=yesterday", as_=AL).status_code == 422
