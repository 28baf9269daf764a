"""JSON of requests and responses. Parsing is strict."""

import codecs
import json
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson

from shared.http.problems import BodyIsNotJson
from shared.i18n import ENGLISH, Text, translate

MAX_LEVELS = 100
"""The maximum nesting. Python's own limit differs between versions, and other parsers stop sooner."""

NOT_UTF_8 = Text("it is not UTF-8")
TOO_DEEP = Text("it is nested too deeply, more than {most} levels", most=MAX_LEVELS)


def read_json(body: bytes) -> Any:
    """Parse a request's body; raise `BodyIsNotJson`, also for NaN and for repeated names in an object.

    A byte order mark is ignored (RFC 8259, 8.1).
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_refuse_repeated,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError:
        raise BodyIsNotJson(NOT_UTF_8) from None
    except json.JSONDecodeError as error:
        raise BodyIsNotJson(reason_of(error), line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise BodyIsNotJson(TOO_DEEP) from None
    except ValueError as error:
        # Python refuses to read integers of more than 4,300 digits.
        raise BodyIsNotJson(Text("a number in it has too many digits")) from error
    if body.count(b"[") + body.count(b"{") > MAX_LEVELS:
        _refuse_deep(value)
    if b"\\u" in body:
        _refuse_unstorable(body)
    return value


_TRUNCATED = Text("the text is truncated, or a value is missing")
_TRAILING = "Illegal trailing comma"
_REASONS = {
    "Expecting value": Text("a value is missing, or a text has no quotation marks"),
    "Expecting ',' delimiter": Text("a comma or a closing bracket is missing"),
    "Expecting ':' delimiter": Text("a colon is missing after a name"),
    "Expecting property name enclosed in double quotes": Text("a name in double quotation marks is missing"),
    "Extra data": Text("text follows the end of the JSON"),
    "Unterminated string starting at": Text("a text has no closing quotation mark"),
    "Invalid control character at": Text(
        "a text has a line break or another control character that is not escaped"
    ),
    "Invalid \\escape": Text("a backslash begins no escape; a backslash itself is written as two"),
    "Invalid \\uXXXX escape": Text("an escape has not four hexadecimal digits"),
}
"""The reasons for which Python does not read a text, by the beginning of its message."""


def reason_of(error: json.JSONDecodeError) -> Text:
    """Return why a text is not JSON, in our own words."""
    if error.msg == "Expecting value" and not error.doc[error.pos :].strip():
        return _TRUNCATED
    if error.msg.startswith(_TRAILING):
        return Text("a value is missing after a comma")
    unknown = Text("it does not follow the grammar of JSON")
    return next((why for begin, why in _REASONS.items() if error.msg.startswith(begin)), unknown)


def same_json(value: Any) -> bytes:
    """Serialise a parsed value so that equal values have equal bytes, however they were written."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        return orjson.dumps(_integral(value), option=orjson.OPT_SORT_KEYS) if b".0" in text else text
    except (TypeError, ValueError):
        # Integers beyond 64 bits.
        return json.dumps(_integral(value), sort_keys=True).encode()


def _integral(value: Any) -> Any:
    """Return a value in which 1.0 is 1."""
    if isinstance(value, dict):
        return {name: _integral(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_integral(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def write_json(value: Any, language: str = ENGLISH) -> bytes:
    """Serialise the body of a response, with its texts in a language."""
    if language == ENGLISH:
        return orjson.dumps(value)
    return orjson.dumps(
        value,
        partial(_plain, language=language),
        orjson.OPT_PASSTHROUGH_SUBCLASS,
    )


def _plain(value: Any, *, language: str) -> Any:
    """Return a value of a subclass as one of the class that JSON knows."""
    if isinstance(value, Text):
        return str(translate(value, language))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def _refuse_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise BodyIsNotJson(Text("the name '{twice}' is repeated in one object", twice=twice[:100]))
    return found


def _refuse_constant(name: str) -> Any:
    raise BodyIsNotJson(Text("{name} is not a JSON number", name=name))


def _finite(digits: str) -> float:
    """Refuse numbers such as 1e999, which Python reads as infinity and JSON cannot express."""
    number = float(digits)
    if math.isinf(number):
        raise BodyIsNotJson(Text("the number {digits} is too large", digits=digits[:100]))
    return number


def _refuse_deep(value: Any) -> None:
    level = [value]
    for _ in range(MAX_LEVELS + 1):
        if not level:
            return
        parts = (each.values() if isinstance(each, dict) else each for each in level)
        level = [inner for part in parts for inner in part if isinstance(inner, dict | list)]
    raise BodyIsNotJson(TOO_DEEP)


def _refuse_unstorable(body: bytes) -> None:
    """Refuse half of a surrogate pair, which is no character, and NUL, which no text column holds."""
    text = json.dumps(json.loads(body), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BodyIsNotJson(Text("it has half of a surrogate pair, which is no character")) from None
    if "\\u0000" in text.replace("\\\\", ""):
        raise BodyIsNotJson(Text("it has a NUL character"))
