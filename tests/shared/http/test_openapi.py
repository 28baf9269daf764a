"""The descriptions of the services' routes, as developers and their generators read them."""

import json
import re
from collections import Counter
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from deploy.installation import services
from shared.http.openapi import openapi_of
from shared.http.openapi.records import IN_JSON, RECORDS, record_components
from shared.reference import KINDS
from shared.reference.fields import fields_of
from shared.reference.fields.examples import EXAMPLES, example_submission
from shared.reference.fields.help import HELP
from tests.in_process import COLLECTION, Installation, installed

OPERATIONS = [
    "carryOverNeeds",
    "compareVersions",
    "createClient",
    "createClientKey",
    "createClientSecret",
    "createWebhook",
    "createWebhookSecret",
    "deleteWebhook",
    "downloadAnnotatedWorkbook",
    "downloadFindingsReport",
    "downloadRecords",
    "downloadRecordsCsv",
    "downloadRecordsXlsx",
    "downloadTemplate",
    "enableWebhook",
    "getAggregates",
    "getAuthorizationServerMetadata",
    "getCollection",
    "getCompleteness",
    "getContact",
    "getGaps",
    "getMeeting",
    "getPublicKeys",
    "getReceipt",
    "getRuleStatistics",
    "getRuleset",
    "getRulesetPage",
    "getSubmission",
    "getVerdict",
    "getWebhook",
    "grantDelegation",
    "grantException",
    "issueToken",
    "justifyFinding",
    "listAuditLog",
    "listChanges",
    "listClients",
    "listDelegations",
    "listExceptions",
    "listFindings",
    "listMails",
    "listMeetings",
    "listObligations",
    "listPreviousNeeds",
    "listReminders",
    "listRulesets",
    "listSubmissions",
    "listVerdicts",
    "listVersions",
    "listWebhookMessages",
    "listWebhooks",
    "listWindows",
    "previewVerdict",
    "putCollection",
    "putContact",
    "putMeeting",
    "replayWebhookMessage",
    "replayWebhookMessages",
    "revokeClient",
    "revokeClientKey",
    "revokeClientSecret",
    "revokeDelegation",
    "revokeException",
    "revokeWebhookSecret",
    "signNilReturn",
    "submitFile",
    "submitRecords",
    "testWebhook",
    "waiveFinding",
    "withdrawRecords",
    "withdrawSubmission",
]
"""The operations that generated clients may call: add new ones, and never rename or remove one."""


