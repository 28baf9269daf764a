"""Requests generated from the services' OpenAPI descriptions: valid and invalid ones."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as how
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from deploy.installation import service_named
from shared.http.openapi import ANY_RECORD
from shared.ids import new_id
from shared.reference.fields import MAX_REF
from tests.in_process import Installation
from tests.tenant_fixtures import TenantData, nonexistent

OWNER = "AL-WBCTi"
CALLERS = (OWNER, OWNER, "RS-WBCTi", "SECRETARIAT")
"""The callers; the reporter with data is chosen twice as often."""

WORDS: Mapping[str, Sequence[str]] = {
    "pillar": ["WBCTi"],
    "period": ["2025-2026", "2026"],
    "from": ["2025-2026"],
    "to": ["2027-2028", "AL-WBBSi"],
    "version": ["1"],
    "reporter": [OWNER],
    "structure": [OWNER],
    "kind": ["need", "support"],
    "name": ["WBCTi"],
    "meeting": ["board-8"],
    "collection": ["need-2025-2026"],
    "url": ["https://portal.example/hooks"],
}
"""Values that exist, for strings that the description leaves open; random strings would never match."""

CHECKS = [
    not_a_server_error,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
]


class Description:
    """A service's OpenAPI description, which can send the requests that it describes."""

    def __init__(
        self, installation: Installation, service: str, said: Mapping[str, Any], *, has: TenantData
    ) -> None:
        self._installation = installation
        self._problems = {each.status for each in service_named(service).problems.values()}
        plain = deepcopy(dict(said))
        # The caller is given here and must not be generated.
        for operation in operations_in(plain):
            operation.pop("security", None)
        ids = {name: [*some[:3], nonexistent(has).ids[name][0]] for name, some in has.ids.items()}
        named = deepcopy(plain)
        _allow_broken_records(plain)
        _name(named, {**WORDS, **ids})
        self._schemas = {
            mode: schemathesis.openapi.from_dict(description)
            for mode, description in ((GenerationMode.POSITIVE, named), (GenerationMode.NEGATIVE, plain))
        }
        for schema in self._schemas.values():
            schema.app = installation.client.http.application
        self.answered: Counter[tuple[str, int]] = Counter()
        """The number of responses by operation and status."""

    def ask_everything(self, *, examples: int) -> None:
        """Send valid and invalid requests to each operation; raise if a response does not match the description."""
        for mode, schema in self._schemas.items():
            operations = [each.ok() for each in schema.get_all_operations()]
            if mode.is_negative:
                operations = [each for each in operations if has_invalid_form(each)]
            # Operations that end an object come last, because few others are possible after them.
            for operation in sorted(
                operations, key=lambda each: (each.path.endswith("/end"), each.method != "get")
            ):
                self._ask_often(operation, mode, examples)

    def _ask_often(self, operation: Any, mode: GenerationMode, examples: int) -> None:
        @how(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=mode), caller=st.sampled_from(CALLERS))
        def ask(case: Any, caller: str) -> None:
            if mode.is_positive and "Idempotency-Key" in case.headers:
                # Without a new key, most requests would repeat an earlier one.
                case.headers["Idempotency-Key"] = new_id()
            self._ask(case, caller)

        ask()

    def _ask(self, case: Any, caller: str) -> None:
        answer = case.call(headers=self._installation.client._headers(caller))
        self.answered[case.operation.label, answer.status_code] += 1
        responses = case.operation.definition.raw["responses"]
        is_refused = answer.status_code >= 400
        assert str(answer.status_code) in responses or (
            is_refused and answer.status_code in self._problems
        ), f"{case.operation.label} answers {answer.status_code}, which is not described: {answer.text}"
        case.validate_response(answer, checks=CHECKS)


def has_invalid_form(operation: Any) -> bool:
    """Return whether an input can violate the description. A path accepts any text, and form values are texts."""
    required = any(each.is_required for each in operation.headers)
    return (
        required
        or bool([*operation.query])
        or any(each.media_type != "application/x-www-form-urlencoded" for each in operation.body)
    )


def description_of(installation: Installation, service: str) -> dict[str, Any]:
    """Return a service's OpenAPI description."""
    said: dict[str, Any] = installation.client.http.get(f"/{service}/v1/openapi.json").json
    return said


def operations_in(description: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each operation of a description."""
    for path in description["paths"].values():
        yield from path.values()


def _allow_broken_records(description: Mapping[str, Any]) -> None:
    """Describe only what is refused of a record at once: the verdict, not the response, rejects the rest."""
    ref = {"type": "string", "minLength": 1, "maxLength": MAX_REF}
    schemas = description["components"]["schemas"]
    for name, items in (
        ("SubmissionBody", {"type": "object", "required": ["ref"], "properties": {"ref": ref}}),
        # A preview accepts any JSON value, and reports it.
        ("PreviewBody", {}),
    ):
        if name in schemas:
            assert schemas[name]["properties"]["records"]["items"] == ANY_RECORD
            schemas[name]["properties"]["records"]["items"] = items


def _name(description: Mapping[str, Any], known: Mapping[str, Sequence[str]]) -> None:
    """Limit the strings in requests to values that exist in the installation."""
    for operation in operations_in(description):
        for parameter in operation["parameters"]:
            _narrow(parameter["schema"], known.get(parameter["name"]))
        for name in _schemas_in(description, operation.get("requestBody")):
            for place, schema in description["components"]["schemas"][name]["properties"].items():
                _narrow(schema, known.get(place))


def _narrow(schema: dict[str, Any], known: Sequence[str] | None) -> None:
    if known and "enum" not in schema and "string" in schema.get("type", ()):
        schema |= {"enum": known}


def _schemas_in(description: Mapping[str, Any], part: Any) -> Iterator[str]:
    """Yield the names of the schemas that a part of a description refers to."""
    if isinstance(part, list):
        for each in part:
            yield from _schemas_in(description, each)
    elif isinstance(part, dict):
        for name, each in part.items():
            if name == "$ref":
                schema = each.rpartition("/")[2]
                yield schema
                yield from _schemas_in(description, description["components"]["schemas"][schema])
            else:
                yield from _schemas_in(description, each)
