"""Mutants of a Python module. Docstrings, annotations, decorators and texts for people are unchanged."""

import ast
import re
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from types import CodeType

from tests.mutants.changes import OPERATORS, Mutant, Place, changes, children, negated

_UNSEEN = {"annotation", "returns", "decorator_list", "format_spec", "type_params"}
_CONDITIONS = {"test", "ifs"}

_SENTENCE = re.compile(r"[^\W\d_]+[,;:]?\s+[^\W\d_]+")
"""Two words in a row make a message: its wording is no behaviour. What a message says is filled in, and is changed."""


@dataclass(frozen=True)
class SourceMutant(Mutant):
    """A mutant of a module. `broken` changes the tree permanently: it is called once, in a process of its own."""

    broken: Callable[[], CodeType] = field(compare=False)


def mutants_of(source: str, file: str) -> Iterator[SourceMutant]:
    """Return every mutant of a module, from top to bottom."""
    tree = ast.parse(source)
    for place, is_inside in _places(tree, is_inside=False):
        for each in _others(place, is_inside=is_inside):
            other = ast.copy_location(copy(each), place.node)
            yield SourceMutant(
                file,
                str(place.node.lineno),
                *place.told(other),
                lambda place=place, other=other: _compiled(tree, file, place, other),
            )


def _compiled(tree: ast.Module, file: str, place: Place, other: ast.AST) -> CodeType:
    place.put(other)
    return compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)


def _places(parent: ast.AST, *, is_inside: bool, is_message: bool = False) -> Iterator[tuple[Place, bool]]:
    """Yield every node that may change, with whether it is inside a function."""
    is_inside = is_inside or isinstance(parent, ast.FunctionDef | ast.Lambda)
    for place in children(parent):
        node = place.node
        if place.name in _UNSEEN or _is_left_alone(node):
            continue
        is_said = is_message or isinstance(node, ast.Raise) or _is_sentence(node)
        if not (is_said and isinstance(node, ast.Constant)):
            yield place, is_inside
        yield from _places(node, is_inside=is_inside, is_message=is_said)


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.keyword(arg="repr"):  # how a value looks in a debugger
            return True
    return False


def _is_sentence(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(_is_sentence(each) for each in node.values)
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_SENTENCE.search(node.value))
    )


def _others(place: Place, *, is_inside: bool) -> Iterator[ast.AST]:
    yield from changes(place.node)
    if isinstance(place.node, ast.Call):
        yield from _calls(place.node)
    if place.name in _CONDITIONS and isinstance(place.node, ast.expr):
        yield from negated(place.node)
    if is_inside and isinstance(place.node, ast.stmt):
        yield from _statements(place.node)


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    """Drop an argument that may have a default: the last one, or a named one. Constants change where they are."""
    *others, last = node.args or [ast.Constant(None)]
    if others and not isinstance(last, ast.Constant):
        yield ast.Call(node.func, others, node.keywords)
    for at, keyword in enumerate(node.keywords):
        if not isinstance(keyword.value, ast.Constant):
            yield ast.Call(node.func, node.args, [*node.keywords[:at], *node.keywords[at + 1 :]])


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """Drop a statement, or its value."""
    match node:
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Assign() if not _is_none(node.value):
            yield ast.Assign(node.targets, ast.Constant(None))
        case ast.AnnAssign(value=ast.expr() as value) if not _is_none(value):
            yield ast.AnnAssign(node.target, node.annotation, ast.Constant(None), node.simple)
        case ast.AugAssign():
            yield ast.Pass()
            if type(node.op) in OPERATORS:
                yield ast.AugAssign(node.target, OPERATORS[type(node.op)](), node.value)
        case ast.Expr() | ast.Raise():
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
