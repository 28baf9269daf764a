"""Changes to expressions: each is small, and a plausible mistake."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
"""The bound moved, and the opposite."""

OPERATORS: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}

_TOLD_WHOLE = (ast.expr, ast.keyword, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)


class IsBrokenBefore(Exception):
    """The tests, or a rule's examples, fail without any mutant."""


@dataclass(frozen=True)
class Mutant:
    """One change: its file, its position, and the source before and after."""

    file: str
    where: str
    before: str
    after: str

    def __str__(self) -> str:
        """Return the change for a terminal: in a long text, the difference with its surroundings."""
        start = _alike(self.before, self.after)
        end = _alike(self.before[start:][::-1], self.after[start:][::-1])
        before, after = (_excerpt(text, start, len(text) - end) for text in (self.before, self.after))
        return f"{self.file}:{self.where}: {before}  ->  {after}"


def _alike(one: str, other: str) -> int:
    """Return the number of equal characters at the beginning."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _excerpt(text: str, start: int, end: int, around: int = 40, longest: int = 80) -> str:
    first, last = max(0, start - around), min(len(text), end + around, start + longest)
    shown = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{shown}{'…' if last < len(text) else ''}"


@dataclass(frozen=True)
class Place:
    """The position of a node, where another node can be put."""

    parent: ast.AST
    name: str
    index: int | None
    node: ast.AST

    def put(self, other: ast.AST) -> None:
        """Put a node in the place of this one, or restore this one."""
        if self.index is None:
            setattr(self.parent, self.name, other)
        else:
            getattr(self.parent, self.name)[self.index] = other

    def told(self, other: ast.AST) -> tuple[str, str]:
        """Return the source before and after; a part of a line is shown with the expression that contains it."""
        whole = self.parent if isinstance(self.parent, _TOLD_WHOLE) else None
        before = ast.unparse(whole or self.node)
        self.put(other)
        after = ast.unparse(whole or other)
        self.put(self.node)
        return before, after


def children(parent: ast.AST) -> Iterator[Place]:
    """Return the places of the child nodes."""
    for name, value in ast.iter_fields(parent):
        if isinstance(value, ast.AST):
            yield Place(parent, name, None, value)
        elif isinstance(value, list):
            yield from (
                Place(parent, name, at, node) for at, node in enumerate(value) if isinstance(node, ast.AST)
            )


def changes(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the replacements of an expression. Its parts are changed when they are visited."""
    match node:
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BoolOp():
            yield from _clauses(node)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp() if type(node.op) in OPERATORS:
            yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
        case ast.Constant():
            yield from _constants(node.value)


def negated(test: ast.expr) -> Iterator[ast.expr]:
    """Return the opposite of a condition; none if a change of the condition is equal to it."""
    is_simple = isinstance(test, ast.Compare) and len(test.ops) == 1
    if not is_simple and not (isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)):
        yield ast.UnaryOp(ast.Not(), test)


def _comparisons(node: ast.Compare) -> Iterator[ast.expr]:
    for at, operation in enumerate(node.ops):
        for other in _COMPARISONS[type(operation)]:
            yield ast.Compare(node.left, [*node.ops[:at], other(), *node.ops[at + 1 :]], node.comparators)


def _clauses(node: ast.BoolOp) -> Iterator[ast.expr]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for at in range(len(node.values)):
        rest = [*node.values[:at], *node.values[at + 1 :]]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _constants(value: object) -> Iterator[ast.expr]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
    elif isinstance(value, str):
        yield ast.Constant("" if value else "x")
