"""The quick test of a record's shape: a generated function that is true only if nothing at all is to be said about it.

What it turns down is looked at again by `checks`, which finds the faults, and makes a clean record where there
are none. So the test may turn down a sound record, but never let a faulty one pass; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.validation.domain.language.days import DAYS
from services.validation.domain.shapes.checks import is_unprintable
from shared.reference.fields import MAX_LIST, MAX_NUMBER, MAX_REF, MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from shared.reference.fields import Field


def shape_test_of(fields: Mapping[str, Field]) -> Callable[[Any], bool]:
    """Make the test of records with these fields."""
    source = _Source()
    source.add_block("made", fields)
    space: dict[str, Any] = source.constants | {"__builtins__": {}, "N": frozenset({int, float})}
    space |= {each.__name__: each for each in (type, str, int, dict, list, len, TypeError, is_unprintable)}
    # Composed of the words below, of numbers, and of names quoted by repr.
    exec(compile("\n".join(source.lines), "<shape>", "exec"), space)  # noqa: S102 - see above
    test: Callable[[Any], bool] = space["made"]
    return test


_DAYS = frozenset(DAYS)
_DAYS_OR_NONE = _DAYS | {None}


def _all_of(spec: Field) -> frozenset[Any] | None:
    """All values that a field may have, where they can be told one by one."""
    if spec.type == "date":
        return _DAYS
    return frozenset(spec.allowed) if spec.type == "code" else None


def _or_none(allowed: frozenset[Any]) -> frozenset[Any]:
    return _DAYS_OR_NONE if allowed is _DAYS else allowed | {None}


class _Source:
    """The lines of the test, a function for every block, and the sets that they look things up in."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}

    def add_block(self, name: str, fields: Mapping[str, Field]) -> None:
        """Write the function that tests a block of these fields."""
        body = [line for spec in fields.values() for line in self._field(spec)]
        names = self._constant(frozenset(fields))
        self.lines += [
            f"def {name}(w):",
            f" if type(w) is not dict or not {names}.issuperset(w): return False",
            " g = w.get",
            " try:",
            *(f" {line}" for line in body),
            " except TypeError:",
            # A list or a block stands where a code or a day is looked up.
            "  return False",
            " return True",
        ]

    def _field(self, spec: Field) -> Iterator[str]:
        """A code or a day is looked up in the set of all that may stand there, None among them where it may be absent."""
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
        """The condition that something may be wrong with a value; what may be missing is for the slow check."""
        allowed = _all_of(spec)
        if allowed is not None:
            return f"{value} not in {self._constant(allowed)}"
        return self._FAULTS[spec.type](self, value, spec)

    def _text(self, value: str, spec: Field) -> str:
        # What comes before "!" is empty, or begins with a blank or a control character. Other scripts' blanks come after
        # it, and none of them is printable.
        longest = int(spec.at_most or MAX_TEXT)
        return (
            f"type({value}) is not str or {value} < '!' or len({value}) > {longest}"
            f" or not {value}.isprintable() and ({value}.isspace() or is_unprintable({value}))"
        )

    def _ref(self, value: str, spec: Field) -> str:  # noqa: ARG002 - all refs are alike
        return (
            f"type({value}) is not str or {value} < '!' or len({value}) > {MAX_REF}"
            f" or {value}[-1] == ' ' or not {value}.isprintable()"
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
