"""The structural check of a record, before any rule: each field has its type and is within bounds.

The check also makes the record that rules read, without missing, invalid or unknown fields. Rules never read a value
that does not have its field's type.
"""

import math
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.validation.engine.domain.language.days import DAYS
from services.validation.engine.domain.shapes.faults import Fault
from services.validation.engine.domain.shapes.look_alike_codes import MAX_CODE, meant_code
from shared.reference import is_missing
from shared.reference.fields import MAX_LIST, MAX_NUMBER, MAX_REF, MAX_TEXT, Field
from shared.reference.refs import ref_key

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# No database stores a NUL, UTF-8 has no lone surrogates, and no screen displays the others.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


UNKNOWN_FIELD = "STR-06"
"""The rule about fields that records do not have."""


def is_unprintable(text: str) -> bool:
    """Check for characters that cannot be displayed or stored. Line breaks and tabs can."""
    return _UNPRINTABLE.search(text) is not None


@dataclass(frozen=True)
class CheckedRecord:
    """A record as rules read it: its valid fields, the names of its broken fields, and its faults.

    `absent` are required fields for which its table has no column. They are reported once for the table.
    """

    record: dict[str, Any]
    broken: frozenset[str]
    faults: tuple[Fault, ...]
    absent: tuple[Fault, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether the record has no fault."""
        return not (self.faults or self.absent)

    def without_columns(self, lacks: Callable[[str], bool]) -> "CheckedRecord":
        """Set apart the required fields for which the table `lacks` a column, given their pointers."""
        absent = tuple(each for each in self.faults if each.problem == "required" and lacks(each.at))
        return replace(self, faults=tuple(each for each in self.faults if each not in absent), absent=absent)

    def without_unknown(self, columns: Container[str]) -> "CheckedRecord":
        """Leave out the unknown fields that are columns of the table."""
        faults = (each for each in self.faults if each.rule != UNKNOWN_FIELD or each.path not in columns)
        return replace(self, faults=tuple(faults))


_NOTHING_BROKEN: frozenset[str] = frozenset()


def check_shape(record: Any, fields: Mapping[str, Field]) -> CheckedRecord:
    """Check a record against its fields. A list or block that contains a fault is broken as a whole."""
    if not isinstance(record, dict):
        return CheckedRecord({}, frozenset(fields), (Fault("STR-01", "", record, "no_record"),))
    faults: list[Fault] = []
    valid, broken = _check_fields(record, fields, "", faults)
    return CheckedRecord(valid, frozenset(broken) if broken else _NOTHING_BROKEN, tuple(faults))


def _check_fields(
    written: Mapping[str, Any], fields: Mapping[str, Field], at: str, faults: list[Fault]
) -> tuple[dict[str, Any], list[str]]:
    valid: dict[str, Any] = {}
    broken: list[str] = []
    for name, spec in fields.items():
        value = written.get(name)
        if is_missing(value):
            if spec.required:
                faults.append(Fault("STR-02", f"{at}/{name}", value, "required", spec))
                broken.append(name)
            continue
        checked = _CHECKS[spec.type](value, spec, f"{at}/{name}", faults)
        if checked is not None:
            valid[name] = checked
        else:
            broken.append(name)
    if not fields.keys() >= written.keys():
        faults.extend(
            Fault(UNKNOWN_FIELD, f"{at}/{_escaped(name[:100])}", written[name], "unknown", known=fields)
            for name in written
            if name not in fields
        )
    return valid, broken


def _escaped(name: str) -> str:
    """Escape a name for a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _check_text(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, str):
        faults.append(Fault("STR-03", at, value, "mistyped", spec))
        return None
    longest = int(spec.at_most or MAX_TEXT)
    if longest <= MAX_CODE and not value.isascii():
        fault = Fault("STR-04", at, value, "no_code", spec)
        if meant_code(value, spec, fault.path) not in (None, ref_key(value)):
            faults.append(fault)
            return None
    if len(value) > longest:
        faults.append(Fault("STR-05", at, value, "long_text", spec))
        return None
    if not value.isprintable() and is_unprintable(value):
        faults.append(Fault("STR-03", at, value, "unprintable", spec))
        return None
    return value


def _check_ref(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, str) or len(ref_key(value)) > MAX_REF:
        faults.append(Fault("STR-03", at, value, "mistyped", spec))
        return None
    if value == value.strip() and value.isprintable():
        return value
    faults.append(Fault("STR-03", at, value, "hidden_ref", spec))
    return None


def _check_date(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        faults.append(Fault("STR-03", at, value, "mistyped", spec))
        return None
    if value in DAYS:
        return value
    faults.append(
        Fault("STR-05", at, value, "far_day", spec)
        if _exists(value)
        else Fault("STR-03", at, value, "no_day", spec)
    )
    return None


def _exists(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _check_code(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if isinstance(value, str) and (code := ref_key(value)) in spec.accepted:
        return code
    faults.append(Fault("STR-04", at, value, "no_code", spec))
    return None


def _check_number(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        faults.append(Fault("STR-03", at, value, "mistyped", spec))
        return None
    lowest = -MAX_NUMBER if spec.at_least is None else spec.at_least
    highest = MAX_NUMBER if spec.at_most is None else spec.at_most
    # NaN compares false with everything, so it is out of range.
    if not lowest <= value <= highest:
        faults.append(Fault("STR-05", at, value, "out_of_range", spec))
        return None
    return value


def _check_integer(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        faults.append(Fault("STR-03", at, value, "mistyped", spec))
        return None
    return _check_number(value, spec, at, faults)


def _check_block(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, dict):
        faults.append(Fault("STR-03", at, value, "mistyped", spec))
        return None
    valid, broken = _check_fields(value, spec.fields, at, faults)
    return None if broken else valid


def _check_list(value: Any, spec: Field, at: str, faults: list[Fault]) -> Any:
    if not isinstance(value, list):
        faults.append(Fault("STR-03", at, value, "mistyped", spec))
        return None
    longest = int(spec.at_most or MAX_LIST)
    if len(value) > longest:
        faults.append(Fault("STR-05", at, value, "long_list", spec))
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
