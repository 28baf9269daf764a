"""The edge honours what a client prefers and what it has already read."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from shared.errors import MatchIsRequired, MatchIsStale, check_match
from shared.http import edge, json_codec
from shared.http.routes import PUBLIC, RequestContext, Result, Route
from shared.resources import Runtime
from shared.runtime.declarations import Service
from shared.runtime.flask_app import build_flask
from shared.settings import Settings

JSON, CSV, HTML = "application/json", "text/csv", "text/html"
FIGURES = {"rows": [1, 2, 3]}


def show_figures(call: RequestContext) -> Result:
    if call.preferred_of(JSON, CSV) == CSV:
        return Result(text="1,2,3", media_type=CSV, hash_etag=True)
    return Result(FIGURES, hash_etag=True)


@pytest.fixture
def client(tmp_path) -> Iterator[FlaskClient]:
    service = Service("probe", routes=(Route("GET", "/figures", show_figures, allow=PUBLIC),))
    app = build_flask([service], Settings(home=tmp_path, broker_url="amqp://nobody"))
    yield app.test_client()
    for runtime in app.extensions["iisgd"]:
        runtime.database.dispose()


@pytest.fixture
def request_with(tmp_path, clock):
    runtime = Runtime.of("entry", Settings(home=tmp_path), clock)

    def make(**headers: str) -> RequestContext:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return RequestContext(
            runtime=runtime, caller=None, only_reads=True, body=None, query={}, headers=named
        )

    return make


@pytest.mark.parametrize(
    ("accept", "preferred"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("text/csv; charset=utf-8", CSV),
        ("TEXT/CSV", CSV),
        ("text/csv, application/json", JSON),
        ("text/csv, */*;q=0.1", CSV),
        ("text/csv;q=0, */*", JSON),
        ("application/json;q=0, text/*", CSV),
        ("application/json;q=0.5, text/csv;q=0.9", CSV),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("image/png", JSON),
        ("text/csv;q=x", JSON),
        (";;;,", JSON),
    ],
)
def test_a_client_gets_what_it_likes_best_and_never_what_it_refuses(request_with, accept, preferred):
    assert request_with(Accept=accept).preferred_of(JSON, CSV, HTML) == preferred


@pytest.mark.parametrize("sent", ['"a"', 'W/"a"', '"b", "a"', '"b","c" , W/"a"', "a", "*", " * "])
def test_a_change_that_names_the_current_state_passes(request_with, sent):
    check_match(request_with(If_Match=sent).if_match, "a")


@pytest.mark.parametrize("sent", ['"b"', '"*b"', '"ab"', '"b", "c"', ","])
def test_a_change_that_names_another_state_is_stale(request_with, sent):
    with pytest.raises(MatchIsStale):
        check_match(request_with(If_Match=sent).if_match, "a")


def test_a_change_that_names_no_state_is_refused(request_with):
    with pytest.raises(MatchIsRequired):
        check_match(request_with().if_match, "a")


@pytest.mark.parametrize("sent", ['"a"', "*"])
def test_what_does_not_exist_is_in_no_state_that_a_change_could_name(request_with, sent):
    check_match(request_with().if_match, None)
    with pytest.raises(MatchIsStale, match="does not exist"):
        check_match(request_with(If_Match=sent).if_match, None)


def test_a_refused_media_type_is_not_sent(client):
    assert client.get("/probe/v1/figures", headers={"Accept": "text/csv;q=0, */*"}).json == FIGURES
    assert client.get("/probe/v1/figures", headers={"Accept": "text/csv"}).text == "1,2,3"


def test_a_body_is_serialised_once_and_its_hash_is_its_etag(client, monkeypatch):
    written = []
    monkeypatch.setattr(
        edge,
        "write_json",
        lambda value, language: written.append(value) or json_codec.write_json(value, language),
    )
    first = client.get("/probe/v1/figures")
    assert written == [FIGURES]
    again = client.get("/probe/v1/figures", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get("/probe/v1/figures", headers={"Accept": CSV, "If-None-Match": first.headers["ETag"]})
    assert (other.status_code, other.text) == (200, "1,2,3")
