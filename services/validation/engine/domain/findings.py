"""Results of the engine: findings about records, and the judgement on a submission."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.i18n import Text
from shared.i18n.packing import pack_texts

SEVERITIES = ("blocker", "error", "warning", "info")
RETURNING = ("blocker", "error")
"""The severities that return a submission."""

OUTCOMES = ("passed", "failed", "skipped", "errored")

MAX_PLACES = 100
"""The maximum number of places per finding that reports list and that are tracked; the others are only counted."""

MAX_QUOTED = 80
MAX_VALUE = 500


@dataclass(frozen=True)
class Place:
    """A place that a rule found, with its message.

    `value` is the value there, shortened if it is long; `fingerprint` changes with the full value.
    """

    ref: str | None
    pointer: str
    value: Any
    fingerprint: str
    message: str
    expected: str

    @property
    def written(self) -> dict[str, Any]:
        """The fields as the report has them; `texts` are the templates and values of the message and of `expected`."""
        said = {"message": self.message, "expected": self.expected}
        texts = {name: text.written for name, text in said.items() if isinstance(text, Text)}
        return {**vars(self), **({"texts": texts} if texts else {})}


@dataclass(frozen=True)
class Finding:
    """A finding of a rule in `count` places of a submission, of which the first are listed."""

    rule: str
    version: str
    title: str
    severity: str
    outcome: str
    why: str
    reference: str
    count: int
    places: tuple[Mapping[str, Any], ...]
    cause: str | None = None
    """The error, if the rule broke."""
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The texts of the rule in other languages."""

    @property
    def written(self) -> dict[str, Any]:
        """The fields as the report has them."""
        optional = ("cause", "translations")
        of_rule = {name: value for name, value in vars(self).items() if name not in optional}
        given = {name: value for name in optional if (value := getattr(self, name))}
        left_out = self.count - len(self.places)
        places, texts = pack_texts(self.places)
        return {
            **of_rule,
            **given,
            "places": places,
            "left_out": left_out,
            **({"texts": texts} if texts["templates"] else {}),
        }


@dataclass(frozen=True)
class RulesetStamp:
    """The rules that judged: name, version, and the sha-256 of their content."""

    name: str
    version: str
    hash: str


@dataclass(frozen=True)
class Judgement:
    """The outcome and all findings. `counts` are places by severity, `rules` the outcomes of each rule.

    `faulty` are the indexes of all records with a place that returns the submission, and `faulty_places` their numbers of
    such places. `whole` tells whether a finding outside the records returns the submission. `reading` states what was read
    of the submitted file and what was not, as `Account.overview` does; None for records posted as JSON.
    """

    outcome: str
    records: int
    stamp: Mapping[str, Any]
    counts: Mapping[str, int]
    outcomes: Mapping[str, int]
    rules: Mapping[str, Mapping[str, Any]]
    findings: tuple[Finding, ...]
    faulty: Sequence[int] = ()
    faulty_places: Sequence[int] = ()
    whole: bool = False
    reading: Mapping[str, Any] | None = None

    @property
    def is_accepted(self) -> bool:
        """Whether the records will count."""
        return self.outcome == "accepted"

    def report(self) -> bytes:
        """Return the findings report: the same bytes for the same judgement, on every machine."""
        return canonical({**vars(self), "findings": [finding.written for finding in self.findings]})


def record_at(pointer: str) -> int | None:
    """Return the index of the record that a JSON pointer leads into, or None."""
    _, _, after = pointer.partition("/records/")
    index = after.partition("/")[0]
    return int(index) if index.isdecimal() else None


def unread_at(pointer: str) -> int | None:
    """Return the index of the unread part that a pointer leads to, or None."""
    index = pointer.removeprefix("/unread/")
    return int(index) if index != pointer and index.isdecimal() else None


def returns_submission(findings: Iterable[Mapping[str, Any]]) -> bool:
    """Check whether a finding outside the records returns the submission.

    Either all places of a rule are in records, or none is; the first place is always listed.
    """
    return any(
        finding["severity"] in RETURNING
        and finding["count"] > finding.get("excused", 0)
        and record_at(finding["places"][0]["pointer"]) is None
        for finding in findings
    )


def fingerprint(*values: Any) -> str:
    """Return 16 hexadecimal digits, equal for equal values."""
    return hashlib.sha256(canonical(values)).hexdigest()[:16]


def canonical(written: Any) -> bytes:
    """Write JSON with sorted keys and no spaces, in UTF-8. A lone surrogate, which UTF-8 cannot encode, becomes '?'."""
    text = json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode(errors="replace")


def shown(value: Any) -> str:
    """Return a value as a message quotes it: one line of limited length."""
    if value is None:
        return "nothing"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - beyond, a float has no cents
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    return _cut(value, MAX_QUOTED)


def bounded(value: Any) -> Any:
    """Return a value as a finding carries it: unchanged, or its beginning as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        written = _number(value)
        is_plain = abs(value) < 2**53
        return value if is_plain else written
    if isinstance(value, str):
        return value if len(value) <= MAX_VALUE else f"{value[:MAX_VALUE]}…"
    return _cut(value, MAX_VALUE)


def _number(value: float) -> str:
    if isinstance(value, int) and abs(value) >= 10**30:
        # Thousands of digits are expensive to write and tell a reader little.
        return f"a number of about {value.bit_length() * 3 // 10} digits"
    return str(value)


def _cut(value: Any, longest: int) -> str:
    if isinstance(value, str):
        text = value if len(value) <= longest else f"{value[:longest]}…"
        return f'"{text}"'
    text = _outline(value, longest)
    return text if len(text) <= longest else f"{text[:longest]}…"


def _outline(value: Any, longest: int) -> str:
    """Return the first entries of a list or block. The cost is limited whatever the depth and length."""
    if isinstance(value, dict):
        return _block(value, longest)
    if isinstance(value, list):
        inner = ", ".join(
            _block(entry, longest) if isinstance(entry, dict) else _leaf(entry) for entry in value[:4]
        )
        return "[" + inner + (", …]" if len(value) > 4 else "]")  # noqa: PLR2004 - four entries give the idea
    return "true" if value is True else "false" if value is False else str(value)


def _block(value: Mapping[str, Any], longest: int) -> str:
    inner = ", ".join(f"{str(key)[:longest]}: {_leaf(entry)}" for key, entry in list(value.items())[:4])
    return "{" + inner + (", …}" if len(value) > 4 else "}")  # noqa: PLR2004 - the same


def _leaf(entry: Any) -> str:
    if isinstance(entry, dict):
        return "{…}" if entry else "{}"
    if isinstance(entry, list):
        return "[…]" if entry else "[]"
    if isinstance(entry, str):
        return f'"{entry[:MAX_QUOTED]}"'
    return shown(entry)
