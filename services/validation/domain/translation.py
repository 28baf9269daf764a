"""From an expression to Python source, composed of our own words and quoted constants only.

What is not listed here does not exist: a node without a translation is refused when the rules are loaded. Names
are fields that the shapes know, attributes are fields of blocks, calls are the functions of the table. So nothing
of an expression is ever run as it was written.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.validation.domain.functions import FUNCTIONS, OF_CODE_LISTS, OF_LISTS, is_code_list
from services.validation.domain.patterns import PatternIsRefused, check_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from services.validation.domain.shapes import Field

LONGEST = 800
MOST_NODES = 200
LONGEST_CONSTANT = 200
LARGEST_CONSTANT = 10**15
DEEPEST = 2
"""Lists are walked inside one another at most so deep, which keeps the cost of a rule near linear."""

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


class ExpressionIsRefused(ValueError):
    """An expression says something that the language has no word for."""

    def __init__(self, expression: str, reason: str) -> None:
        super().__init__(f"{expression[:LONGEST]!r}: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Scope:
    """What the names of a rule stand for. `item` describes the entries of the list that the rule goes through."""

    names: Mapping[str, Field]
    submission: Mapping[str, Field]
    item: Field | None = None


@dataclass
class _Frame:
    """One walk through a list: its entry's variable and field, and the sources that must not be missing."""

    variable: str
    entry: Field
    required: list[str] = field(default_factory=list)


