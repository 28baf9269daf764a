"""A client generated from entry's description gets a token, submits records and a file, and reads both verdicts."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.strings import snake_case

from deploy.service_names import NAMES
from shared.http.request_body import FORM
from shared.ids import new_id
from shared.reference.fields.examples import example_submission
from tests.conftest import Client
from tests.entry.clients.portals import portal_of
from tests.in_process import Installation, installed
from tests.openapi_fuzzing import description_of, operations_in

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PACKAGE = "iisgd_entry_client"
CSV = (
    b"ref,title,category,theme,perspective,strand,priority_level,disposition\n"
    b"CT-9,Mediation training for local councils,operational,jap25_prevention,prevention,prevent,highest,open\n"
)
"""A need with a code that does not exist."""


@pytest.fixture
def installation(settings, clock) -> Iterator[Installation]:
    with installed(settings, clock) as made:
        yield made


def config_for(source: Path, output: Path) -> Config:
    # The generator knows no text/csv; docs/reporters.md shows this configuration.
    file = ConfigFile(
        post_hooks=[],
        package_name_override=PACKAGE,
        content_type_overrides={"text/csv": "application/octet-stream"},
    )
    return Config.from_sources(file, MetaType.NONE, source, "utf-8", overwrite=True, output_path=output)


@pytest.fixture
def generated(installation, tmp_path, monkeypatch) -> ModuleType:
    """The client's package, generated from the description that is served."""
    source = tmp_path / "openapi.json"
    source.write_text(json.dumps(description_of(installation, "entry")))
    generate(config=config_for(source, tmp_path / PACKAGE))
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    return importlib.import_module(PACKAGE)


def called(generated: ModuleType, place: str) -> ModuleType:
    return importlib.import_module(f"{generated.__name__}.{place}")


def test_a_generated_client_submits_records_and_a_file_and_reads_both_verdicts(installation, generated):
    models = called(generated, "models")
    portal = portal_of(installation.client, "AL-WBCTi")
    transport = {"transport": httpx.WSGITransport(app=installation.client.http.application)}
    url = "http://127.0.0.1:8000"
    form = models.TokenForm(grant_type="client_credentials", client_id=portal.id, client_secret=portal.secret)
    anonymous = generated.Client(base_url=url, httpx_args=transport)
    token = called(generated, "api.oauth.issue_token").sync(client=anonymous, body=form)
    client = generated.AuthenticatedClient(base_url=url, token=token.access_token, httpx_args=transport)

    body = models.SubmissionBody.from_dict(example_submission("need"))
    assert isinstance(body.records[0], models.NeedRecord)
    records = called(generated, "api.submissions.submit_records").sync_detailed(
        client=client, body=body, idempotency_key=new_id()
    )
    assert (records.status_code, records.parsed.state) == (202, "received")
    file = called(generated, "api.files.submit_file").sync(
        client=client,
        body=called(generated, "types").File(payload=CSV),
        pillar="WBCTi",
        kind=models.SubmitFileKind.NEED,
        period="2025-2026",
        tlp=models.SubmitFileTlp.TLPAMBER,
        idempotency_key=new_id(),
    )
    installation.settle()

    get = called(generated, "api.submissions.get_submission").sync
    accepted, returned = (get(each, client=client) for each in (records.parsed.id, file.id))
    assert (accepted.verdict.outcome, accepted.findings) == ("accepted", [])
    assert returned.verdict.outcome == "returned"
    ((place,),) = (finding.places for finding in returned.findings)
    assert (place.ref, place.value) == ("CT-9", "highest")


@pytest.mark.parametrize("service", NAMES)
def test_a_generator_leaves_no_operation_out(client_of, service):
    client: Client = client_of(service)
    description = client.http.get(f"/{service}/v1/openapi.json").json
    file = ConfigFile(
        content_type_overrides={
            media_type: "application/octet-stream"
            for operation in operations_in(description)
            for part in (operation.get("requestBody", {}), *operation["responses"].values())
            for media_type in part.get("content", {})
            if media_type != FORM
            and not (media_type.startswith("application/") and media_type.endswith(("/json", "+json")))
        }
    )
    config = Config.from_sources(file, MetaType.NONE, Path(), "utf-8", overwrite=False, output_path=None)
    found = GeneratorData.from_dict(description, config=config)
    assert isinstance(found, GeneratorData)
    collections = found.endpoint_collections_by_tag.values()
    assert [error.detail for each in collections for error in each.parse_errors] + found.errors == []
    names = {endpoint.name for each in collections for endpoint in each.endpoints}
    assert names == {snake_case(operation["operationId"]) for operation in operations_in(description)}
