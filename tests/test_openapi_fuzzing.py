"""Tests of the OpenAPI descriptions with generated requests, on both databases, by several reporters.

Requests are generated from the descriptions, valid and invalid ones. No response may be a server error, or have a
status, media type or shape that is not described.
"""

import re
from collections.abc import Iterator

import pytest
from schemathesis.core.failures import FailureGroup

from deploy.service_names import NAMES
from shared.clock import FixedClock
from shared.settings import Settings
from tests.conftest import NO_LIMITS, NOW
from tests.in_process import Installation, installed
from tests.openapi_fuzzing import OWNER, Description, description_of, operations_in
from tests.tenant_fixtures import Filling, TenantData

EXAMPLES = 5
"""The number of valid requests, and of invalid ones, per operation; the drill sends far more."""

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}

Filled = tuple[Installation, TenantData]


@pytest.fixture(scope="module")
def filled(postgres, tmp_path_factory, keys) -> Iterator[Filled]:
    """An installation in which the owner has data of every kind. The drill sends many more requests, on SQLite too."""
    home, url = tmp_path_factory.mktemp("described"), postgres.fresh()
    nobody_listens = "amqp://127.0.0.1:1//"
    settings = Settings(home=home, database_url=url, key_folder=keys, broker_url=nobody_listens, **NO_LIMITS)
    with installed(settings, FixedClock(NOW)) as installation:
        has = Filling(installation, OWNER).fill()
        installation.seal()
        yield installation, has


@pytest.mark.parametrize("service", NAMES)
def test_whatever_is_asked_is_answered_as_it_is_described(filled, service):
    installation, has = filled
    said = description_of(installation, service)
    description = Description(installation, service, said, has=has)
    description.ask_everything(examples=EXAMPLES)
    described = {f"{method.upper()} {path}" for path, each in said["paths"].items() for method in each}
    assert {label for label, _ in description.answered} == described
    assert {200, 422} <= {status for _, status in description.answered}


def test_what_is_not_as_it_is_described_would_be_found(filled):
    installation, has = filled
    said = description_of(installation, "notify")
    del said["components"]["schemas"]["MeetingsResponse"]["properties"]["items"]
    with pytest.raises(FailureGroup, match="violates schema"):
        Description(installation, "notify", said, has=has).ask_everything(examples=1)


def test_a_status_that_is_not_described_would_be_found(filled):
    installation, has = filled
    said = description_of(installation, "reporting")
    for operation in operations_in(said):
        del operation["responses"]["200"]
    with pytest.raises(AssertionError, match="answers 200, which is not described"):
        Description(installation, "reporting", said, has=has).ask_everything(examples=1)


@pytest.mark.parametrize("service", NAMES)
def test_a_method_that_is_not_described_is_405_with_those_that_are(filled, service):
    installation, _ = filled
    paths = description_of(installation, service)["paths"]
    for path in paths:
        there = re.sub(r"\{\w+\}", "any", path)
        # A path with parameters may match this path too.
        fitting = [each for each in paths if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), there)]
        described = {method.upper() for each in fitting for method in paths[each]}
        for method in METHODS - described:
            answer = installation.client.http.open(there, method=method)
            assert (answer.status_code, answer.mimetype) == (405, "application/problem+json"), (method, path)
            assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == described


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/notify/v1/meetings", "get", "200 401 403 422 429 503 default"),
        (
            "/notify/v1/meetings/{meeting}",
            "put",
            "200 201 400 401 403 404 412 413 415 422 428 429 503 default",
        ),
        ("/validation/v1/check", "post", "200 400 401 403 404 413 415 422 429 503 default"),
        ("/entry/oauth/jwks.json", "get", "200 401 403 422 429 503 default"),
    ],
)
def test_what_the_edge_refuses_is_described_for_each_route(filled, path, method, statuses):
    described = description_of(filled[0], path.split("/")[1])["paths"][path][method]["responses"]
    assert set(described) == set(statuses.split())