class Translation:
    """One expression, or a condition, on its way to source: what it reads, and what must not be missing."""

    def __init__(self, scope: Scope, missing: str) -> None:
        self.reads: set[str] = set()
        self._scope = scope
        self._missing = missing
        self._loads: dict[str, str] = {}
        self._required: dict[str, None] = {}
        self._is_tolerant = False
        self._frames: list[_Frame] = [] if scope.item is None else [_Frame("i0", scope.item)]
        self._expression = ""

    def of(self, expression: str) -> str:
        """Translate one expression into Python source."""
        self._expression = expression
        if len(expression) > LONGEST:
            raise self._refusal(f"it is longer than {LONGEST} characters")
        try:
            tree = ast.parse(expression.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise self._refusal("it cannot be read as an expression") from None
        if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
            raise self._refusal(f"it has more than {MOST_NODES} parts")
        return self._visit(tree.body)

    def loading(self, otherwise: str) -> list[str]:
        """Give the lines that fetch what the expression reads, and leave the rule where it is missing."""
        lines = [f" {variable} = {source}" for source, variable in self._loads.items()]
        if self._required and self._missing != "given":
            lines.append(f" if {' or '.join(f'{each} is None' for each in self._required)}: {otherwise}")
        return lines

    def _refusal(self, reason: str) -> ExpressionIsRefused:
        return ExpressionIsRefused(self._expression, reason)

    def _visit(self, node: ast.expr) -> str:
        translate_node = self._NODES.get(type(node))
        if translate_node is None:
            raise self._refusal(f"there is no {type(node).__name__} in the language of rules")
        return translate_node(self, node)

    def _constant(self, node: Any) -> str:
        value = node.value
        if isinstance(value, str) and len(value) <= LONGEST_CONSTANT:
            return repr(value)
        if isinstance(value, bool) or (isinstance(value, int | float) and abs(value) <= LARGEST_CONSTANT):
            return repr(value)
        raise self._refusal("a constant is a short text, a number, True or False")

    def _sequence(self, node: Any) -> str:
        if not all(isinstance(each, ast.Constant) for each in node.elts):
            raise self._refusal("a list in brackets holds constants only")
        return "(" + "".join(f"{self._constant(each)}, " for each in node.elts) + ")"

    def _both(self, node: Any) -> str:
        word = " and " if isinstance(node.op, ast.And) else " or "
        return "(" + word.join(self._visit(each) for each in node.values) + ")"

    def _unary(self, node: Any) -> str:
        if isinstance(node.op, ast.Not):
            return f"(not {self._visit(node.operand)})"
        if isinstance(node.op, ast.USub):
            return f"(-n({self._visit(node.operand)}))"
        raise self._refusal("of the signs there are only 'not' and minus")

    def _arithmetic(self, node: Any) -> str:
        sign = _ARITHMETIC.get(type(node.op))
        if sign is None:
            raise self._refusal("one may add, subtract, multiply and divide, nothing more")
        return f"(n({self._visit(node.left)}) {sign} n({self._visit(node.right)}))"

    def _compare(self, node: Any) -> str:
        parts = [self._visit(node.left)]
        for operation, right in zip(node.ops, node.comparators, strict=True):
            sign = _COMPARISONS.get(type(operation))
            if sign is None:
                raise self._refusal("'is' does not exist; compare with ==")
            parts += [sign, self._visit(right)]
        return f"({' '.join(parts)})"

    def _path(self, node: Any) -> str:
        return self._resolve(node)[0]

    def _resolve(self, node: ast.expr) -> tuple[str, Field]:
        """Give the source and the field that a name, or a dotted name, stands for."""
        if not isinstance(node, ast.Name | ast.Attribute):
            raise self._refusal("here the name of a field is expected")
        first, *rest = self._parts(node)
        if first == "item":
            return self._item(rest)
        if first == "submission":
            return self._load("s", self._scope.submission, rest)
        self.reads.add(first)
        return self._load("r", self._scope.names, [first, *rest])

    def _parts(self, node: ast.expr) -> list[str]:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            raise self._refusal("a dot stands only between the names of a block and its field")
        return [node.id, *reversed(parts)]

    def _walk(self, source: str, fields: Mapping[str, Field], parts: Sequence[str]) -> tuple[str, Field]:
        """Turn a path into chained look-ups; every part must be a field that the shapes know."""
        found: Field | None = None
        for at, part in enumerate(parts):
            if part not in fields:
                raise self._refusal(f"there is no field '{'.'.join(parts[: at + 1])}'")
            found = fields[part]
            fields = found.fields
            is_last = at == len(parts) - 1
            source = f"{source}.get({part!r})" if is_last else f"({source}.get({part!r}) or E)"
        if found is None:
            raise self._refusal("here the name of a field is expected")
        return source, found

    def _load(self, root: str, fields: Mapping[str, Field], parts: Sequence[str]) -> tuple[str, Field]:
        source, found = self._walk(root, fields, parts)
        if found.name == "records" and self._frames:
            raise self._refusal(
                "inside a walk through a list the records cannot be walked again; use times()"
            )
        return self._variable(source), found

    def _variable(self, source: str) -> str:
        """Fetch each source once, and note whether the rule can do without it."""
        variable = self._loads.setdefault(source, f"v{len(self._loads)}")
        if not self._is_tolerant:
            self._required[variable] = None
        return variable

    def _item(self, rest: Sequence[str]) -> tuple[str, Field]:
        if not self._frames:
            raise self._refusal("'item' has a meaning only inside every(), some(), count() and for_each")
        frame = self._frames[-1]
        if not rest:
            return frame.variable, frame.entry
        source, found = self._walk(frame.variable, frame.entry.fields, rest)
        if frame.variable == "i0":
            return self._variable(source), found
        if not self._is_tolerant:
            frame.required.append(source)
        return source, found

    def _call(self, node: Any) -> str:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self._refusal("a function is called by its name, with plain arguments")
        if any(isinstance(each, ast.Starred) for each in node.args):
            raise self._refusal("a function is called by its name, with plain arguments")
        name = node.func.id
        if name in ("every", "some", "count"):
            return self._over_list(name, node.args)
        if name not in FUNCTIONS:
            raise self._refusal(f"there is no function '{name}'")
        return self._plain_call(name, node.args)

    def _plain_call(self, name: str, arguments: Sequence[ast.expr]) -> str:
        function = FUNCTIONS[name]
        if not function.fewest <= len(arguments) <= function.most:
            raise self._refusal(f"{name}() does not take {len(arguments)} arguments")
        if function.literal is not None:
            self._check_literal(name, arguments[function.literal])
        outside, self._is_tolerant = self._is_tolerant, function.takes_missing
        if name == "times":
            sources = ["None", *(self._visit(each) for each in arguments[1:])]
        else:
            sources = [self._visit(each) for each in arguments]
        self._is_tolerant = outside
        if name in OF_LISTS:
            self._check_list(name, arguments)
        return f"f_{name}({', '.join(['x', *sources] if function.takes_context else sources)})"

    def _check_literal(self, name: str, argument: ast.expr) -> None:
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            raise self._refusal(f"{name}() wants a text in quotation marks there")
        if name in OF_CODE_LISTS and not is_code_list(argument.value):
            raise self._refusal(f"there is no code list '{argument.value}'")
        if name == "matches":
            try:
                check_pattern(argument.value)
            except PatternIsRefused as refused:
                raise self._refusal(str(refused)) from None

    def _check_list(self, name: str, arguments: Sequence[ast.expr]) -> None:
        if name == "times":
            records = self._scope.names.get("records")
            if not isinstance(arguments[0], ast.Name) or arguments[0].id != "records" or records is None:
                raise self._refusal("times() counts in the records of a submission")
            entry = records.items
        else:
            entry = self._resolve(arguments[0])[1].items
        wanted = arguments[1]
        if entry is None or not isinstance(wanted, ast.Constant) or wanted.value not in entry.fields:
            raise self._refusal(f"{name}() wants a list and the name of a field of its entries")

    def _over_list(self, name: str, arguments: Sequence[ast.expr]) -> str:
        if not arguments or len(arguments) > 2 or (name != "count" and len(arguments) == 1):  # noqa: PLR2004 - list and condition
            raise self._refusal(f"{name}() takes a list and a condition")
        outside, self._is_tolerant = self._is_tolerant, name == "count"
        source, found = self._resolve(arguments[0])
        self._is_tolerant = outside
        if found.items is None:
            raise self._refusal(f"{name}() wants a list")
        walked = f"({source} or ())" if name == "count" else source
        if len(arguments) == 1:
            return f"len({walked})"
        if len(self._frames) >= DEEPEST:
            raise self._refusal(f"lists are walked at most {DEEPEST} deep")
        frame = _Frame(f"i{len(self._frames) + 1}", found.items)
        self._frames.append(frame)
        outside, self._is_tolerant = self._is_tolerant, False
        condition = self._visit(arguments[1])
        self._is_tolerant = outside
        self._frames.pop()
        return self._loop(name, condition, frame, walked)

    def _loop(self, name: str, condition: str, frame: _Frame, walked: str) -> str:
        missing = " or ".join(f"{each} is None" for each in dict.fromkeys(frame.required))
        if missing and self._missing != "given":
            passes_over = name == "every" and self._missing == "skip"
            condition = (
                f"({missing}) or ({condition})" if passes_over else f"not ({missing}) and ({condition})"
            )
        loop = f"for {frame.variable} in {walked}"
        if name == "count":
            return f"sum(1 {loop} if ({condition}))"
        return f"{'all' if name == 'every' else 'any'}(({condition}) {loop})"

    _NODES: Mapping[type[ast.expr], Callable[[Translation, Any], str]] = {
        ast.Constant: _constant,
        ast.Tuple: _sequence,
        ast.List: _sequence,
        ast.BoolOp: _both,
        ast.UnaryOp: _unary,
        ast.BinOp: _arithmetic,
        ast.Compare: _compare,
        ast.Name: _path,
        ast.Attribute: _path,
        ast.Call: _call,
    }
