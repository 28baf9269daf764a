"""The structural check of a record, before any rule: each field has its type and is within bounds.

The check also makes the record that rules read, without missing, invalid or unknown fields. Rules never read a value
that does not have its field's type.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from services.validation.engine.domain.findings import Fault, shown
from services.validation.engine.domain.language.days import DAYS, FIRST_YEAR, LAST_YEAR
from shared.reference import is_missing
from shared.reference.fields import MAX_LIST, MAX_NUMBER, MAX_REF, MAX_TEXT, Field

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# No database stores a NUL, UTF-8 has no lone surrogates, and no screen displays the others.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

_WORDS = {
    "ref": f"a short identifier of at most {MAX_REF} characters, without blanks at its ends",
    "text": "a text",
    "date": "a date written as year-month-day, such as 2026-05-31",
    "number": "a number, written without quotation marks or thousands separators",
    "integer": "a whole number, written without quotation marks",
    "block": "a group of fields in braces",
    "list": "a list in square brackets",
}


def is_unprintable(text: str) -> bool:
    """Check for characters that cannot be displayed or stored. Line breaks and tabs can."""
    return _UNPRINTABLE.search(text) is not None


@dataclass(frozen=True)
class CheckedRecord:
    """A record as rules read it: its valid fields, the names of its broken fields, and its faults."""

    record: dict[str, Any]
    broken: frozenset[str]
    faults: tuple[Fault, ...]


_NOTHING_BROKEN: frozenset[str] = frozenset()


def check_shape(record: Any, fields: Mapping[str, Field]) -> CheckedRecord:
    """Check a record against its fields. A list or block that contains a fault is broken as a whole."""
    if not isinstance(record, dict):
        return CheckedRecord({}, frozenset(fields), (_not_a_record(record),))
    faults: list[Fault] = []
    valid, broken = _check_fields(record, fields, "", faults)
    return CheckedRecord(valid, frozenset(broken) if broken else _NOTHING_BROKEN, tuple(faults))


def _not_a_record(record: Any) -> Fault:
    message = f"A record is expected here, but the value is {shown(record)}."
    return Fault("STR-01", "", record, message, "A record: its fields and values in braces.")


def _check_fields(
    written: Mapping[str, Any], fields: Mapping[str, Field], at: str, faults: list[Fault]
) -> tuple[dict[str, Any], list[str]]:
    valid: dict[str, Any] = {}
    broken: list[str] = []
    for name, spec in fields.items():
        value = written.get(name)
        if is_missing(value):
            if spec.required:
                faults.append(_required(spec, f"{at}/{name}", value))
                broken.append(name)
            continue
        checked = _CHECKS[spec.type](value, spec, f"{at}/{name}", faults)
        if checked is not None:
            valid[name] = checked
        else:
            broken.append(name)
    if not fields.keys() >= written.keys():
        faults.extend(_unknown(name, fields, at, written[name]) for name in written if name not in fields)
    return valid, broken


def _required(spec: Field, at: str, value: Any) -> Fault:
    message = f"The field '{_named(at)}' is required, but missing."
    return Fault("STR-02", at, value, message, f"Give {_described(spec)}.")


def _unknown(name: str, fields: Mapping[str, Field], at: str, value: Any) -> Fault:
    meant = _meant(name[:60], tuple(fields))
    message = f"The field {shown(name)} is unknown here, so its value is not used.{meant}"
    return Fault("STR-06", f"{at}/{_escaped(name[:100])}", value, message, f"One of: {', '.join(fields)}.")


@lru_cache(maxsize=4_096)
def _meant(written: str, allowed: tuple[str, ...]) -> str:
    """Suggest the intended word. The result is cached, since many rows of a file share an error."""
    near = get_close_matches(written, allowed, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def _named(at: str) -> str:
    """Name a pointer's field as the rules write it: /themes/0/code is themes.code."""
    return ".".join(step for step in at.split("/") if step and not step.isdigit())


