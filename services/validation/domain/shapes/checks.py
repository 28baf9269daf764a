"""The check that comes before any rule: whether each field holds what it should.

It also makes the record that rules see: without what is missing, broken or unknown. Whatever JSON value
stands in a field, the rules never meet it unless it has the field's type.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from services.validation.domain.findings.findings import Fault, shown
from services.validation.domain.language.days import DAYS, FIRST_YEAR, LAST_YEAR
from shared.reference import is_missing
from shared.reference.fields import MAX_LIST, MAX_NUMBER, MAX_REF, MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.reference.fields import Field

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# No database takes a NUL, no UTF-8 a lone surrogate; and no screen shows the others.
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
    """Whether a text holds what cannot be shown or kept; line breaks and tabs can."""
    return _UNPRINTABLE.search(text) is not None


@dataclass(frozen=True)
class Sound:
    """What a record is worth to the rules: its sound fields, the names of the broken ones, and the faults."""

    record: dict[str, Any]
    broken: frozenset[str]
    faults: tuple[Fault, ...]


_NOTHING_BROKEN: frozenset[str] = frozenset()


def check_shape(record: Any, fields: Mapping[str, Field]) -> Sound:
    """Compare a record with its fields. A list or block with a fault in it is broken as a whole."""
    if not isinstance(record, dict):
        return Sound({}, frozenset(fields), (_not_a_record(record),))
    faults: list[Fault] = []
    sound, broken = _check_fields(record, fields, "", faults)
    return Sound(sound, frozenset(broken) if broken else _NOTHING_BROKEN, tuple(faults))


def _not_a_record(record: Any) -> Fault:
    message = f"Here a record is expected, but there is {shown(record)}."
    return Fault("STR-01", "", record, message, "A record: its fields and values in braces.")


def _check_fields(
    written: Mapping[str, Any], fields: Mapping[str, Field], at: str, faults: list[Fault]
) -> tuple[dict[str, Any], list[str]]:
    sound: dict[str, Any] = {}
    broken: list[str] = []
    for name, spec in fields.items():
        value = written.get(name)
        if is_missing(value):
            if spec.required:
                faults.append(_required(spec, f"{at}/{name}", value))
                broken.append(name)
            continue
        clean = _CHECKS[spec.type](value, spec, f"{at}/{name}", faults)
        if clean is not None:
            sound[name] = clean
        else:
            broken.append(name)
    if not fields.keys() >= written.keys():
        faults.extend(_unknown(name, fields, at, written[name]) for name in written if name not in fields)
    return sound, broken


def _required(spec: Field, at: str, value: Any) -> Fault:
    message = f"The field '{_named(at)}' is required, but nothing is given."
    return Fault("STR-02", at, value, message, f"Give {_described(spec)}.")


def _unknown(name: str, fields: Mapping[str, Field], at: str, value: Any) -> Fault:
    meant = _meant(name[:60], tuple(fields))
    message = f"There is no field {shown(name)} here, so what it says is not used.{meant}"
    return Fault("STR-06", f"{at}/{_escaped(name[:100])}", value, message, f"One of: {', '.join(fields)}.")


@lru_cache(maxsize=4_096)
def _meant(written: str, allowed: tuple[str, ...]) -> str:
    """What may have been meant; the same slip stands in many rows of a file."""
    near = get_close_matches(written, allowed, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def _named(at: str) -> str:
    """The field that a pointer leads to, as it is written in the rules: /themes/0/code is themes.code."""
    return ".".join(step for step in at.split("/") if step and not step.isdigit())


def _escaped(name: str) -> str:
    """A name as a JSON pointer writes it (RFC 6901)."""
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
    message = (
        f"The field '{_named(at)}' should be {_WORDS.get(spec.type, 'a code')}; here it is {shown(value)}."
    )
    return Fault("STR-03", at, value, message, f"{_described(spec).capitalize()}.")


def _check_text(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, str):
        faults.append(_mistyped(value, spec, at))
        return None
    longest = int(spec.at_most or MAX_TEXT)
    if len(value) > longest:
        message = f"The field '{_named(at)}' has {len(value)} characters; at most {longest} can be kept."
        faults.append(Fault("STR-05", at, value, message, f"A text of at most {longest} characters."))
        return None
    if not value.isprintable() and is_unprintable(value):
        message = f"The field '{_named(at)}' holds characters that cannot be shown or kept, such as control characters."
        faults.append(
            Fault("STR-03", at, value, message, "The same text, typed anew or pasted without formatting.")
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
        message = f"The field '{_named(at)}' names {shown(value)}, a day that no calendar has."
        faults.append(Fault("STR-03", at, value, message, "A day that exists, such as 2026-05-31."))
    else:
        message = f"The field '{_named(at)}' is {shown(value)}, which is out of range."
        faults.append(Fault("STR-05", at, value, message, f"A day in the years {FIRST_YEAR} to {LAST_YEAR}."))
    return None


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _check_code(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if isinstance(value, str) and value in spec.allowed:
        return value
    if isinstance(value, str):
        meant = _meant(value[:60].lower(), spec.allowed)
        message = f"{shown(value)} is not a code for '{_named(at)}'.{meant}"
        faults.append(Fault("STR-04", at, value, message, f"One of: {spec.choices}."))
    else:
        message = f"The field '{_named(at)}' is a code, and codes are texts; here it is {shown(value)}."
        faults.append(Fault("STR-04", at, value, message, f"In quotation marks, one of: {spec.choices}."))
    return None


def _check_number(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(_mistyped(value, spec, at))
        return None
    lowest = -MAX_NUMBER if spec.at_least is None else spec.at_least
    highest = MAX_NUMBER if spec.at_most is None else spec.at_most
    # NaN is neither: it compares false with everything.
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
    sound, broken = _check_fields(value, spec.fields, at, faults)
    return None if broken else sound


def _check_list(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, list):
        faults.append(_mistyped(value, spec, at))
        return None
    longest = int(spec.at_most or MAX_LIST)
    if len(value) > longest:
        message = (
            f"The list '{_named(at)}' has {len(value)} entries; at most {longest} can be kept in one record."
        )
        faults.append(Fault("STR-05", at, value, message, f"At most {longest} entries."))
        return None
    items = spec.items
    if items is None:
        return value
    check = _CHECKS[items.type]
    sound = [check(entry, items, f"{at}/{index}", faults) for index, entry in enumerate(value)]
    return None if any(entry is None for entry in sound) else sound


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
