"""One rule at one place: where it is judged, how it goes, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation.engine.domain.findings import Place, bounded, fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.validation.engine.domain.language.context import Context
    from services.validation.engine.domain.rules import Rule

_OURS = "This rule could not be judged. The fault is ours, not yours: nothing needs to be changed for it, and we are told."
_OURS_EXPECTED = "Send the same submission again once we have mended the rule."

_ITSELF = (None,)
MAX_CAUSE_LENGTH = 200


def items_of(rule: Rule, record: Mapping[str, Any], context: Context) -> Sequence[Any]:
    """What the rule judges about a record: each entry of its list, or the record itself, for which None stands."""
    if rule.for_each is None:
        return _ITSELF
    if rule.goes_through_record:
        return record.get(rule.for_each) or ()
    looked_up = context.former() if rule.is_submission_rule else context.similar(record.get("ref"))
    return looked_up or ()


def outcome_of(
    rule: Rule, record: Mapping[str, Any], facts: Mapping[str, Any], item: Any, context: Context
) -> tuple[str, str | None]:
    """Judge one place by one rule: passed, failed, skipped (and why), or errored (and the cause)."""
    try:
        outcome = rule.test(record, facts, item, context)
    except Exception as error:  # noqa: BLE001 - whatever breaks in a rule becomes a finding, never a lost submission
        return "errored", cause_of(error)
    if isinstance(outcome, str):
        return "skipped", outcome
    return ("passed" if outcome else "failed"), None


def cause_of(error: Exception) -> str:
    """Why a rule broke, for those who mend it."""
    return f"{type(error).__name__}: {error}"[:MAX_CAUSE_LENGTH]


def describe_place(
    rule: Rule,
    record: Mapping[str, Any],
    facts: Mapping[str, Any],
    item: Any,
    context: Context,
    *,
    pointer: str,
) -> Place:
    """What is said about the place to which `pointer` leads, where the rule failed or broke."""
    is_ours = outcome_of(rule, record, facts, item, context)[0] == "errored"
    points_at = item if rule.goes_through_record else None if rule.is_submission_rule else record
    ref = item if rule.is_submission_rule else record
    value = _at(points_at, rule.place)
    # What was looked up is part of what is found: another support that is alike is another finding.
    looked_up = None if item is None or rule.goes_through_record else (item.get("reporter"), item.get("ref"))
    return Place(
        ref=ref.get("ref") if isinstance(ref, dict) else None,
        pointer=f"{pointer}/{rule.place.replace('.', '/')}" if rule.place else pointer,
        value=bounded(value),
        fingerprint=fingerprint(value, looked_up),
        message=_OURS if is_ours else rule.message.filled(record, facts, item, context),
        expected=_OURS_EXPECTED if is_ours else rule.expected.filled(record, facts, item, context),
    )


def record_index(rule: Rule, index: int, at: int | None) -> int | None:
    """The index of the record that a place is in; None where it is in none of them."""
    if not rule.is_submission_rule:
        return index
    return at if rule.goes_through_record else None


def pointer_of(rule: Rule, index: int, at: int | None) -> str:
    """The JSON pointer to a record, or to the entry of its list, that a rule judges."""
    if rule.is_submission_rule:
        return f"/records/{at}" if rule.goes_through_record else "/records"
    within = f"/{rule.for_each}/{at}" if rule.goes_through_record else ""
    return f"/records/{index}{within}"


def _at(place: Any, path: str) -> Any:
    for part in path.split(".") if path else ():
        place = place.get(part) if isinstance(place, dict) else None
    return place