COMPONENTS = {
    "entry": [
        "AuditEntry",
        "AuditLogResponse",
        "Beneficiary",
        "CarryOverBody",
        "CarryOverResponse",
        "Change",
        "ChangedRecord",
        "ChangesResponse",
        "ClientBody",
        "ClientResponse",
        "ClientsResponse",
        "DelegationBody",
        "DelegationResponse",
        "DelegationsResponse",
        "DiffResponse",
        "Disposition",
        "EmptyBody",
        "EquipmentItem",
        "ExceptionBody",
        "ExceptionResponse",
        "ExceptionsResponse",
        "FieldChange",
        "Finding",
        "KeyBody",
        "KeyResponse",
        "KeySetResponse",
        "MessageResponse",
        "MessagesResponse",
        "MetadataResponse",
        "NeedLink",
        "NeedRecord",
        "NewSecretResponse",
        "NilReturnBody",
        "OAuthErrorResponse",
        "Organisation",
        "ParticipantGroup",
        "Place",
        "PreviousNeed",
        "PreviousNeedsResponse",
        "Problem",
        "Queue",
        "ReadColumn",
        "ReadSummary",
        "Reading",
        "ReceiptResponse",
        "RecordsResponse",
        "RecordsWithdrawalBody",
        "Refusal",
        "ReplayBody",
        "ReplayResponse",
        "ResponseLink",
        "ResponseRecord",
        "RevokeBody",
        "RevokeExceptionBody",
        "RevokedResponse",
        "SecretBody",
        "SecretResponse",
        "Sector",
        "Statement",
        "SubmissionBody",
        "SubmissionResponse",
        "SubmissionsResponse",
        "Supersedes",
        "SupportRecord",
        "Theme",
        "TimelineStep",
        "TokenForm",
        "TokenResponse",
        "TrainingNeed",
        "Transaction",
        "UnreadPart",
        "UploadedFile",
        "Verdict",
        "Version",
        "VersionsResponse",
        "WebhookBody",
        "WebhookResponse",
        "WebhookSecretResponse",
        "WebhooksResponse",
        "WindowResponse",
        "WindowsResponse",
        "WithdrawalBody",
    ],
    "validation": [
        "Beneficiary",
        "EquipmentItem",
        "FindingResponse",
        "FindingsReport",
        "FindingsResponse",
        "JustificationBody",
        "NeedLink",
        "NeedRecord",
        "Organisation",
        "OutcomesWhere",
        "ParticipantGroup",
        "Place",
        "PreviewBody",
        "PreviewResponse",
        "Problem",
        "ReportFinding",
        "ResponseLink",
        "ResponseRecord",
        "RuleOutcomes",
        "RuleResponse",
        "RuleStatistics",
        "RuleStatisticsResponse",
        "RulesetResponse",
        "RulesetStamp",
        "RulesetSummary",
        "RulesetVersion",
        "RulesetsResponse",
        "Sector",
        "Skipped",
        "SkippedWhere",
        "Stamp",
        "Supersedes",
        "SupportRecord",
        "Theme",
        "TrainingNeed",
        "Transaction",
        "VerdictHistory",
        "VerdictListed",
        "VerdictResponse",
        "WaiverBody",
    ],
    "reporting": [
        "AggregatesResponse",
        "Amount",
        "CompletenessResponse",
        "DeadlineResponse",
        "FigureRow",
        "Gap",
        "GapTotals",
        "GapsResponse",
        "Measures",
        "ObligationResponse",
        "Problem",
        "Tally",
    ],
    "notify": [
        "CollectionBody",
        "CollectionChangeResponse",
        "CollectionResponse",
        "ContactBody",
        "ContactResponse",
        "DatesResponse",
        "MailResponse",
        "MailsResponse",
        "MeetingBody",
        "MeetingChangeResponse",
        "MeetingFacts",
        "MeetingResponse",
        "MeetingsResponse",
        "NotifiedResponse",
        "ObligationResponse",
        "ObligationsResponse",
        "Problem",
        "ReminderResponse",
        "RemindersResponse",
    ],
}
"""The schemas that generated clients may name: add new ones, and never rename or remove one."""


@pytest.fixture(scope="module")
def described() -> dict[str, dict[str, Any]]:
    return {each.name: openapi_of(each.name, each.routes, each.problems.values()) for each in services()}


@pytest.fixture(scope="module")
def operations(described) -> dict[str, dict[str, Any]]:
    """Each operation by its id."""
    return {
        operation["operationId"]: operation
        for description in described.values()
        for methods in description["paths"].values()
        for operation in methods.values()
    }


def test_each_operation_has_one_name_over_all_services_that_never_changes(described):
    named = Counter(
        operation["operationId"]
        for description in described.values()
        for methods in description["paths"].values()
        for operation in methods.values()
    )
    assert set(named.values()) == {1}
    assert set(OPERATIONS) <= named.keys(), "an operation was renamed or removed"
    assert named.keys() <= set(OPERATIONS), "add the new operation to the list"
    assert [name for name in named if not re.fullmatch("[a-z]+([A-Z][a-z]+)*", name)] == []


def test_every_summary_and_response_is_described_in_words(operations):
    for name, operation in operations.items():
        assert re.match("[A-Z][a-z]+,? ", operation["summary"]), name
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[A-Z][^\0]+\.", response["description"]), (name, status)


def test_each_component_is_described_and_has_a_name_of_its_own(described):
    for service, description in described.items():
        schemas = description["components"]["schemas"]
        assert set(COMPONENTS[service]) <= schemas.keys(), "a schema was renamed or removed"
        for name, schema in schemas.items():
            assert re.fullmatch("([A-Z][A-Za-z]+)+", name)
            assert schema["description"].endswith("."), name


