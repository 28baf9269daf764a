"""Words that several services use for the same thing."""

from collections.abc import Mapping

from shared.i18n import Text

KIND_TITLES: Mapping[str, Text] = {
    "need": Text("Needs"),
    "response": Text("Responses"),
    "support": Text("Support"),
}
"""The title of each kind of mapping."""

KIND_NAMES: Mapping[str, Text] = {
    "need": Text("need"),
    "response": Text("response"),
    "support": Text("support"),
}
"""The name of each kind within a sentence."""

VERDICT_REASONS: Mapping[str, Text] = {
    "first": Text("the first verdict"),
    "data_changed": Text("your data changed"),
    "rules_changed": Text("the rules changed"),
    "references_changed": Text("a record that you refer to changed"),
    "waiver_changed": Text("a waiver was granted or revoked"),
}
"""The reasons of verdicts, as their reporters read them. The first verdict on a submission has no change as its reason."""


def kind_name(kind: str) -> str:
    """Return the name of a kind within a sentence; an unknown kind is its own name."""
    return KIND_NAMES.get(kind, kind)


def pluralise(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: 1 rule, 2 rules, 1,000 deliveries."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
