"""The fast check of a record's shape: a generated function that is true only for records without any fault.

`checks` examines each record that the fast check rejects, and finds the faults. So the fast check may reject a valid
record, but it never accepts a faulty one; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.validation.engine.domain.language.days import DAYS
from services.validation.engine.domain.shapes.checks import is_unprintable
from services.validation.engine.domain.shapes.look_alike_codes import MAX_CODE
from shared.reference.fields import MAX_LIST, MAX_NUMBER, MAX_REF, MAX_TEXT, Field
from shared.reference.refs import ref_key


def compile_fast_check(fields: Mapping[str, Field]) -> Callable[[Any], bool]:
    """Compile the fast check of records with these fields."""
    source = _Source()
    source.add_block("made", fields)
    space: dict[str, Any] = source.constants | {"__builtins__": {}, "N": frozenset({int, float})}
    space |= {
        each.__name__: each for each in (type, str, int, dict, list, len, TypeError, is_unprintable, ref_key)
    }
    # The source consists of the words below, numbers, and names quoted by repr.
    exec(compile("\n".join(source.lines), "<shape>", "exec"), space)  # noqa: S102 - see above
    check: Callable[[Any], bool] = space["made"]
    return check


_DAYS = frozenset(DAYS)
_DAYS_OR_NONE = _DAYS | {None}


def _all_of(spec: Field) -> frozenset[Any] | None:
    """Return all values that a field may have; None for types that cannot be enumerated."""
    if spec.type == "date":
        return _DAYS
    return spec.accepted if spec.type == "code" else None


def _or_none(allowed: frozenset[Any]) -> frozenset[Any]:
    return _DAYS_OR_NONE if allowed is _DAYS else allowed | {None}


class _Source:
    """The source of the check: a function for each block, and the sets of allowed values."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}

    def add_block(self, name: str, fields: Mapping[str, Field]) -> None:
        """Write the function that checks a block of these fields."""
        body = [line for spec in fields.values() for line in self._field(spec)]
        names = self._constant(frozenset(fields))
        self.lines += [
            f"def {name}(w):",
            f" if type(w) is not dict or not {names}.issuperset(w): return False",
            " g = w.get",
            " try:",
            *(f" {line}" for line in body),
            " except TypeError:",
            # A list or a block is no key of a set.
            "  return False",
            " return True",
        ]

    def _field(self, spec: Field) -> Iterator[str]:
        """Write the check of a field. Codes and days are looked up in the set of allowed values, with None if optional."""
        allowed = _all_of(spec)
        if allowed is not None:
            names = self._constant(allowed if spec.required else _or_none(allowed))
            yield f" if g({spec.name!r}) not in {names}: return False"
            return
        yield f" v = g({spec.name!r})"
        yield f" if v is None: {'return False' if spec.required else 'pass'}"
        yield f" elif {self._fault('v', spec)}: return False"
        if spec.items is not None:
            yield " else:"
            yield "  for e in v:"
            yield f"   if {self._fault('e', spec.items)}: return False"

    def _fault(self, value: str, spec: Field) -> str:
        """Return the condition that a value may be faulty. The full check decides about empty values."""
        allowed = _all_of(spec)
        if allowed is not None:
            return f"{value} not in {self._constant(allowed)}"
        return self._FAULTS[spec.type](self, value, spec)

    def _text(self, value: str, spec: Field) -> str:
        # A text that sorts before "!" is empty, or begins with a blank or a control character. The blanks of other scripts
        # sort after it, and none of them is printable.
        longest = int(spec.at_most or MAX_TEXT)
        # A short text may be a code, whose letters may be others that look alike.
        is_short = f" or not {value}.isascii()" if longest <= MAX_CODE else ""
        return (
            f"type({value}) is not str or {value} < '!' or len({value}) > {longest}{is_short}"
            f" or not {value}.isprintable() and ({value}.isspace() or is_unprintable({value}))"
        )

    def _ref(self, value: str, spec: Field) -> str:  # noqa: ARG002 - all refs are alike
        return (
            f"type({value}) is not str or {value} < '!' or len({value}) > {MAX_REF}"
            f" or {value}[-1] == ' ' or not {value}.isprintable()"
            f" or not {value}.isascii() and len(ref_key({value})) > {MAX_REF}"
        )

    def _number(self, value: str, spec: Field) -> str:
        return f"type({value}) not in N or {self._out_of_range(value, spec)}"

    def _integer(self, value: str, spec: Field) -> str:
        return f"type({value}) is not int or {self._out_of_range(value, spec)}"

    def _out_of_range(self, value: str, spec: Field) -> str:
        lowest = -MAX_NUMBER if spec.at_least is None else spec.at_least
        highest = MAX_NUMBER if spec.at_most is None else spec.at_most
        return f"not {lowest!r} <= {value} <= {highest!r}"

    def _block(self, value: str, spec: Field) -> str:
        name = f"block{len(self.lines)}"
        self.add_block(name, spec.fields)
        return f"not {value} or not {name}({value})"

    def _list(self, value: str, spec: Field) -> str:
        longest = int(spec.at_most or MAX_LIST)
        return f"type({value}) is not list or not {value} or len({value}) > {longest}"

    def _constant(self, value: Any) -> str:
        name = f"C{len(self.constants)}"
        self.constants[name] = value
        return name

    _FAULTS: Mapping[str, Callable[[_Source, str, Field], str]] = {
        "ref": _ref,
        "text": _text,
        "number": _number,
        "integer": _integer,
        "block": _block,
        "list": _list,
    }