def test_bodies_that_are_no_json_are_binary(operations):
    file = operations["submitFile"]["requestBody"]["content"]
    assert {json.dumps(each["schema"]) for each in file.values()} == {
        '{"type": "string", "format": "binary"}'
    }
    assert {"text/csv", "application/xml", "application/x-ndjson"} < file.keys()
    for name in ("downloadTemplate", "downloadRecordsXlsx", "downloadAnnotatedWorkbook"):
        (content,) = operations[name]["responses"]["200"]["content"].values()
        assert content["schema"] == {"type": "string", "format": "binary"}


def test_a_parameter_is_never_null(operations):
    for operation in operations.values():
        assert "null" not in json.dumps([each["schema"] for each in operation["parameters"]])


def test_submitting_describes_all_headers_of_request_and_response(operations):
    operation = operations["submitRecords"]
    headers = {each["name"] for each in operation["parameters"] if each["in"] == "header"}
    assert headers == {"Idempotency-Key", "Prefer"}
    assert operation["responses"]["202"]["headers"].keys() >= {
        "Location",
        "Preference-Applied",
        "Idempotency-Replayed",
        "RateLimit",
        "RateLimit-Policy",
    }


def test_a_token_comes_from_the_endpoint_that_the_description_names(described, operations):
    entry = described["entry"]
    flow = entry["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]
    assert entry["paths"][flow["tokenUrl"]]["post"] == operations["issueToken"]
    assert flow["scopes"].keys() == {"read", "write"}
    assert operations["submitRecords"]["security"] == [{"oauth": ["write"]}, {"bearer": []}]
    assert "security" not in operations["getAggregates"]


def test_a_body_of_which_nothing_is_required_is_not_required_itself(operations):
    optional = {
        name
        for name, operation in operations.items()
        if "requestBody" in operation and not operation["requestBody"]["required"]
    }
    webhooks = {"enableWebhook", "deleteWebhook", "testWebhook", "replayWebhookMessage"}
    assert optional == webhooks | {"createWebhookSecret", "revokeWebhookSecret", "createClientSecret"}


# --- Records ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_has_the_fields_of_its_kind(kind):
    schema = record_components()[RECORDS[kind]]
    assert schema["properties"].keys() == fields_of(kind).keys()
    assert set(schema["required"]) == {name for name, field in fields_of(kind).items() if field.required}


def test_the_help_of_a_field_does_not_speak_of_cells():
    help_of_all = "\n".join(HELP.values())
    assert [in_cells for in_cells, _ in IN_JSON if in_cells not in help_of_all] == []
    written = json.dumps(record_components())
    assert re.findall(r"[^\"]*\b(?:rows?|columns?|cells?|blank|semicolons?|file)\b[^\"]*", written) == []


def validator_of(described: dict[str, dict[str, Any]], name: str) -> OAS31Validator:
    description = described["entry"]
    return OAS31Validator({"$ref": f"#/components/schemas/{name}", "components": description["components"]})


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_has_the_form_that_is_described(described, kind):
    assert list(validator_of(described, RECORDS[kind]).iter_errors(EXAMPLES[kind])) == []
    assert list(validator_of(described, "SubmissionBody").iter_errors(example_submission(kind))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"title": 7},
        {"title": ""},
        {"ref": " padded "},
        {"ref": "x" * 121},
        {"priority_level": "highest"},
        {"estimated_cost": -1},
        {"price_year": 1999},
        {"capabilities": ["courage"]},
        {"training": {"topic": "A", "colour": "red"}},
        {"colour": "red"},
    ],
    ids=str,
)
def test_what_a_verdict_would_return_breaks_the_description(described, change):
    assert list(validator_of(described, "NeedRecord").iter_errors(EXAMPLES["need"] | change))


@pytest.fixture
def installation(settings, clock) -> Any:
    with installed(settings, clock) as made:
        yield made


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_example_is_accepted_without_a_finding(installation: Installation):
    collection = COLLECTION | {"kind": "response", "period": "2026"}
    path = "/notify/v1/collections/response-2026"
    assert installation.client.put(path, json=collection, as_="SECRETARIAT").status_code == 201
    installation.settle()
    for kind in KINDS:
        submission = installation.hand_in(example_submission(kind))
        view = installation.client.get(f"/entry/v1/submissions/{submission}", as_="AL-WBCTi").json
        assert (view["state"], view["findings"]) == ("accepted", []), kind
