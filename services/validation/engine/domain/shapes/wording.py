"""The words of faults: what is wrong, why, and what would pass, in the terms of the reader.

A developer who sends JSON reads names of fields, codes and types. An officer who sends a table reads headings, labels, and
how to write a value into the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import Any

from services.validation.engine.domain.findings import shown
from services.validation.engine.domain.language.days import FIRST_YEAR, LAST_YEAR
from services.validation.engine.domain.shapes.causes.cells import Cause, is_placeholder
from services.validation.engine.domain.shapes.causes.explain import explain
from services.validation.engine.domain.shapes.faults import Fault
from services.validation.engine.domain.shapes.look_alike_codes import codelist_of, meant_code
from services.validation.engine.domain.shapes.sentences import JSON, JSON_KINDS
from services.validation.engine.domain.shapes.table_sentences import ABSENT, TABLE, TABLE_KINDS
from services.validation.engine.domain.words import Words
from shared.i18n import Text
from shared.i18n.days import day_of_year_text, day_text
from shared.reference import CODELISTS
from shared.reference.fields import MAX_LIST, MAX_NUMBER, MAX_REF, MAX_TEXT, Field
from shared.reference.look_alikes import Stranger, list_strangers, without_hidden
from shared.reference.spelling import nearest_code

MAX_CHARACTERS = 5
"""The maximum number of characters that a message names."""

_CHARACTERS = {
    "look-alike": Text("the {sign} is {script} (character {position})"),
    "blank": Text("character {position} is a special blank ({name})"),
    "invisible": Text("character {position} cannot be seen ({name})"),
}

MAX_SPLIT = 200
"""The maximum length of a text that is split into several entries."""


def describe_fault(fault: Fault, words: Words) -> tuple[Text, Text]:
    """Return what is wrong and what would pass."""
    sentences = TABLE if words.is_table else JSON
    reason, values = _FACTS.get(fault.problem, _plain)(fault, words)
    known = reason if reason in sentences else fault.problem
    return sentences[known].filled({**_values(fault, words), **values})


def describe_absent(path: str, spec: Field, words: Words) -> tuple[Text, Text]:
    """Describe a required field whose column the table lacks."""
    return ABSENT.filled({"field": words.field(path), "kind": _kind(spec, words)})


# --- The values of the templates --------------------------------------------------------------------------------------


def _values(fault: Fault, words: Words) -> dict[str, Any]:
    lowest, highest = _range(fault.spec)
    return {
        "field": words.field(fault.path),
        "value": shown(fault.value),
        "kind": _kind(fault.spec, words),
        "lowest": lowest,
        "highest": highest,
        "earliest": FIRST_YEAR,
        "latest": LAST_YEAR,
    }


def _range(spec: Field) -> tuple[float, float]:
    lowest = -MAX_NUMBER if spec.at_least is None else spec.at_least
    return lowest, MAX_NUMBER if spec.at_most is None else spec.at_most


def _kind(spec: Field, words: Words) -> Text:
    """Say which values a field accepts, with its bounds or its choices."""
    if spec.type == "code":
        choices = words.codes(spec.codelist or "", spec.allowed)
        if spec.also is not None:
            source = CODELISTS[spec.also].source
            choices = Text("{choices}; or a code of {source}", choices=choices, source=source)
        return Text(TABLE_KINDS["code"] if words.is_table else JSON_KINDS["code"], choices=choices)
    kind = Text((TABLE_KINDS if words.is_table else JSON_KINDS)[spec.type], longest=MAX_REF)
    if spec.type not in ("number", "integer") or (spec.at_least is None and spec.at_most is None):
        return kind
    if spec.at_most is None:
        return Text("{kind}, at least {lowest}", kind=kind, lowest=spec.at_least)
    if spec.at_least is None:
        return Text("{kind}, at most {highest}", kind=kind, highest=spec.at_most)
    return Text("{kind}, from {lowest} to {highest}", kind=kind, lowest=spec.at_least, highest=spec.at_most)


def _plain(fault: Fault, _words: Words) -> tuple[str, dict[str, Any]]:
    return fault.problem, {}


def _with_cause(fault: Fault, words: Words) -> tuple[str, dict[str, Any]]:
    """Name the cause of a faulty number or date, and the values that it may mean."""
    cause = explain(fault.value, fault.spec)
    if cause is None:
        return fault.problem, {}
    write = table_form if words.is_table else _json_form
    written = [write(each) for each in cause.readings]
    with_year = cause.reason == "serial"
    spoken = [_spoken(each, with_year=with_year) for each in cause.readings]
    values = {
        "written": Text("{first} or {second}", first=written[0], second=written[1])
        if len(written) > 1
        else "".join(written),
        "first": spoken[0] if spoken else "",
        "second": spoken[1] if len(spoken) > 1 else "",
        "found": cause.found,
        "number": cause.number,
    }
    return _reason(cause, fault.spec), values


def _reason(cause: Cause, spec: Field) -> str:
    """Return the key of the sentences: a cause with a known reading can name it."""
    if cause.reason == "placeholder":
        return "placeholder_required" if spec.required else "placeholder"
    needs_reading = cause.reason in (
        "words",
        "currency",
        "percent",
        "multiplied",
        "range",
        "several_numbers",
        "scientific",
    )
    return cause.reason if cause.readings or not needs_reading else f"{cause.reason}_unread"


def _spoken(reading: Any, *, with_year: bool) -> str:
    if not isinstance(reading, date):
        return f"{reading:,}"
    return day_text(reading) if with_year else day_of_year_text(reading)


def _json_form(reading: Any) -> str:
    return reading.isoformat() if isinstance(reading, date) else str(reading)


def table_form(reading: Any) -> str:
    """Write a value so that a cell is read as it in every language: 3.4.2027, 1250, 1,25."""
    if isinstance(reading, date):
        return f"{reading.day}.{reading.month}.{reading.year}"
    whole, _, part = (
        f"{reading:f}".rstrip("0").partition(".") if isinstance(reading, float) else (str(reading), "", "")
    )
    if not part:
        return whole
    # Three decimals could be thousands; a fourth one makes them decimals. No thousands begin with a zero.
    is_ambiguous = len(part) == 3 and not whole.lstrip("-").startswith("0")  # noqa: PLR2004 - see above
    return f"{whole},{part}0" if is_ambiguous else f"{whole},{part}"


def _no_code(fault: Fault, words: Words) -> tuple[str, dict[str, Any]]:
    spec, value = fault.spec, fault.value
    if not isinstance(value, str):
        return "no_text_code", {}
    if is_placeholder(value):
        return "no_code_required" if spec.required else "no_code_blank", {}
    codelist = spec.codelist or ""
    if (meant := meant_code(value, spec, fault.path)) is not None:
        meant_words = words.codes(codelist_of(spec, fault.path), [meant])
        return "look_alike_code", {"characters": _characters(list_strangers(value)), "near": meant_words}
    parts = [part for part in re.split(r"[;,/\n]", value[:MAX_SPLIT]) if part.strip()]
    entries = [nearest_code(part, codelist, spec.allowed) for part in parts]
    if len(parts) > 1 and all(entries):
        return "several_codes", {}
    near = nearest_code(value, codelist, spec.allowed)
    return ("no_code", {}) if near is None else ("near_code", {"near": words.codes(codelist, [near])})


def _hidden_ref(fault: Fault, _words: Words) -> tuple[str, dict[str, Any]]:
    """Name the characters of a ref that cannot be seen, or look like a blank."""
    hidden = [each for each in list_strangers(fault.value) if not each.meant.strip()]
    meant = " ".join(without_hidden(fault.value).split())
    if not meant or not meant.isprintable():
        return "mistyped", {}
    unseen = _characters(hidden) if hidden else Text("it has blanks or line breaks that cannot be seen")
    return "hidden_ref", {"characters": unseen, "meant": shown(meant)}


def _characters(unusual: Iterable[Stranger]) -> Text:
    """Name characters that look like others."""
    named = Text("")
    for each in islice(unusual, MAX_CHARACTERS):
        one = Text(
            _CHARACTERS[each.sort], sign=each.sign, position=each.position, script=each.script, name=each.name
        )
        named = Text("{named}; {one}", named=named, one=one) if named else one
    return named


def _unknown(fault: Fault, words: Words) -> tuple[str, dict[str, Any]]:
    inside, _, name = fault.path.rpartition(".")
    near = nearest_code(name, "", tuple(fault.known))
    values = {"name": shown(name), "names": ", ".join(fault.known)}
    if near is None:
        return "unknown", values
    return "near_unknown", {**values, "near": words.field(f"{inside}.{near}" if inside else near)}


def _long_text(fault: Fault, _words: Words) -> tuple[str, dict[str, Any]]:
    return "long_text", {"length": len(fault.value), "longest": int(fault.spec.at_most or MAX_TEXT)}


def _long_list(fault: Fault, _words: Words) -> tuple[str, dict[str, Any]]:
    return "long_list", {"length": len(fault.value), "longest": int(fault.spec.at_most or MAX_LIST)}


_FACTS = {
    "mistyped": _with_cause,
    "no_day": _with_cause,
    "no_code": _no_code,
    "hidden_ref": _hidden_ref,
    "unknown": _unknown,
    "long_text": _long_text,
    "long_list": _long_list,
}
