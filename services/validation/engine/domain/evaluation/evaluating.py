"""Evaluation of one rule at one place: its items, its outcome, and the text about it."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.validation.engine.domain.findings import Place, bounded, fingerprint
from services.validation.engine.domain.language.context import Context
from services.validation.engine.domain.messages import Filling
from services.validation.engine.domain.rules import Rule
from services.validation.engine.domain.words import DEVELOPER, Words
from shared.i18n import Text

_ERRORED = Text(
    "This rule could not be evaluated because the rule itself is faulty. You need not change anything;"
    " the operators are notified."
)
_ERRORED_EXPECTED = Text("Submit the same data again when the rule is corrected.")

_ITSELF = (None,)
MAX_CAUSE_LENGTH = 200


def items_of(rule: Rule, record: Mapping[str, Any], context: Context) -> Sequence[Any]:
    """Return the items that the rule is evaluated for: the entries of its list, or None for the record itself."""
    if rule.for_each is None:
        return _ITSELF
    if rule.goes_through_record:
        return record.get(rule.for_each) or ()
    match rule.for_each:
        case "former":
            return context.former() or ()
        case "unread":
            return context.unread() or ()
    return context.similar(record.get("ref")) or ()


def outcome_of(
    rule: Rule, record: Mapping[str, Any], facts: Mapping[str, Any], item: Any, context: Context
) -> tuple[str, str | None]:
    """Evaluate one rule at one place: passed, failed, skipped (with the reason), or errored (with the cause)."""
    try:
        outcome = rule.test(record, facts, item, context)
    except Exception as error:  # noqa: BLE001 - an error in a rule becomes a finding, never a lost submission
        return "errored", cause_of(error)
    if isinstance(outcome, str):
        return "skipped", outcome
    return ("passed" if outcome else "failed"), None


def cause_of(error: Exception) -> str:
    """Describe why a rule errored, for its maintainers."""
    return f"{type(error).__name__}: {error}"[:MAX_CAUSE_LENGTH]


def describe_place(
    rule: Rule,
    record: Mapping[str, Any],
    facts: Mapping[str, Any],
    item: Any,
    context: Context,
    *,
    pointer: str,
    words: Words = DEVELOPER,
) -> Place:
    """Describe the place at `pointer` where the rule failed or errored, in the terms of the sender."""
    is_errored = outcome_of(rule, record, facts, item, context)[0] == "errored"
    points_at = item if rule.goes_through_record else None if rule.is_submission_rule else record
    ref = item if rule.is_submission_rule else record
    value = item.get("amount") if rule.is_file_rule else _at(points_at, rule.place)
    looked_up = None if item is None or rule.goes_through_record else _identity(item)
    inside = ".".join(pointer.split("/")[3:])
    filling = Filling(record, facts, item, context, words, inside)
    return Place(
        ref=ref.get("ref") if isinstance(ref, dict) else None,
        pointer=f"{pointer}/{rule.place.replace('.', '/')}" if rule.place else pointer,
        value=bounded(value),
        fingerprint=fingerprint(value, looked_up),
        message=_ERRORED if is_errored else _message(rule, value, filling),
        expected=_ERRORED_EXPECTED if is_errored else rule.expected.filled(filling),
    )


def _message(rule: Rule, value: Any, filling: Filling) -> Text:
    """Fill the message, and suggest the code that the value resembles, if the rule offers codes."""
    message = rule.message.filled(filling)
    near = rule.expected.suggestion(value, filling)
    return message if near is None else Text("{message} Did you mean {near}?", message=message, near=near)


def record_index(rule: Rule, index: int, at: int | None) -> int | None:
    """Return the index of the record that contains a place; None if none does."""
    if not rule.is_submission_rule:
        return index
    return at if rule.goes_through_record else None


def pointer_of(rule: Rule, index: int, at: int | None) -> str:
    """Return the JSON pointer to the record, or entry of its list, that a rule is evaluated for."""
    if rule.is_file_rule:
        return f"/unread/{at}"
    if rule.is_submission_rule:
        return f"/records/{at}" if rule.goes_through_record else "/records"
    within = f"/{rule.for_each}/{at}" if rule.goes_through_record else ""
    return f"/records/{index}{within}"


def _identity(item: Mapping[str, Any]) -> Any:
    """Identify looked-up data, which is part of the finding: another similar support is another finding.

    An unread part is the same finding when its text is reworded.
    """
    if "reason" in item:
        return {name: value for name, value in item.items() if name not in ("message", "expected")}
    return item.get("reporter"), item.get("ref")


def _at(place: Any, path: str) -> Any:
    for part in path.split(".") if path else ():
        place = place.get(part) if isinstance(place, dict) else None
    return place
