"""JSON in and out: strict on the way in, canonical where content is compared."""

import json
import math
from typing import Any

import orjson

from shared.http.problems import BodyIsNotJson

MAX_LEVELS = 100
"""Objects and lists in each other: how many Python would read differs with its version, and other readers stop sooner."""

TOO_DEEP = f"it is nested too deeply, more than {MAX_LEVELS} levels"


def read_json(body: bytes) -> Any:
    """Parse a request's body; `BodyIsNotJson` also for what JSON does not define: NaN, names that come twice."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_each_once,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError:
        raise BodyIsNotJson("it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise BodyIsNotJson(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise BodyIsNotJson(TOO_DEEP) from None
    except ValueError as error:
        # Python refuses to read whole numbers of more than 4,300 digits.
        raise BodyIsNotJson("a number in it has too many digits") from error
    if body.count(b"[") + body.count(b"{") > MAX_LEVELS:
        _refuse_deep(value)
    if b"\\u" in body:
        _refuse_unstorable(body)
    return value


def write_json(value: Any) -> bytes:
    """A response's body."""
    return orjson.dumps(value)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise BodyIsNotJson(f"the name {twice[:100]!r} comes twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise BodyIsNotJson(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    """Python reads 1e999 as infinity, which nobody could write again."""
    number = float(digits)
    if math.isinf(number):
        raise BodyIsNotJson(f"the number {digits[:100]} is too large")
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
    """Half a surrogate pair is no character, and no text column holds NUL."""
    text = json.dumps(json.loads(body), ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BodyIsNotJson("it has half of a surrogate pair, which is no character") from None
    if "\\u0000" in text.replace("\\\\", ""):
        raise BodyIsNotJson("it has a NUL character")
