import pytest

EVERY_ROLE = ["AL-WBBSi", "AL-NC", "EC", "RCC-ANALYST", "SECRETARIAT"]


@pytest.mark.parametrize("path", ["aggregates", "gaps", "completeness"])
def test_every_answer_says_as_of_when_and_can_be_asked_about_again(get, figures, owed, path):
    first = get(path)
    assert first.json["as_of"] == "2026-11-23T09:00:00.000Z"
    assert get(path, **{"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("reader", EVERY_ROLE)
def test_every_reader_with_a_token_may_ask_for_aggregates_and_gaps(get, reader):
    assert get("aggregates", as_=reader).status_code == 200
    assert get("gaps", as_=reader).status_code == 200
