"""Translation of expressions to Python source that consists of fixed words and quoted constants only.

A node without a translation is refused when the rules are loaded. Names are fields of the record shapes, attributes are
fields of blocks, and calls are functions of the table (`calls`). So no part of an expression runs as it was written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.validation.engine.domain.language.expression_errors import (
    NO_INDEXING,
    did_you_mean,
    find_error,
    find_separators,
    locate_error,
)
from services.validation.engine.domain.language.scopes import (
    LOOKED_UP,
    MAX_EXPRESSION_LENGTH,
    ExpressionIsRefused,
    Frame,
    Loads,
    Scope,
)
from shared.reference.fields import Field

MAX_NODES = 200
MAX_CONSTANT_LENGTH = 200
MAX_CONSTANT = 10**15

_SINGLE_BACKSLASH = re.compile(r"(?<!\\)(?:\\\\)*\\(?![\\'\"])")
"""Python accepts an unknown escape with a warning today, and will refuse it."""

_COMPARISONS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_ARITHMETIC: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


class Translation:
    """The translation of one expression: its names, operators and constants. `calls` adds calls.

    It collects the fields that the expression reads, and the values that must not be missing.
    """

    def __init__(self, scope: Scope, missing: str, loads: Loads) -> None:
        self.scope = scope
        self.missing = missing
        self.reads: set[str] = set()
        self.columns: set[str] = set()
        """The fields that the expression reads of other records; a submission rule receives only these."""
        self.is_tolerant = False
        """Whether the values that are read in the current part may be missing."""
        self.frames = [] if scope.item is None else [Frame("i0", scope.item, scope.item.name == "record")]
        self._loads = loads
        self._required: dict[str, None] = {}
        self.expression = ""

    def of(self, expression: str) -> str:
        """Translate one expression into Python source."""
        self.expression = expression
        if len(expression) > MAX_EXPRESSION_LENGTH:
            raise self.refusal(f"it is longer than {MAX_EXPRESSION_LENGTH} characters")
        tree = self._parsed(expression.strip())
        if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
            raise self.refusal(f"it has more than {MAX_NODES} parts")
        return self.visit(tree.body)

    def _parsed(self, expression: str) -> ast.Expression:
        if _SINGLE_BACKSLASH.search(expression):
            raise self.refusal("write a backslash in quotation marks twice")
        try:
            return ast.parse(expression, mode="eval")
        except SyntaxError as error:
            if (explanation := find_error(expression)) is not None:
                raise self.refusal(explanation) from None
            where = locate_error(expression, error.lineno, error.offset)
            raise self.refusal(f"it is malformed{where}") from None
        except (ValueError, RecursionError, MemoryError):
            raise self.refusal("it is malformed") from None

    @property
    def absence(self) -> str | None:
        """The condition that a required value is missing; None if no value is required."""
        if not self._required or self.missing == "given":
            return None
        return " or ".join(f"{each} is None" for each in self._required)

    def refusal(self, reason: str) -> ExpressionIsRefused:
        """Return the exception that refuses this expression."""
        return ExpressionIsRefused(self.expression, reason)

    def visit(self, node: ast.expr) -> str:
        """Translate one part of the expression. Raise ExpressionIsRefused."""
        translate_node = self.NODES.get(type(node))
        if translate_node is None:
            raise self.refusal(f"the rule language has no {type(node).__name__}")
        return translate_node(self, node)

    def _constant(self, node: Any) -> str:
        value = node.value
        if isinstance(value, str) and len(value) <= MAX_CONSTANT_LENGTH:
            return repr(value)
        if isinstance(value, bool) or (isinstance(value, int | float) and abs(value) <= MAX_CONSTANT):
            return repr(value)
        raise self.refusal("a constant must be a short text, a number, True or False")

    def _sequence(self, node: Any) -> str:
        if not all(isinstance(each, ast.Constant) for each in node.elts):
            separators = find_separators(self.expression)
            raise self.refusal(separators or "a list in brackets may hold constants only")
        return "(" + "".join(f"{self._constant(each)}, " for each in node.elts) + ")"

    def _both(self, node: Any) -> str:
        word = " and " if isinstance(node.op, ast.And) else " or "
        return "(" + word.join(self.visit(each) for each in node.values) + ")"

    def _unary(self, node: Any) -> str:
        if isinstance(node.op, ast.Not):
            return f"(not {self.visit(node.operand)})"
        if isinstance(node.op, ast.USub):
            return f"(-n({self.visit(node.operand)}))"
        raise self.refusal("the only signs before a value are 'not' and minus")

    def _arithmetic(self, node: Any) -> str:
        sign = _ARITHMETIC.get(type(node.op))
        if sign is None:
            raise self.refusal("the only arithmetic operators are +, -, * and /")
        return f"(n({self.visit(node.left)}) {sign} n({self.visit(node.right)}))"

    def _compare(self, node: Any) -> str:
        if self._compares_refs(node):
            equals = "==" if isinstance(node.ops[0], ast.Eq) else "!="
            return f"(k({self.visit(node.left)}) {equals} k({self.visit(node.comparators[0])}))"
        parts = [self.visit(node.left)]
        for operation, right in zip(node.ops, node.comparators, strict=True):
            sign = _COMPARISONS.get(type(operation))
            if sign is None:
                raise self.refusal("the language has no 'is'; compare with ==")
            parts += [sign, self.visit(right)]
        return f"({' '.join(parts)})"

    def _compares_refs(self, node: Any) -> bool:
        """Check whether two refs are compared, whose accents may be encoded differently."""
        sides = (node.left, *node.comparators)
        return (
            len(node.ops) == 1
            and isinstance(node.ops[0], ast.Eq | ast.NotEq)
            and all(isinstance(side, ast.Name | ast.Attribute) for side in sides)
            and any(self.resolve(side)[1].type == "ref" for side in sides)
        )

    def _path(self, node: Any) -> str:
        return self.resolve(node)[0]

    def resolve(self, node: ast.expr) -> tuple[str, Field]:
        """Return the source and the field of a name or dotted name. Raise ExpressionIsRefused."""
        if isinstance(node, ast.Subscript):
            raise self.refusal(NO_INDEXING)
        if not isinstance(node, ast.Name | ast.Attribute):
            raise self.refusal("the name of a field is expected here")
        first, *rest = self._parts(node)
        if first == "item":
            return self._item(rest)
        if first == "submission":
            return self._load("s", "s", self.scope.submission, rest)
        if first in LOOKED_UP and first in self.scope.names:
            return self._looked_up(first, rest)
        self.reads.add(first)
        return self._load("r", "r", self.scope.names, [first, *rest])

    def _parts(self, node: ast.expr) -> list[str]:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Subscript):
            raise self.refusal(NO_INDEXING)
        if not isinstance(node, ast.Name):
            raise self.refusal("a dot is allowed only between the names of a block and its field")
        return [node.id, *reversed(parts)]

    def _walk(self, source: str, fields: Mapping[str, Field], parts: Sequence[str]) -> tuple[str, Field]:
        """Translate a path into chained look-ups. Raise ExpressionIsRefused for a part that is not a field."""
        found: Field | None = None
        for at, part in enumerate(parts):
            if part not in fields:
                near = did_you_mean(part, fields)
                raise self.refusal(f"there is no field '{'.'.join(parts[: at + 1])}'{near}")
            found = fields[part]
            fields = found.fields
            is_last = at == len(parts) - 1
            source = f"{source}.get({part!r})" if is_last else f"({source}.get({part!r}) or E)"
        if found is None:
            raise self.refusal("the name of a field is expected here")
        return source, found

    def _load(
        self, variable: str, root: str, fields: Mapping[str, Field], parts: Sequence[str]
    ) -> tuple[str, Field]:
        source, found = self._walk(variable, fields, parts)
        if found.name == "records" and self.frames:
            raise self.refusal("the records cannot be read inside another list; use times()")
        return self._variable(source, root), found

    def _looked_up(self, name: str, rest: Sequence[str]) -> tuple[str, Field]:
        source, found = LOOKED_UP[name], self.scope.names[name]
        if rest:
            source, found = self._walk(f"({source} or E)", found.fields, rest)
        return self._variable(source, "x"), found

    def _variable(self, source: str, root: str) -> str:
        """Load each source once, and record whether the rule requires it."""
        variable = self._loads.variable(source, root)
        if not self.is_tolerant:
            self._required[variable] = None
        return variable

    def once(self, source: str) -> str:
        """Return the variable of a value that all records share."""
        return self._loads.variable(source, "s")

    def _item(self, rest: Sequence[str]) -> tuple[str, Field]:
        if not self.frames:
            raise self.refusal("'item' is defined only inside every(), some(), count() and for_each")
        frame = self.frames[-1]
        if frame.is_record:
            if not rest:
                raise self.refusal("an item that is a record needs a field, such as item.ref")
            self.columns.add(rest[0])
        if not rest:
            return frame.variable, frame.entry
        source, found = self._walk(frame.variable, frame.entry.fields, rest)
        if frame.variable == "i0":
            return self._variable(source, "i"), found
        if not self.is_tolerant:
            frame.required.append(source)
        return source, found

    NODES: Mapping[type[ast.expr], Callable[[Translation, Any], str]] = {
        ast.Constant: _constant,
        ast.Tuple: _sequence,
        ast.List: _sequence,
        ast.BoolOp: _both,
        ast.UnaryOp: _unary,
        ast.BinOp: _arithmetic,
        ast.Compare: _compare,
        ast.Name: _path,
        ast.Attribute: _path,
        ast.Subscript: _path,
    }
    """The translation of each kind of node."""