def _escaped(name: str) -> str:
    """Escape a name for a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _described(spec: Field) -> str:
    if spec.type == "code":
        return f"one of: {spec.choices}"
    return _WORDS[spec.type] + _range(spec)


def _range(spec: Field) -> str:
    if spec.type not in ("number", "integer") or (spec.at_least is None and spec.at_most is None):
        return ""
    if spec.at_most is None:
        return f", at least {spec.at_least}"
    return (
        f", from {spec.at_least} to {spec.at_most}"
        if spec.at_least is not None
        else f", at most {spec.at_most}"
    )


def _mistyped(value: Any, spec: Field, at: str) -> Fault:
    message = f"The field '{_named(at)}' must be {_WORDS.get(spec.type, 'a code')}, but it is {shown(value)}."
    return Fault("STR-03", at, value, message, f"{_described(spec).capitalize()}.")


def _check_text(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, str):
        faults.append(_mistyped(value, spec, at))
        return None
    longest = int(spec.at_most or MAX_TEXT)
    if len(value) > longest:
        message = f"The field '{_named(at)}' has {len(value)} characters; the maximum is {longest}."
        faults.append(Fault("STR-05", at, value, message, f"A text of at most {longest} characters."))
        return None
    if not value.isprintable() and is_unprintable(value):
        message = f"The field '{_named(at)}' contains characters that cannot be displayed or stored, such as control characters."
        faults.append(
            Fault("STR-03", at, value, message, "The same text, retyped or pasted without formatting.")
        )
        return None
    return value


def _check_ref(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if isinstance(value, str) and value == value.strip() and len(value) <= MAX_REF and value.isprintable():
        return value
    faults.append(_mistyped(value, spec, at))
    return None


def _check_date(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        faults.append(_mistyped(value, spec, at))
        return None
    if value in DAYS:
        return value
    if not _exists(value):
        message = f"The field '{_named(at)}' is {shown(value)}, a date that does not exist."
        faults.append(Fault("STR-03", at, value, message, "An existing date, such as 2026-05-31."))
    else:
        message = f"The field '{_named(at)}' is {shown(value)}, which is out of range."
        faults.append(
            Fault("STR-05", at, value, message, f"A date in the years {FIRST_YEAR} to {LAST_YEAR}.")
        )
    return None


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _check_code(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if isinstance(value, str) and value in spec.accepted:
        return value
    if isinstance(value, str):
        meant = _meant(value[:60].lower(), spec.allowed)
        message = f"{shown(value)} is not a code for '{_named(at)}'.{meant}"
        faults.append(Fault("STR-04", at, value, message, f"One of: {spec.choices}."))
    else:
        message = f"The field '{_named(at)}' must be a code, which is a text, but it is {shown(value)}."
        faults.append(Fault("STR-04", at, value, message, f"In quotation marks, one of: {spec.choices}."))
    return None


def _check_number(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(_mistyped(value, spec, at))
        return None
    lowest = -MAX_NUMBER if spec.at_least is None else spec.at_least
    highest = MAX_NUMBER if spec.at_most is None else spec.at_most
    # NaN compares false with everything, so it is out of range.
    if not lowest <= value <= highest:
        message = f"The field '{_named(at)}' is {shown(value)}, which is out of range."
        faults.append(Fault("STR-05", at, value, message, f"A number from {lowest} to {highest}."))
        return None
    return value


def _check_integer(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        faults.append(_mistyped(value, spec, at))
        return None
    return _check_number(value, spec, at, faults)


def _check_block(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, dict):
        faults.append(_mistyped(value, spec, at))
        return None
    valid, broken = _check_fields(value, spec.fields, at, faults)
    return None if broken else valid


def _check_list(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, list):
        faults.append(_mistyped(value, spec, at))
        return None
    longest = int(spec.at_most or MAX_LIST)
    if len(value) > longest:
        message = f"The list '{_named(at)}' has {len(value)} entries; the maximum in one record is {longest}."
        faults.append(Fault("STR-05", at, value, message, f"At most {longest} entries."))
        return None
    items = spec.items
    if items is None:
        return value
    check = _CHECKS[items.type]
    valid = [check(entry, items, f"{at}/{index}", faults) for index, entry in enumerate(value)]
    return None if any(entry is None for entry in valid) else valid


_CHECKS: Mapping[str, Callable[[Any, Field, str, list[Fault]], Any]] = {
    "ref": _check_ref,
    "text": _check_text,
    "date": _check_date,
    "code": _check_code,
    "number": _check_number,
    "integer": _check_integer,
    "block": _check_block,
    "list": _check_list,
}
